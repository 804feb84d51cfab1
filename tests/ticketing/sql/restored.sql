-- name: restored_day
INSERT INTO restored_day (service_day, epoch, lost, closed, noticed_at) VALUES ($1, 2, $2, $3, now());

-- name: second_epoch
UPDATE stream_counter SET epoch = 2, sequence = 0;

-- name: said
SELECT type, service_day, data FROM outbox ORDER BY position;

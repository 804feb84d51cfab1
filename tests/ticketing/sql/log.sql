-- name: log
SELECT sequence, type, subject, time, service_day, origin, data FROM outbox ORDER BY position;

-- name: fill
-- A backlog of $1 calls, as two weeks without a network leave it.
INSERT INTO outbox (position, epoch, sequence, id, type, subject, time, recorded, service_day, origin, data)
SELECT n, 1, n, gen_random_uuid(), 'visit.called.v1', gen_random_uuid(), now(), now(), current_date, 'live',
       '{"step":1,"counter":3,"call":1,"out_of_order":null}'
  FROM generate_series(1, $1::bigint) AS n;

-- name: count
UPDATE stream_counter SET position = $1, sequence = $1;

-- name: analyze
ANALYZE outbox;

-- name: fetch
SELECT * FROM outbox WHERE position > $1 ORDER BY position LIMIT 2000;

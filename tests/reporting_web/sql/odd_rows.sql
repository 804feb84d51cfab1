-- Rows that make no sense, of one site ($1), put beside its own by hand.

-- name: too_large_a_sum
UPDATE step_rollup SET wait_ms = 9000000000000000000 WHERE site = $1;

-- name: no_class
UPDATE step_rollup SET visitor_class = 'nobody' WHERE ctid = (
    SELECT ctid FROM step_rollup WHERE site = $1 ORDER BY service_day, service, visitor_class, hour LIMIT 1
);

-- name: a_class
UPDATE step_rollup SET visitor_class = 'normal', hour = 23
WHERE site = $1 AND visitor_class = 'nobody';

-- name: no_cell
UPDATE step_cells SET cell = -7, n = 1000 WHERE ctid = (
    SELECT ctid FROM step_cells WHERE site = $1
    ORDER BY service_day, service, visitor_class, hour, measure, cell LIMIT 1
);

-- name: too_many_answers
UPDATE feedback_rollup SET offers = 9000000000000000000 WHERE site = $1;

-- name: beat
INSERT INTO beats (site, stream, sent_at, received_at, epoch, last_sequence, backlog,
    oldest_unsent, relay, version, standards, disk_free_percent, certificate_until)
VALUES ($1, 'ticketing', $2, $2, 1, 9, 0, NULL, 'idle', '0.1.0', '0123456789ab', 40, NULL);

-- name: endless_beat
UPDATE beats SET sent_at = 'infinity', oldest_unsent = '-infinity' WHERE site = $1;

-- name: endless_queue
UPDATE steps SET entered_at = '-infinity', first_called_at = NULL, ended_at = NULL
WHERE site = $1;

-- name: allow_infinity
SELECT format('ALTER TABLE %I DROP CONSTRAINT %I', relname, conname) AS command
FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid
WHERE contype = 'c' AND pg_get_constraintdef(pg_constraint.oid) LIKE '%isfinite%';

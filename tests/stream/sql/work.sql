-- name: create
CREATE TABLE work (n bigserial PRIMARY KEY, day date NOT NULL, ms bigint NOT NULL);

-- name: insert
INSERT INTO work (day, ms) VALUES ($1, $2);

-- name: total
SELECT count(*) AS steps, coalesce(sum(ms), 0)::bigint AS ms FROM work WHERE day = $1;

-- name: log
SELECT position, epoch, sequence, id, type, time, recorded, service_day, data FROM outbox ORDER BY position;

-- name: positions
SELECT position FROM outbox ORDER BY position;

-- name: cursor
SELECT position FROM relay_cursor;

-- name: rewind
-- As if the process had died between the acknowledgement and the cursor's move.
UPDATE relay_cursor SET position = 0, epoch = NULL, sequence = NULL, event_id = NULL;

-- name: restore_to
-- As if the database had been restored to the moment after position $1.
DELETE FROM outbox WHERE position > $1;

-- name: restore_counter
UPDATE stream_counter SET position = $1, sequence = $1;

-- name: first_epoch
-- The backup is older than any restore.
UPDATE stream_counter SET epoch = 1;

-- name: not_healed_yet
DELETE FROM restored_day;

-- name: restored_days
SELECT service_day, epoch, lost, closed FROM restored_day ORDER BY service_day, epoch;

-- name: grant_log
GRANT SELECT ON outbox TO feedback_app;

-- name: grant_own
GRANT SELECT, INSERT, UPDATE ON outbox, stream_counter, followed TO feedback_app;

-- name: subjects
SELECT subject FROM outbox ORDER BY position;

-- name: make_unknown
UPDATE outbox SET type = 'visit.waved.v1';

-- name: partitions
SELECT first FROM outbox_partition ORDER BY first;

-- name: set_counter
UPDATE stream_counter SET position = $1;

-- name: move_cursor
UPDATE relay_cursor SET position = $1;

-- name: in_default
SELECT count(*) FROM outbox_rest;

-- name: drop_by_hand
DROP TABLE outbox_p0;

-- name: append_many
-- As many events in one transaction, as an import makes them.
WITH taken AS (
    UPDATE stream_counter SET sequence = sequence + $1, position = position + $1
    RETURNING epoch, sequence - $1 AS sequence, position - $1 AS position
)
INSERT INTO outbox (position, epoch, sequence, id, type, subject, time, recorded, service_day, origin, data)
SELECT taken.position + n, taken.epoch, taken.sequence + n, uuidv7(), 'visit.started.v1',
       gen_random_uuid(), now(), now(), DATE '2021-12-02', 'live', '{"step":1,"counter":1}'
  FROM taken, generate_series(1, $1::bigint) AS n;

-- name: forget_partitions
DELETE FROM outbox_partition;

-- name: last_epoch
UPDATE stream_counter SET epoch = 1000;

-- name: inbox_cursor
UPDATE inbox_cursor SET next_offset = $1;

-- name: close_day_as_before
-- As the release before did it.
SELECT pg_try_advisory_lock(hashtext(current_schema() || '/day'), $1::date - DATE '2000-01-01');

-- name: make_old
-- As a release without bounds wrote it, with a dead clock.
UPDATE outbox SET time = '-infinity', service_day = '0001-01-01' WHERE position = $1;

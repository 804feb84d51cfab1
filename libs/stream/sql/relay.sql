-- name: lock_relay
-- One relay a stream: the lock lives as long as the session, and its key holds the schema.
SELECT pg_try_advisory_lock(hashtext(current_schema() || '/relay'), 0);

-- name: cursor
SELECT position, epoch, sequence, event_id FROM relay_cursor;

-- name: epoch
SELECT epoch FROM stream_counter;

-- name: advance
UPDATE relay_cursor SET position = $1, epoch = $2, sequence = $3, event_id = $4;

-- name: unsent
-- Instants are written here as the envelope has them, which is cheaper than in the process.
SELECT position, epoch, sequence, id AS event_id, id::text AS id, type, subject::text AS subject,
       to_char(time AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS time,
       to_char(recorded AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS recorded,
       service_day::text AS service_day, origin, data
  FROM outbox
 WHERE position > $1
 ORDER BY position
 LIMIT $2;

-- name: sent_before
-- Some numbers of an epoch, behind position $4 and up to the cursor's.
SELECT position, epoch, sequence, id AS event_id, id::text AS id, type, subject::text AS subject,
       to_char(time AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS time,
       to_char(recorded AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS recorded,
       service_day::text AS service_day, origin, data
  FROM outbox
 WHERE epoch = $1 AND sequence BETWEEN $2 AND $3 AND position > $4 AND position <= $5
 ORDER BY position
 LIMIT $6;

-- name: at_position
SELECT position, epoch, sequence, id AS event_id, id::text AS id, type, subject::text AS subject,
       to_char(time AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS time,
       to_char(recorded AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS recorded,
       service_day::text AS service_day, origin, data
  FROM outbox
 WHERE position = $1;

-- name: twin
-- What this database holds at the place of the topic's newest event.
SELECT position, epoch, sequence, id AS event_id FROM outbox WHERE epoch = $1 AND sequence = $2;

-- name: standing
-- Where the stream ends, and what of it is unsent.
SELECT stream_counter.epoch, stream_counter.sequence,
       stream_counter.position - relay_cursor.position AS events,
       (SELECT recorded FROM outbox WHERE outbox.position > relay_cursor.position
         ORDER BY outbox.position LIMIT 1) AS oldest
  FROM stream_counter, relay_cursor;

-- name: backlog
-- Positions have no holes, so that the difference is the count.
SELECT stream_counter.position - relay_cursor.position AS events,
       (SELECT recorded FROM outbox WHERE outbox.position > relay_cursor.position
         ORDER BY outbox.position LIMIT 1) AS oldest
  FROM stream_counter, relay_cursor;

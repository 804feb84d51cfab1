-- name: outbox
-- Every event of a site's stream as the site holds it, in the order of its commits.
SELECT position, epoch, sequence, id::text AS id, type, subject::text AS subject,
       to_char(time AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS time,
       to_char(recorded AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS recorded,
       service_day::text AS service_day, origin, data
  FROM outbox
 ORDER BY position;

-- name: unsent
SELECT count(*) FROM outbox WHERE position > (SELECT position FROM relay_cursor);

-- name: written
SELECT count(*) FROM outbox;

-- name: arrived
SELECT envelope FROM events WHERE site = $1 AND stream = $2 ORDER BY epoch, sequence, id;

-- name: stored
-- Events of these sites that the nation holds.
SELECT count(*) FROM events WHERE site = ANY($1);

-- name: watermarks
SELECT site, stream, highest FROM streams WHERE site = ANY($1);

-- name: gaps
SELECT site, stream, first, last FROM gaps WHERE site = ANY($1);

-- name: quarantined
SELECT topic, reason, detail FROM quarantine WHERE split_part(topic, '.', 2) = ANY($1);

-- name: shown
-- How many visits the national rollups count, by site.
SELECT site, sum(steps)::bigint AS steps FROM step_rollup WHERE site = ANY($1) GROUP BY site;

-- name: issued
-- When each ticket was issued, in the order of the stream.
SELECT recorded FROM outbox WHERE type = 'visit.issued.v1' ORDER BY position;

-- name: let_events_repeat
-- For the mutant without a watermark: nothing else then stops an event from being stored twice.
ALTER TABLE events DROP CONSTRAINT events_pkey;

-- name: let_manifests_repeat
ALTER TABLE manifests DROP CONSTRAINT manifests_pkey;

-- name: number_by_sequence
-- For the mutant with an identity column: what a rollback takes, it never gives back.
CREATE SEQUENCE chaos_number;

-- name: grant_sequence
GRANT USAGE ON SEQUENCE chaos_number TO ticketing_app, feedback_app;

-- name: followed
SELECT coalesce(max(position), 0) FROM followed;

-- name: last
SELECT coalesce(max(position), 0) FROM outbox;

-- name: refused_of
-- What was kept apart of one site's messages.
SELECT reason, count(*) AS messages FROM quarantine WHERE split_part(topic, '.', 2) = $1
 GROUP BY reason ORDER BY reason;

-- name: stopped_of
-- Which streams of a site are not read on, and why.
SELECT stream, reason, detail FROM stopped_streams WHERE site = $1 ORDER BY stream;

-- name: lock_day_shared
-- The key holds the schema: advisory locks are per database, and a site's services share one. The
-- first and the last day of the calendar come as infinite ones, which have no distance.
SELECT pg_advisory_xact_lock_shared(
           hashtext(current_schema() || '/day'),
           CASE $1::date WHEN 'infinity' THEN 2147483647 WHEN '-infinity' THEN -2147483647
                         ELSE $1::date - DATE '2000-01-01' END);

-- name: lock_day_exclusive
SELECT pg_advisory_xact_lock(
           hashtext(current_schema() || '/day'),
           CASE $1::date WHEN 'infinity' THEN 2147483647 WHEN '-infinity' THEN -2147483647
                         ELSE $1::date - DATE '2000-01-01' END);

-- name: append
-- Takes the counter and writes the events in one round trip: the last statement before commit,
-- so that the counter's lock is held as briefly as can be. Its notice to other processes that the
-- log has grown is a hint, and travels with the commit.
WITH taken AS (
    UPDATE stream_counter
       SET sequence = sequence + $1, position = position + $1
    RETURNING epoch, sequence - $1 AS sequence, position - $1 AS position
)
INSERT INTO outbox (position, epoch, sequence, id, type, subject, time, recorded, service_day, origin, data)
SELECT taken.position + e.n, taken.epoch, taken.sequence + e.n,
       e.id, e.type, e.subject, e.time, e.recorded, e.service_day, e.origin, e.data
  FROM taken, unnest($2::uuid[], $3::text[], $4::uuid[], $5::timestamptz[], $6::timestamptz[],
                     $7::date[], $8::text[], $9::text[])
       WITH ORDINALITY AS e (id, type, subject, time, recorded, service_day, origin, data, n)
RETURNING pg_notify('outbox', current_schema());

-- Streams that are stopped, numbers that are missing, and numbers without an event.

-- name: stop
INSERT INTO stopped_streams AS s (site, stream, reason, detail)
SELECT k.site, k.stream, $1, k.detail
FROM unnest($2::text[], $3::text[], $4::text[]) AS k (site, stream, detail)
ON CONFLICT (site, stream) DO UPDATE
SET reason = excluded.reason, detail = excluded.detail, looked_at = now();

-- name: lift
DELETE FROM stopped_streams AS s
USING unnest($1::text[], $2::text[]) AS k (site, stream)
WHERE s.site = k.site AND s.stream = k.stream;

-- name: stopped
-- $1 is how long after a look a stream is tried again.
SELECT site, stream, reason, detail, since,
    reason <> 'gaps' AND looked_at <= now() - $1::interval AS due
FROM stopped_streams
ORDER BY site, stream;

-- name: gaps_by_stream
SELECT site, stream, count(*) AS gaps, sum(last - first + 1) AS numbers, min(noticed_at) AS since
FROM gaps
GROUP BY site, stream
ORDER BY site, stream;

-- name: vacancies_by_stream
SELECT site, stream, reason, sum(last - first + 1) AS numbers
FROM vacancies
GROUP BY site, stream, reason
ORDER BY site, stream, reason;

-- name: hold_stream
-- The lock under which one process at a time works on the stream.
SELECT epoch FROM streams
WHERE site = $1 AND stream = $2
ORDER BY epoch
FOR UPDATE;

-- name: accept_gaps
WITH given_up AS (
    DELETE FROM gaps WHERE site = $1 AND stream = $2
    RETURNING site, stream, epoch, first, last
)
INSERT INTO vacancies (site, stream, epoch, first, last, reason, finding)
SELECT site, stream, epoch, first, last, 'lost', $3 FROM given_up
RETURNING first, last;

-- name: vacate
-- What was refused takes its number. The same place may have been vacant before.
INSERT INTO vacancies (site, stream, epoch, first, last, reason, service_day, "offset")
SELECT k.site, k.stream, k.epoch, k.sequence, k.sequence, 'refused', k.service_day, k."offset"
FROM unnest($1::text[], $2::text[], $3::integer[], $4::bigint[], $5::date[], $6::bigint[])
    AS k (site, stream, epoch, sequence, service_day, "offset");

-- name: vacancies_at
-- The vacancies that hold any of some places.
SELECT DISTINCT v.site, v.stream, v.epoch, v.first, v.last, v.reason, v.service_day, v.finding,
    v.noted_at
FROM unnest($1::text[], $2::text[], $3::integer[], $4::bigint[])
    AS k (site, stream, epoch, sequence)
JOIN vacancies AS v
    ON v.site = k.site AND v.stream = k.stream AND v.epoch = k.epoch
    AND k.sequence BETWEEN v.first AND v.last
ORDER BY v.site, v.stream, v.epoch, v.first;

-- name: drop_vacancies
DELETE FROM vacancies AS v
USING unnest($1::text[], $2::text[], $3::integer[], $4::bigint[])
    AS k (site, stream, epoch, first)
WHERE v.site = k.site AND v.stream = k.stream AND v.epoch = k.epoch AND v.first = k.first;

-- name: narrow_vacancies
INSERT INTO vacancies (site, stream, epoch, first, last, reason, service_day, finding, noted_at)
SELECT * FROM unnest(
    $1::text[], $2::text[], $3::integer[], $4::bigint[], $5::bigint[], $6::text[], $7::date[],
    $8::text[], $9::timestamptz[]
);

-- name: vacancies_of_site
SELECT site, stream, epoch, first, last FROM vacancies WHERE site = $1
ORDER BY stream, epoch, first;


-- The nation's totals beside the sites' own. $1 and $2 are the first and last service day, $3 a
-- site's code, or null for all sites.

-- name: days
SELECT site, service_day, state, ticketing_revision, feedback_revision, detail, awaited
FROM site_days
WHERE service_day BETWEEN $1 AND $2 AND ($3::text IS NULL OR site = $3)
ORDER BY site, service_day;

-- name: totals
SELECT site, service_day, stream, revision, service, total, said, counted
FROM compared_totals
WHERE service_day BETWEEN $1 AND $2 AND ($3::text IS NULL OR site = $3)
ORDER BY site, service_day, stream, service NULLS FIRST, total;

-- name: unknown_services
-- Of each of some days, $1 and $2, the codes that are not counted under their own name: how many,
-- and the first few.
SELECT site, service_day, count(*) AS codes, (array_agg(service ORDER BY service))[:10] AS first
FROM (
    SELECT s.site, s.service_day, s.service
    FROM unnest($1::text[], $2::date[]) AS k (site, service_day)
    JOIN steps AS s USING (site, service_day)
    WHERE s.service IS NOT NULL AND s.visitor_class IS NOT NULL AND s.entered_at IS NOT NULL
        AND NOT EXISTS (
            SELECT FROM step_rollup AS r
            WHERE r.site = s.site AND r.service_day = s.service_day AND r.service = s.service
        )
    UNION
    SELECT a.site, a.visit_day, a.service
    FROM unnest($1::text[], $2::date[]) AS k (site, visit_day)
    JOIN responses AS a USING (site, visit_day)
    WHERE NOT EXISTS (
        SELECT FROM feedback_rollup AS r
        WHERE r.site = a.site AND r.service_day = a.visit_day AND r.service = a.service
    )
) AS seen
GROUP BY site, service_day
ORDER BY site, service_day;

-- name: refused
SELECT site, service_day, messages FROM refused_days
WHERE service_day BETWEEN $1 AND $2 AND ($3::text IS NULL OR site = $3)
ORDER BY site, service_day;

-- name: lost
SELECT site, stream, epoch, first, last, finding FROM vacancies
WHERE reason = 'lost' AND ($1::text IS NULL OR site = $1)
ORDER BY site, stream, epoch, first;

-- name: streams
-- Each run of numbers: how many events there should be, and how many there are. The highest
-- number itself must be there, or be vacant.
SELECT s.site, s.stream, s.epoch, s.highest,
    s.highest - coalesce((
        SELECT sum(g.last - g.first + 1)
        FROM gaps AS g
        WHERE g.site = s.site AND g.stream = s.stream AND g.epoch = s.epoch
    ), 0)::bigint - coalesce(v.numbers, 0)::bigint AS expected,
    coalesce(e.stored, 0) AS stored,
    greatest(coalesce(e.highest, 0), coalesce(v.highest, 0)) AS highest_stored
FROM streams AS s
LEFT JOIN LATERAL (
    SELECT count(*) AS stored, max(e.sequence) AS highest
    FROM events AS e
    WHERE e.site = s.site AND e.stream = s.stream AND e.epoch = s.epoch
) AS e ON true
LEFT JOIN LATERAL (
    SELECT sum(v.last - v.first + 1) AS numbers, max(v.last) AS highest
    FROM vacancies AS v
    WHERE v.site = s.site AND v.stream = s.stream AND v.epoch = s.epoch
) AS v ON true
WHERE $1::text IS NULL OR s.site = $1
ORDER BY s.site, s.stream, s.epoch;

-- name: messages
SELECT site, stream, epoch, sequence, envelope, digest
FROM events
WHERE service_day BETWEEN $1 AND $2 AND ($3::text IS NULL OR site = $3);

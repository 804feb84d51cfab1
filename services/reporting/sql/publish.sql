-- What dashboards read is written here, from what the pages' own code makes of the events.

-- name: mark
-- What lies outside of the calendar that can be published is never shown.
INSERT INTO stale_periods (kind, first_day)
SELECT $1, day FROM unnest($2::date[]) AS day
WHERE day BETWEEN DATE '1989-10-01' AND DATE '2100-12-31';

-- name: mark_every_day
INSERT INTO stale_periods (kind, first_day)
SELECT DISTINCT 'day', service_day FROM day_progress
WHERE service_day BETWEEN DATE '1989-10-01' AND DATE '2100-12-31';

-- name: stale
-- At most $5 periods of a kind: first the one of today ($2), then one after the other of two
-- queues, in each the one that has waited longest: the recent ones (from $3 to $2), which are
-- looked at most, and all others. However many days one site makes stale, it takes half the
-- places, and today's never. One that failed waits a minute, then twice as long each time.
SELECT first_day
FROM (
    SELECT first_day, min(id) AS since,
        row_number() OVER (
            PARTITION BY first_day BETWEEN $3::date AND $2::date ORDER BY min(id)
        ) AS place
    FROM stale_periods AS s
    WHERE kind = $1
        AND NOT EXISTS (
            SELECT FROM failed_periods AS f
            WHERE f.kind = s.kind AND f.first_day = s.first_day
                AND f.failed_at > $4::timestamptz
                    - least(interval '1 minute' * 2 ^ least(f.failures - 1, 10), interval '1 hour')
        )
    GROUP BY first_day
) AS waiting
ORDER BY first_day = $2::date DESC, place, since
LIMIT $5;

-- name: put_behind
INSERT INTO failed_periods AS f (kind, first_day, failures, failed_at, fault)
VALUES ($1, $2, 1, $3, $4)
ON CONFLICT (kind, first_day) DO UPDATE SET
    failures = least(f.failures + 1, 100), failed_at = excluded.failed_at, fault = excluded.fault;

-- name: thin_out
-- One mark is enough of a period that waits for another try.
DELETE FROM stale_periods
WHERE kind = $1 AND first_day = $2
    AND id > (SELECT min(id) FROM stale_periods WHERE kind = $1 AND first_day = $2);

-- name: forget_failures
DELETE FROM failed_periods WHERE kind = $1 AND first_day = $2;

-- name: failed_count
SELECT count(*) FROM failed_periods;

-- name: stale_rows
SELECT id FROM stale_periods WHERE kind = $1 AND first_day = $2;

-- name: settle
DELETE FROM stale_periods WHERE id = ANY ($1::bigint[]);

-- name: put_figures
-- Only what differs is written.
INSERT INTO published_figures AS f (
    place, kind, name, first_day, value, n, withheld, left_out
)
SELECT place, $1, name, $2, value, n, withheld, string_to_array(left_out, ' ')
FROM unnest(
    $3::text[], $4::text[], $5::double precision[], $6::bigint[], $7::boolean[], $8::text[]
) AS given (place, name, value, n, withheld, left_out)
ON CONFLICT (place, kind, name, begins) DO UPDATE SET
    value = excluded.value, n = excluded.n, withheld = excluded.withheld,
    left_out = excluded.left_out
WHERE (f.value, f.n, f.withheld, f.left_out)
    IS DISTINCT FROM (excluded.value, excluded.n, excluded.withheld, excluded.left_out);

-- name: drop_criteria
DELETE FROM published_criteria
WHERE kind = $1 AND begins = ($2::date)::timestamp AT TIME ZONE 'Asia/Bangkok'
    AND site <> ALL ($3::text[]);

-- name: put_criteria
INSERT INTO published_criteria (kind, first_day, site, code, edition, state, value, n, gap)
SELECT $1, $2, * FROM unnest(
    $3::text[], $4::text[], $5::text[], $6::text[], $7::double precision[], $8::bigint[],
    $9::double precision[]
);

-- name: drop_scorecards
DELETE FROM published_scorecards
WHERE kind = $1 AND begins = ($2::date)::timestamp AT TIME ZONE 'Asia/Bangkok'
    AND site <> ALL ($3::text[]);

-- name: put_scorecards
INSERT INTO published_scorecards (
    kind, first_day, site, edition, points, points_possible, level, days, complete_days
)
SELECT $1, $2, * FROM unnest(
    $3::text[], $4::text[], $5::integer[], $6::integer[], $7::text[], $8::integer[],
    $9::integer[]
);

-- name: unsettled_days
-- $3 days after $1 and before $2 whose state may still change by itself: by a gap that closes,
-- or by its absence.
SELECT DISTINCT service_day FROM published_days
WHERE state NOT IN ('complete', 'resolved') AND service_day > $1 AND service_day < $2
ORDER BY service_day
LIMIT $3;

-- name: drop_days
-- What is no longer due: a day that was missing, until the standards learnt of a holiday. The
-- sites $5 could not be read.
DELETE FROM published_days
WHERE service_day BETWEEN $1 AND $2
    AND (site, service_day) NOT IN (SELECT * FROM unnest($3::text[], $4::date[]))
    AND site <> ALL ($5::text[]);

-- name: put_days
INSERT INTO published_days AS d (site, service_day, state, detail, revision)
SELECT * FROM unnest($1::text[], $2::date[], $3::text[], $4::text[], $5::integer[])
ON CONFLICT (site, begins) DO UPDATE SET
    state = excluded.state, detail = excluded.detail, revision = excluded.revision
WHERE (d.state, d.detail, d.revision)
    IS DISTINCT FROM (excluded.state, excluded.detail, excluded.revision);

-- name: queues
-- Who waits at this moment, by the events that have come, beside the steps of the day so far. $1
-- is today.
SELECT site, coalesce(queue.waiting, 0) AS waiting, queue.since, day.steps
FROM (
    SELECT site, sum(steps)::bigint AS steps FROM step_rollup
    WHERE service_day = $1 AND site = ANY ($2::text[])
    GROUP BY site
) AS day
LEFT JOIN (
    SELECT site, count(*) AS waiting, min(entered_at) AS since
    FROM steps
    WHERE service_day = $1 AND first_called_at IS NULL AND ended_at IS NULL
        AND entered_at IS NOT NULL
    GROUP BY site
) AS queue USING (site);

-- name: put_queues
INSERT INTO published_queues (site, waiting, longest_wait_ms, withheld, looked_at)
SELECT site, waiting, longest, withheld, $5
FROM unnest($1::text[], $2::integer[], $3::bigint[], $4::boolean[])
    AS given (site, waiting, longest, withheld)
ON CONFLICT (site) DO UPDATE SET
    waiting = excluded.waiting, longest_wait_ms = excluded.longest_wait_ms,
    withheld = excluded.withheld, looked_at = excluded.looked_at;

-- name: put_sites
INSERT INTO published_sites (site, name_th, name_en, part, active)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::boolean[])
ON CONFLICT (site) DO UPDATE SET
    name_th = excluded.name_th, name_en = excluded.name_en, part = excluded.part,
    active = excluded.active;

-- name: put_names
INSERT INTO published_names (name, name_th, name_en, unit)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])
ON CONFLICT (name) DO UPDATE SET
    name_th = excluded.name_th, name_en = excluded.name_en, unit = excluded.unit;

-- name: put_editions
INSERT INTO published_editions (
    edition, name_th, name_en, holds_from, working_model, notice_th, notice_en
)
SELECT * FROM unnest(
    $1::text[], $2::text[], $3::text[], $4::date[], $5::boolean[], $6::text[], $7::text[]
)
ON CONFLICT (edition) DO UPDATE SET
    name_th = excluded.name_th, name_en = excluded.name_en, holds_from = excluded.holds_from,
    working_model = excluded.working_model, notice_th = excluded.notice_th,
    notice_en = excluded.notice_en;

-- name: put_edition_criteria
INSERT INTO published_edition_criteria (
    edition, code, position, part, kind, name_th, name_en, threshold, direction
)
SELECT * FROM unnest(
    $1::text[], $2::text[], $3::smallint[], $4::text[], $5::text[], $6::text[], $7::text[],
    $8::double precision[], $9::text[]
)
ON CONFLICT (edition, code) DO UPDATE SET
    position = excluded.position, part = excluded.part, kind = excluded.kind,
    name_th = excluded.name_th, name_en = excluded.name_en, threshold = excluded.threshold,
    direction = excluded.direction;

-- name: stale_count
SELECT count(DISTINCT (kind, first_day)) FROM stale_periods;

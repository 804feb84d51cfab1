-- What dashboards read is written here, from what the pages' own code makes of the events.

-- name: mark
INSERT INTO stale_periods (kind, first_day) SELECT $1, unnest($2::date[]);

-- name: mark_every_day
INSERT INTO stale_periods (kind, first_day)
SELECT DISTINCT 'day', service_day FROM day_progress;

-- name: stale
-- The newest first: they are looked at most.
SELECT first_day FROM stale_periods WHERE kind = $1 GROUP BY first_day ORDER BY first_day DESC
LIMIT $2;

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
WHERE kind = $1 AND begins = ($2::date)::timestamp AT TIME ZONE 'Asia/Bangkok';

-- name: put_criteria
INSERT INTO published_criteria (kind, first_day, site, code, edition, state, value, n, gap)
SELECT $1, $2, * FROM unnest(
    $3::text[], $4::text[], $5::text[], $6::text[], $7::double precision[], $8::bigint[],
    $9::double precision[]
);

-- name: drop_scorecards
DELETE FROM published_scorecards
WHERE kind = $1 AND begins = ($2::date)::timestamp AT TIME ZONE 'Asia/Bangkok';

-- name: put_scorecards
INSERT INTO published_scorecards (
    kind, first_day, site, edition, points, points_possible, level, level_with_evidence, days,
    complete_days
)
SELECT $1, $2, * FROM unnest(
    $3::text[], $4::text[], $5::integer[], $6::integer[], $7::text[], $8::text[], $9::integer[],
    $10::integer[]
);

-- name: unsettled_since
-- The first day whose state may still change by itself: by a gap that closes, or by its absence.
SELECT least($1::date, (
    SELECT min(service_day) FROM published_days WHERE state NOT IN ('complete', 'resolved')
));

-- name: drop_days
-- What is no longer due: a day that was missing, until the standards learnt of a holiday.
DELETE FROM published_days
WHERE service_day BETWEEN $1 AND $2
    AND (site, service_day) NOT IN (SELECT * FROM unnest($3::text[], $4::date[]));

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

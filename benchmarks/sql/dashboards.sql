-- A year of rollups without its events. $1 is the last day, $2 how many days before it.

-- name: steps
INSERT INTO step_rollup
SELECT site, day::date, service, 'normal', hour, 3, 3, 0, 0, 0, 0, 3, 1800000, 3, 900000, 2, 1, 3,
    0, 3, 0, 0, 0, 0, 3, 3, 3, 0, 0, 0, 0, 0
FROM unnest($3::text[]) AS site
CROSS JOIN generate_series($1::date - $2::integer, $1::date, interval '1 day') AS day
CROSS JOIN unnest(ARRAY['ADV', 'CMP', 'INF', 'MED']) AS service
CROSS JOIN generate_series(8, 15) AS hour
WHERE extract(isodow FROM day) < 6;

-- name: cells
INSERT INTO step_cells
SELECT site, service_day, service, visitor_class, hour, measure, 100 + 10 * turn + hour, 1
FROM step_rollup
CROSS JOIN unnest(ARRAY['wait', 'service']) AS measure
CROSS JOIN generate_series(1, 3) AS turn;

-- name: answers
INSERT INTO rating_rollup
SELECT site, service_day, service, dimension, level, 3, 3
FROM (SELECT DISTINCT site, service_day, service FROM step_rollup) AS days
CROSS JOIN unnest(ARRAY['process', 'staff', 'facilities', 'information']) AS dimension
CROSS JOIN generate_series(3, 5) AS level;

-- name: offers
INSERT INTO feedback_rollup
SELECT DISTINCT site, service_day, service, 24, 10, 9 FROM step_rollup;

-- name: visits
INSERT INTO visit_rollup SELECT DISTINCT site, service_day, 96, 96, 96, 99000000 FROM step_rollup;

-- name: mark
INSERT INTO stale_periods (kind, first_day) VALUES ($1, $2);

-- name: size
SELECT (SELECT count(*) FROM step_rollup) AS steps, (SELECT count(*) FROM step_cells) AS cells,
    (SELECT count(*) FROM published_figures) AS figures;

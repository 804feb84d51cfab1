-- Many published figures without playing a year: what a panel reads, at the size it will have.
-- $1 is the last day, $2 how many days before it.

-- name: switch_sites_on
UPDATE published_sites SET active = true;

-- name: figures
INSERT INTO published_figures (place, kind, name, first_day, value, n, withheld, left_out)
SELECT place, 'day', n.name, day::date,
    CASE n.unit WHEN 'share' THEN 0.8 WHEN 'milliseconds' THEN 300000 ELSE 40 END
        * (1 + 0.1 * sin(extract(day FROM day)::double precision)),
    40, false, '{}'
FROM (SELECT site AS place FROM published_sites UNION ALL VALUES ('nation'), ('pilots')) AS p
CROSS JOIN published_names AS n
CROSS JOIN generate_series($1::date - $2::integer, $1::date, interval '1 day') AS day
WHERE extract(isodow FROM day) < 6
ON CONFLICT DO NOTHING;

-- name: months
INSERT INTO published_figures (place, kind, name, first_day, value, n, withheld, left_out)
SELECT place, kind, n.name, day::date, 0.8, 900, false, '{}'
FROM (SELECT site AS place FROM published_sites UNION ALL VALUES ('nation'), ('pilots')) AS p
CROSS JOIN published_names AS n
CROSS JOIN (
    SELECT 'month' AS kind, generate_series(
        date_trunc('month', $1::date - $2::integer), $1::date, interval '1 month') AS day
    UNION ALL
    SELECT 'year', make_date(extract(year FROM $1::date - interval '9 months')::integer - y, 10, 1)
    FROM generate_series(0, 2) AS y
) AS periods
ON CONFLICT DO NOTHING;

-- name: criteria
INSERT INTO published_criteria (site, kind, first_day, code, edition, state, value, n, gap)
SELECT s.site, f.kind, f.first_day, c.code, c.edition, 'met', 0.8, 900, 0
FROM published_sites AS s
CROSS JOIN (SELECT DISTINCT kind, first_day FROM published_figures WHERE kind <> 'day') AS f
CROSS JOIN published_edition_criteria AS c
ON CONFLICT DO NOTHING;

-- name: scorecards
INSERT INTO published_scorecards (
    site, kind, first_day, edition, points, points_possible, level, level_with_evidence, days,
    complete_days
)
SELECT DISTINCT site, kind, first_day, edition, 12, 30, 'basic', 'advanced', 21, 20
FROM published_criteria
ON CONFLICT DO NOTHING;

-- name: days
INSERT INTO published_days (site, service_day, state, detail, revision)
SELECT site, day::date, 'complete', NULL, 1
FROM published_sites
CROSS JOIN generate_series($1::date - $2::integer, $1::date, interval '1 day') AS day
WHERE extract(isodow FROM day) < 6
ON CONFLICT DO NOTHING;

-- name: queues
INSERT INTO published_queues (site, waiting, longest_wait_ms, withheld, looked_at)
SELECT site, 7, 900000, false, now() FROM published_sites
ON CONFLICT (site) DO UPDATE SET waiting = 7, longest_wait_ms = 900000;

-- name: beats
INSERT INTO beats
SELECT site, stream, now(), now(), 1, 10, 0, NULL, 'sending', '0.1.0', '0123456789ab', 40,
    now() + interval '300 days'
FROM published_sites CROSS JOIN (VALUES ('ticketing'), ('feedback')) AS s (stream)
ON CONFLICT DO NOTHING;

-- name: notice
SELECT notice_th FROM published_editions WHERE working_model;

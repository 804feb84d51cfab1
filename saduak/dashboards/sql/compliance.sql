-- The standard: criteria and scorecards as the reporting service has judged them.

-- name: period_choices
SELECT 'month' AS __value, 'เดือน · Month' AS __text
UNION ALL
SELECT 'year', 'ปีงบประมาณ · Fiscal year';

-- name: site_choices
SELECT site AS __value, name_th || ' · ' || name_en AS __text
FROM watch.sites
WHERE active
ORDER BY part = 'model' DESC, part = 'rollout', site;

-- name: criterion_choices
SELECT code AS __value, code || ' ' || min(name_th) || ' · ' || min(name_en) AS __text
FROM watch.criterion_names
WHERE threshold IS NOT NULL
GROUP BY code
ORDER BY code;

-- name: notice
SELECT notice_th || ' · ' || notice_en AS notice
FROM watch.editions
WHERE working_model AND holds_from <= $__timeTo()::timestamptz::date
ORDER BY holds_from DESC LIMIT 1;

-- name: criteria_by_site
SELECT c.code || ' ' || c.name_th || ' · ' || c.name_en AS criterion, c.site, c.state
FROM watch.criteria AS c
WHERE c.period = '$period' AND c.site IN (${site:sqlstring})
    AND c.begins = (
        SELECT max(t.begins) FROM watch.totals AS t
        WHERE t.place = 'nation' AND t.period = '$period' AND t.figure = 'served'
            AND $__timeFilter(t.begins)
    )
ORDER BY c.position, c.site_part = 'model' DESC, c.site;

-- name: scorecards
SELECT c.site, c.site_th, c.site_en, c.points::double precision / c.points_possible AS score,
    c.points, c.points_possible, c.level,
    c.complete_days::double precision / nullif(c.days, 0) AS coverage, c.days,
    CASE WHEN c.working_model THEN 'แบบจำลอง · Working model' ELSE c.edition END AS judged_by
FROM watch.scorecards AS c
WHERE c.period = '$period' AND c.site IN (${site:sqlstring})
    AND c.begins = (
        SELECT max(t.begins) FROM watch.totals AS t
        WHERE t.place = 'nation' AND t.period = '$period' AND t.figure = 'served'
            AND $__timeFilter(t.begins)
    )
ORDER BY c.site_part = 'model' DESC, score DESC, c.site;

-- name: score_by_month
SELECT begins AS "time", site AS metric, points::double precision / points_possible AS value
FROM watch.scorecards
WHERE period = 'month' AND site IN (${site:sqlstring}) AND $__timeFilter(begins)
ORDER BY begins;

-- name: score_by_year
SELECT 'ปีงบฯ · FY ' || extract(year FROM (first_day + interval '1 year'))::integer + 543
        AS fiscal_year,
    avg(points::double precision / points_possible) FILTER (WHERE site_part = 'model')
        AS "สำนักงานต้นแบบ · Model office",
    avg(points::double precision / points_possible)
        FILTER (WHERE site_part IN ('central_pilot', 'provincial_pilot'))
        AS "เฉลี่ยสำนักงานนำร่อง · Mean of the pilots"
FROM watch.scorecards
WHERE period = 'year'
GROUP BY first_day
ORDER BY first_day;

-- name: criterion_by_month
SELECT begins AS "time", site AS metric, value
FROM watch.criteria
WHERE period = 'month' AND code = '$criterion' AND site IN (${site:sqlstring})
    AND $__timeFilter(begins)
ORDER BY begins;

-- name: pilots_beside_model
SELECT n.name_th, n.name_en, m.value AS model, m.n AS model_n, p.value AS pilots, p.n AS pilots_n,
    t.value AS nation, t.n AS nation_n
FROM watch.figure_names AS n
JOIN watch.figures AS m
    ON m.figure = n.figure AND m.period = '$period' AND m.part = 'model'
JOIN watch.totals AS p
    ON p.figure = n.figure AND p.period = '$period' AND p.place = 'pilots'
    AND p.begins = m.begins
JOIN watch.totals AS t
    ON t.figure = n.figure AND t.period = '$period' AND t.place = 'nation'
    AND t.begins = m.begins
WHERE n.unit = 'share' AND m.begins = (
        SELECT max(x.begins) FROM watch.totals AS x
        WHERE x.place = 'nation' AND x.period = '$period' AND x.figure = 'served'
            AND $__timeFilter(x.begins)
    )
ORDER BY n.name_en;

-- The wall screen. Grafana expands its macros; every figure is as it is published, so what is
-- null is withheld or not there.

-- name: waiting_now
SELECT sum(waiting) AS "รออยู่ · Waiting" FROM watch.queues;

-- name: longest_wait
SELECT max(longest_wait_ms) AS "รอนานที่สุด · Longest wait" FROM watch.queues;

-- name: served
SELECT value AS "ได้รับบริการ · Served"
FROM watch.totals
WHERE place = 'nation' AND period = 'day' AND figure = 'served' AND $__timeFilter(begins)
ORDER BY begins DESC LIMIT 1;

-- name: satisfaction
SELECT value AS "พึงพอใจ · Satisfied", n AS "n"
FROM watch.totals
WHERE place = 'nation' AND period = 'day' AND figure = 'satisfaction_top2'
    AND $__timeFilter(begins)
ORDER BY begins DESC LIMIT 1;

-- name: silent_sites
SELECT count(DISTINCT site) AS "เงียบ · Silent"
FROM watch.beats
WHERE received_at IS NULL OR received_at < now() - interval '10 minutes';

-- name: unsettled_days
SELECT count(*) FILTER (WHERE state = 'disputed') AS "ยอดไม่ตรง · Disputed",
    count(*) FILTER (WHERE state IN ('arriving', 'missing')) AS "ยังไม่ครบ · Not complete"
FROM watch.days
WHERE begins >= now() - interval '14 days';

-- name: every_site
WITH newest AS MATERIALIZED (
    SELECT max(begins) AS begins
    FROM watch.totals
    WHERE place = 'nation' AND period = 'day' AND figure = 'served' AND $__timeFilter(begins)
)
SELECT s.site, s.name_th, s.name_en, s.part,
    q.waiting, q.longest_wait_ms AS longest_wait,
    f.served, f.wait_p50, f.wait_p90, f.satisfied, f.ratings,
    d.state AS day_state,
    extract(epoch FROM now() - b.seen)::double precision AS silent_for
FROM watch.sites AS s
LEFT JOIN watch.queues AS q ON q.site = s.site
LEFT JOIN (
    SELECT site,
        max(value) FILTER (WHERE figure = 'served') AS served,
        max(value) FILTER (WHERE figure = 'wait_p50') AS wait_p50,
        max(value) FILTER (WHERE figure = 'wait_p90') AS wait_p90,
        max(value) FILTER (WHERE figure = 'satisfaction_top2') AS satisfied,
        max(n) FILTER (WHERE figure = 'satisfaction_top2') AS ratings
    FROM watch.figures
    WHERE period = 'day' AND begins = (SELECT begins FROM newest)
        AND figure IN ('served', 'wait_p50', 'wait_p90', 'satisfaction_top2')
    GROUP BY site
) AS f ON f.site = s.site
LEFT JOIN (
    SELECT site, state FROM watch.days WHERE begins = (SELECT begins FROM newest)
) AS d ON d.site = s.site
LEFT JOIN (SELECT site, min(received_at) AS seen FROM watch.beats GROUP BY site) AS b
    ON b.site = s.site
WHERE s.active
ORDER BY q.longest_wait_ms DESC NULLS LAST, q.waiting DESC NULLS LAST, s.site;

-- name: waits_lately
SELECT begins AS "time",
    max(value) FILTER (WHERE figure = 'wait_p50') AS "มัธยฐาน · Median",
    max(value) FILTER (WHERE figure = 'wait_p90') AS "P90"
FROM watch.totals
WHERE place = 'nation' AND period = 'day' AND figure IN ('wait_p50', 'wait_p90')
    AND $__timeFilter(begins)
GROUP BY begins
ORDER BY begins;

-- name: served_lately
SELECT begins AS "time",
    max(value) FILTER (WHERE figure = 'served') AS "ได้รับบริการ · Served",
    max(value) FILTER (WHERE figure = 'left_waiting') AS "ออกไปก่อน · Left"
FROM watch.totals
WHERE place = 'nation' AND period = 'day' AND figure IN ('served', 'left_waiting')
    AND $__timeFilter(begins)
GROUP BY begins
ORDER BY begins;

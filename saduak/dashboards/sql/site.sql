-- One site, from its queue now to its scorecard.

-- name: site_choices
SELECT site AS __value, name_th || ' · ' || name_en AS __text
FROM watch.sites
WHERE active
ORDER BY site;

-- name: queue
SELECT waiting AS "รออยู่ · Waiting" FROM watch.queues WHERE site = '$site';

-- name: longest_wait
SELECT longest_wait_ms AS "รอนานที่สุด · Longest wait" FROM watch.queues WHERE site = '$site';

-- name: silent_for
SELECT stream, extract(epoch FROM now() - received_at)::double precision AS silent_for
FROM watch.beats
WHERE site = '$site'
ORDER BY stream DESC;

-- name: services
SELECT stream, relay, version, standards, disk_free_percent / 100.0::double precision AS disk_free,
    backlog, extract(epoch FROM sent_at - oldest_unsent)::double precision AS oldest_unsent,
    extract(epoch FROM sent_at - received_at)::double precision AS clock_ahead,
    certificate_until
FROM watch.beats
WHERE site = '$site'
ORDER BY stream DESC;

-- name: days
SELECT d.service_day::text AS service_day, d.state, d.detail, d.revision,
    v.value AS visits, s.value AS served, w.value AS wait_p90
FROM watch.days AS d
LEFT JOIN watch.figures AS v
    ON v.site = d.site AND v.period = 'day' AND v.figure = 'visits' AND v.begins = d.begins
LEFT JOIN watch.figures AS s
    ON s.site = d.site AND s.period = 'day' AND s.figure = 'served' AND s.begins = d.begins
LEFT JOIN watch.figures AS w
    ON w.site = d.site AND w.period = 'day' AND w.figure = 'wait_p90' AND w.begins = d.begins
WHERE d.site = '$site' AND $__timeFilter(d.begins)
ORDER BY d.service_day DESC;

-- name: waits
SELECT begins AS "time",
    max(value) FILTER (WHERE figure = 'wait_p50') AS "มัธยฐาน · Median",
    max(value) FILTER (WHERE figure = 'wait_p90') AS "P90"
FROM watch.figures
WHERE site = '$site' AND period = 'day' AND figure IN ('wait_p50', 'wait_p90')
    AND $__timeFilter(begins)
GROUP BY begins
ORDER BY begins;

-- name: service_times
SELECT begins AS "time",
    max(value) FILTER (WHERE figure = 'service_p50') AS "มัธยฐาน · Median",
    max(value) FILTER (WHERE figure = 'service_p90') AS "P90"
FROM watch.figures
WHERE site = '$site' AND period = 'day' AND figure IN ('service_p50', 'service_p90')
    AND $__timeFilter(begins)
GROUP BY begins
ORDER BY begins;

-- name: outcomes
SELECT begins AS "time",
    max(value) FILTER (WHERE figure = 'served') AS "ได้รับบริการ · Served",
    max(value) FILTER (WHERE figure = 'left_waiting') AS "ออกไปก่อน · Left",
    max(value) FILTER (WHERE figure = 'no_show') AS "ไม่มา · No-show"
FROM watch.figures
WHERE site = '$site' AND period = 'day' AND figure IN ('served', 'left_waiting', 'no_show')
    AND $__timeFilter(begins)
GROUP BY begins
ORDER BY begins;

-- name: within_targets
SELECT begins AS "time",
    max(value) FILTER (WHERE figure = 'wait_within_target') AS "รอตามเป้า · Wait in target",
    max(value) FILTER (WHERE figure = 'service_within_announced')
        AS "บริการตามประกาศ · Service as announced"
FROM watch.figures
WHERE site = '$site' AND period = 'day'
    AND figure IN ('wait_within_target', 'service_within_announced') AND $__timeFilter(begins)
GROUP BY begins
ORDER BY begins;

-- name: satisfaction
SELECT begins AS "time",
    max(value) FILTER (WHERE figure = 'satisfaction_top2') AS "พึงพอใจ · Satisfied",
    max(value) FILTER (WHERE figure = 'response_rate') AS "อัตราตอบ · Response rate",
    max(value) FILTER (WHERE figure = 'staff_issued_share')
        AS "จากบัตรที่เจ้าหน้าที่ออก · On staff-issued tickets"
FROM watch.figures
WHERE site = '$site' AND period = 'day'
    AND figure IN ('satisfaction_top2', 'response_rate', 'staff_issued_share')
    AND $__timeFilter(begins)
GROUP BY begins
ORDER BY begins;

-- name: ratings
SELECT begins AS "time", n AS "n"
FROM watch.figures
WHERE site = '$site' AND period = 'day' AND figure = 'satisfaction_top2' AND $__timeFilter(begins)
ORDER BY begins;

-- name: scorecard
SELECT c.code, c.name_th, c.name_en, c.state, c.value, c.n, c.threshold, c.direction, c.gap,
    CASE WHEN c.working_model THEN 'แบบจำลอง · Working model' ELSE c.edition END AS judged_by
FROM watch.criteria AS c
WHERE c.site = '$site' AND c.period = 'month'
    AND c.begins = (
        SELECT max(t.begins) FROM watch.totals AS t
        WHERE t.place = 'nation' AND t.period = 'month' AND t.figure = 'served'
            AND t.begins <= $__timeTo()::timestamptz
    )
ORDER BY c.position;

-- name: notice
SELECT notice_th || ' · ' || notice_en AS notice
FROM watch.editions
WHERE working_model AND holds_from <= $__timeTo()::timestamptz::date
ORDER BY holds_from DESC LIMIT 1;

-- name: figures
WITH served AS (
    SELECT service, extract(epoch FROM first_called_at - queued_at) AS wait,
           extract(epoch FROM ended_at - started_at) AS service_time
      FROM step WHERE day = $1 AND outcome = 'served'
)
SELECT service, count(*) AS served,
       (SELECT count(*) FROM step
         WHERE step.day = $1 AND step.service = served.service AND outcome = 'left') AS "left",
       round(avg(wait), 2)::float8 AS mean_wait,
       round((percentile_cont(0.5) WITHIN GROUP (ORDER BY wait))::numeric, 1)::float8 AS p50,
       round((percentile_cont(0.9) WITHIN GROUP (ORDER BY wait))::numeric, 1)::float8 AS p90,
       round(100.0 * count(*) FILTER (WHERE wait <= 60) / count(*), 2)::float8 AS within_60_percent,
       round(avg(service_time), 2)::float8 AS mean_service
  FROM served GROUP BY service ORDER BY service;

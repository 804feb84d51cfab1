-- Sums of rollup rows for pages and API: $1 and $2 are the first and last service day. What is
-- over one site takes its code as $3. Histograms come as two arrays, a row a site: a national
-- month is 25,000 cells.

-- name: steps_by_site
SELECT site AS key, visitor_class,
       sum(steps)::bigint AS steps, sum(served)::bigint AS served,
       sum(no_show)::bigint AS no_show, sum(left_waiting)::bigint AS left_waiting,
       sum(removed)::bigint AS removed, sum(forgotten)::bigint AS forgotten,
       sum(wait_n)::bigint AS wait_n, sum(wait_ms)::bigint AS wait_ms,
       sum(service_n)::bigint AS service_n, sum(service_ms)::bigint AS service_ms,
       sum(wait_met)::bigint AS wait_met, sum(wait_missed)::bigint AS wait_missed,
       sum(service_met)::bigint AS service_met, sum(service_missed)::bigint AS service_missed,
       sum(calls_in_order)::bigint AS calls_in_order,
       sum(calls_out_of_order)::bigint AS calls_out_of_order,
       sum(implausible)::bigint AS implausible, sum(lunch_served)::bigint AS lunch_served,
       sum(after_hours_served)::bigint AS after_hours_served,
       sum(estimate_n)::bigint AS estimate_n, sum(estimate_within)::bigint AS estimate_within,
       sum(kiosk)::bigint AS kiosk, sum(counter)::bigint AS counter,
       sum(mobile)::bigint AS mobile, sum(online)::bigint AS online,
       sum(booked_n)::bigint AS booked_n, sum(booked_on_time)::bigint AS booked_on_time
  FROM step_rollup
 WHERE service_day BETWEEN $1 AND $2
 GROUP BY site, visitor_class;

-- name: cells_by_site
SELECT key, measure, array_agg(cell ORDER BY cell) AS cells, array_agg(n ORDER BY cell) AS counts
  FROM (SELECT site AS key, measure, cell, sum(n)::bigint AS n
          FROM step_cells
         WHERE service_day BETWEEN $1 AND $2
         GROUP BY site, measure, cell) AS summed
 GROUP BY key, measure;

-- name: visits_by_site
SELECT site AS key, sum(visits)::bigint AS visits, sum(ended)::bigint AS visits_ended,
       sum(total_n)::bigint AS total_n, sum(total_ms)::bigint AS total_ms
  FROM visit_rollup
 WHERE service_day BETWEEN $1 AND $2
 GROUP BY site;

-- name: feedback_by_site
SELECT site AS key, sum(offers)::bigint AS offers, sum(responses)::bigint AS responses,
       sum(cleaned_responses)::bigint AS cleaned_responses
  FROM feedback_rollup
 WHERE service_day BETWEEN $1 AND $2
 GROUP BY site;

-- name: ratings_by_site
SELECT site AS key, dimension, level, sum(n)::bigint AS n, sum(cleaned_n)::bigint AS cleaned_n
  FROM rating_rollup
 WHERE service_day BETWEEN $1 AND $2
 GROUP BY site, dimension, level;

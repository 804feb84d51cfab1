-- Sums of rollup rows for pages and API. $1 and $2 are the first and last service day, $3 the
-- sites' codes, $4 what the sums are by: 'site', 'service' or 'hour' (local hour of arrival).

-- name: steps
SELECT CASE $4::text WHEN 'site' THEN site WHEN 'service' THEN service ELSE hour::text END AS key,
       visitor_class,
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
 WHERE service_day BETWEEN $1 AND $2 AND site = ANY ($3::text[])
 GROUP BY 1, visitor_class;

-- name: cells
-- Two arrays a histogram, since a national month is 25,000 cells.
SELECT key, measure, array_agg(cell) AS cells, array_agg(n) AS counts
  FROM (SELECT CASE $4::text WHEN 'site' THEN site WHEN 'service' THEN service
                             ELSE hour::text END AS key,
               measure, cell, sum(n)::bigint AS n
          FROM step_cells
         WHERE service_day BETWEEN $1 AND $2 AND site = ANY ($3::text[])
         GROUP BY 1, measure, cell) AS summed
 GROUP BY key, measure;

-- name: visits
-- By site only: a visit can have several services and hours.
SELECT site AS key, sum(visits)::bigint AS visits, sum(ended)::bigint AS visits_ended,
       sum(total_n)::bigint AS total_n, sum(total_ms)::bigint AS total_ms
  FROM visit_rollup
 WHERE service_day BETWEEN $1 AND $2 AND site = ANY ($3::text[])
 GROUP BY site;

-- name: answers
-- By site or service.
SELECT CASE $4::text WHEN 'site' THEN site ELSE service END AS key,
       sum(offers)::bigint AS offers, sum(responses)::bigint AS responses,
       sum(cleaned_responses)::bigint AS cleaned_responses,
       sum(issuer_known)::bigint AS issuer_known, sum(staff_issued)::bigint AS staff_issued
  FROM feedback_rollup
 WHERE service_day BETWEEN $1 AND $2 AND site = ANY ($3::text[])
 GROUP BY 1;

-- name: ratings
-- By site or service.
SELECT CASE $4::text WHEN 'site' THEN site ELSE service END AS key, dimension, level,
       sum(n)::bigint AS n, sum(cleaned_n)::bigint AS cleaned_n
  FROM rating_rollup
 WHERE service_day BETWEEN $1 AND $2 AND site = ANY ($3::text[])
 GROUP BY 1, dimension, level;

-- name: reaches
-- Each of the sites' ($1) first and last known day, and when the last event of that last day
-- happened; of one whose time an earlier release stored and nobody can read, when it came.
SELECT ends.site, ends.first_day, ends.last_day,
       coalesce(max(event.happened_at), max(event.received_at)) AS until
  FROM (SELECT site, min(service_day) AS first_day, max(service_day) AS last_day
          FROM day_progress
         WHERE site = ANY ($1::text[])
         GROUP BY site) AS ends
  JOIN day_progress AS newest
    ON newest.site = ends.site AND newest.service_day = ends.last_day
  JOIN events AS event
    ON event.site = newest.site AND event.stream = newest.stream
   AND event.epoch = newest.last_epoch AND event.sequence = newest.last_sequence
 GROUP BY ends.site, ends.first_day, ends.last_day;

-- name: newest_day
SELECT max(service_day) FROM day_progress;

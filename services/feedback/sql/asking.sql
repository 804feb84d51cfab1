-- name: standing
-- What is known of a visit whose link is good: asked or not, answered or not, still under way.
SELECT (SELECT answered FROM offer WHERE visit = $1) AS answered,
       EXISTS (SELECT FROM open_visit WHERE visit = $1) AS under_way,
       EXISTS (SELECT FROM feedback_day WHERE service_day = $2 AND closed) AS day_closed;

-- name: newest_at_counter
-- Whom the tablet at a counter asks: the last one served there, unless the answer is in. Those
-- before have left, and nobody answers for them.
SELECT visit, service, service_day
  FROM (
      SELECT * FROM offer
       WHERE counter = $1 AND offered_at >= $2
       ORDER BY offered_at DESC
       LIMIT 1
  ) AS newest
 WHERE NOT answered;

-- name: served_at_counter
SELECT EXISTS (SELECT FROM offer WHERE visit = $1 AND counter = $2);

-- name: measures
-- Answers that wait for a day to open, and events of ticketing's log not followed yet.
SELECT (SELECT count(*) FROM response WHERE counted_day IS NULL) AS held,
       coalesce((SELECT max(position) FROM ticketing.outbox), 0)
           - coalesce((SELECT position FROM followed WHERE source = 'ticketing'), 0) AS behind;

-- name: key
SELECT key FROM site_key;

-- name: standing
-- What is known of a visit whose link is good: asked or not, answered or not, still under way.
SELECT (SELECT answered FROM offer WHERE visit = $1) AS answered,
       EXISTS (SELECT FROM open_visit WHERE visit = $1) AS under_way,
       EXISTS (SELECT FROM feedback_day WHERE service_day = $2 AND closed) AS day_closed;

-- name: newest_at_counter
-- Whom the tablet at a counter asks: the newest served there who has not answered.
SELECT visit, service, service_day
  FROM offer
 WHERE counter = $1 AND NOT answered AND offered_at >= $2
 ORDER BY offered_at DESC
 LIMIT 1;

-- name: served_at_counter
SELECT EXISTS (SELECT FROM offer WHERE visit = $1 AND counter = $2);

-- name: held
-- Answers that wait for a day to open.
SELECT count(*) FROM response WHERE counted_day IS NULL;

-- name: key
SELECT key FROM site_key;

-- name: open_day
-- A day that was closed by mistake goes on; one that is open already stays as it is.
INSERT INTO feedback_day AS known (service_day, origin) VALUES ($1, $2)
ON CONFLICT (service_day) DO UPDATE SET closed = false
  WHERE known.closed AND known.origin <> 'import'
RETURNING service_day;

-- name: forget_open_visits
-- Visits that an earlier day's closing ended: that day can't go on any more.
DELETE FROM open_visit WHERE service_day < $1;

-- name: count_held
-- Answers that came while no day was open count on the one that opens. Their order tells nothing
-- of the order they came in.
WITH counted AS (
    UPDATE response SET counted_day = $1 WHERE counted_day IS NULL RETURNING response.*
)
SELECT * FROM counted ORDER BY subject;

-- name: begin_visit
INSERT INTO open_visit (visit, service_day, step, service, entered_at, staff_issued)
VALUES ($1, $2, $3, $4, $5, $6);

-- name: note_call
-- The first call ends the wait; the last one says at which counter.
UPDATE open_visit
   SET first_called_at = coalesce(first_called_at, $3), counter = $4
 WHERE visit = $1 AND step = $2;

-- name: note_start
UPDATE open_visit SET counter = $3 WHERE visit = $1 AND step = $2;

-- name: end_visit
DELETE FROM open_visit WHERE visit = $1 RETURNING *;

-- name: offer
INSERT INTO offer (visit, service_day, origin, step, service, waiting_band, counter, offered_at,
                   staff_issued)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: close_day
-- Whether the day was still open, and what its last manifest said.
WITH known AS (
    SELECT closed FROM feedback_day WHERE service_day = $1
), now_closed AS (
    INSERT INTO feedback_day (service_day, origin, closed) VALUES ($1, $2, true)
    ON CONFLICT (service_day) DO UPDATE SET closed = true
)
SELECT coalesce((SELECT NOT closed FROM known), true) AS was_open;

-- name: newest_manifest
SELECT revision, totals FROM manifest WHERE service_day = $1 ORDER BY revision DESC LIMIT 1;

-- name: keep_manifest
INSERT INTO manifest (service_day, revision, totals) VALUES ($1, $2, $3);

-- name: totals
-- Summed from the rows themselves: the nation sums events, and agreement proves something.
SELECT service,
       sum(offers)::integer AS offers,
       sum(responses)::integer AS responses,
       sum(ratings)::integer AS ratings,
       sum(levels)::integer AS levels
  FROM (
      SELECT service, 1 AS offers, 0 AS responses, 0 AS ratings, 0 AS levels
        FROM offer
       WHERE service_day = $1
      UNION ALL
      SELECT service, 0, 1,
             num_nonnulls(process, staff, facilities, information),
             coalesce(process, 0) + coalesce(staff, 0) + coalesce(facilities, 0)
                 + coalesce(information, 0)
        FROM response
       WHERE counted_day = $1
  ) AS counted
 GROUP BY service
 ORDER BY service COLLATE "C";

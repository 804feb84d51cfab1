-- name: open_day
-- The open feedback day; the newest, if one before it was never closed. An imported day takes no
-- answers.
SELECT max(service_day) FROM feedback_day WHERE NOT closed AND origin <> 'import';

-- name: hold_offer
-- The row's lock makes several sendings of one answer wait for each other.
SELECT service_day, origin, service, waiting_band, staff_issued
  FROM offer WHERE visit = $1 FOR UPDATE;

-- name: answer_to
SELECT * FROM response WHERE reference = $1;

-- name: keep_answer
-- No row comes back if the id stands already, on the answer to another visit.
INSERT INTO response (reference, response, given_hour, visit_day, counted_day, origin, service,
                      waiting_band, language, channel, screening,
                      process, staff, facilities, information, staff_issued)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
ON CONFLICT (response) DO NOTHING
RETURNING *;

-- name: mark_answered
UPDATE offer SET answered = true WHERE visit = $1;

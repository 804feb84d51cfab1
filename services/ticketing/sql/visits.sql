-- name: next_number
-- The row's lock is held until the commit: a number is given once, and a rollback gives it back.
-- No row comes back when the series is used up.
INSERT INTO series_counter AS given (day, series, last) VALUES ($1, $2, 1)
ON CONFLICT (day, series) DO UPDATE SET last = given.last + 1 WHERE given.last < 9999
RETURNING last;

-- name: have_wish_alone
-- Until the commit, nobody else grants a wish of this name.
SELECT pg_advisory_xact_lock(hashtextextended($1::uuid::text, 0));

-- name: granted_before
SELECT visit.id, visit.ticket, visit.day, visit.issued_at, visit.channel, visit.visitor_class,
       visit.appointment, step.service, step.state, step.effective_arrival
  FROM visit
  JOIN step ON step.visit = visit.id AND step.step = 1
 WHERE visit.wish = $1;

-- name: issue
WITH issued AS (
    INSERT INTO visit (id, day, series, number, channel, visitor_class, appointment, origin,
                       issued_at, likely_ms, pessimistic_ms, feedback_link, wish)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $15)
    RETURNING id, day, ticket, issued_at
), queued AS (
    INSERT INTO step (visit, step, day, service, state, queued_at, effective_arrival)
    SELECT id, 1, day, $13, 'waiting', issued_at, $14 FROM issued
)
SELECT ticket FROM issued;

-- name: next_waiting
-- Locks who is next; skips whom another counter is calling at this moment.
SELECT visit, step
  FROM step
 WHERE day = $1 AND state = 'waiting'
 ORDER BY effective_arrival, queued_at, visit
 LIMIT 1
   FOR UPDATE SKIP LOCKED;

-- name: ticket_of_step
SELECT visit.ticket, step.service
  FROM step JOIN visit ON visit.id = step.visit
 WHERE step.visit = $1 AND step.step = $2;

-- name: announce
-- One call, as the board announces it; `event` is the id it has in the outbox, which knows its
-- place in the order of all calls.
INSERT INTO announcement (event, visit, counter, call) VALUES ($1, $2, $3, $4);

-- name: lock_active_step
-- The visit's one step that has not ended, of a day. The lock waits for whoever has it.
SELECT visit, step, state, counter, calls
  FROM step
 WHERE visit = $1 AND day = $2 AND state <> 'ended'
   FOR UPDATE;

-- name: count_ahead
-- How many wait before a waiting step.
SELECT count(*)
  FROM step AS chosen
  JOIN step AS other ON other.day = chosen.day AND other.state = 'waiting'
   AND (other.effective_arrival, other.queued_at, other.visit)
     < (chosen.effective_arrival, chosen.queued_at, chosen.visit)
 WHERE chosen.visit = $1 AND chosen.step = $2;

-- name: call
UPDATE step
   SET state = 'called', counter = $3, calls = 1, first_called_at = $4, last_called_at = $4
 WHERE visit = $1 AND step = $2 AND state = 'waiting';

-- name: recall
UPDATE step SET calls = calls + 1, last_called_at = $3
 WHERE visit = $1 AND step = $2 AND state = 'called'
RETURNING calls;

-- name: start
UPDATE step SET state = 'serving', started_at = $3
 WHERE visit = $1 AND step = $2 AND state = 'called';

-- name: end
UPDATE step SET state = 'ended', ended_at = $3, outcome = $4, time_quality = 'actual'
 WHERE visit = $1 AND step = $2 AND state <> 'ended';

-- name: lock_step
SELECT service, state, calls, started_at, ended_at, outcome
  FROM step
 WHERE visit = $1 AND step = $2
   FOR UPDATE;

-- name: day_of_visit
SELECT day FROM visit WHERE id = $1;

-- name: correct
UPDATE step SET service = $3, outcome = $4, started_at = $5, ended_at = $6
 WHERE visit = $1 AND step = $2 AND state = 'ended';

-- name: keep_correction
INSERT INTO correction (visit, step, field, old_value, new_value, reason, supervisor, corrected_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

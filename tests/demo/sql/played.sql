-- name: visits
-- All that was played, without the ids that are new each time.
SELECT visit.ticket, visit.day, visit.channel, visit.visitor_class, visit.appointment, visit.origin,
       visit.issued_at, visit.likely_ms, visit.pessimistic_ms, visit.feedback_link,
       step.step, step.service, step.state, step.queued_at, step.effective_arrival, step.counter,
       step.calls, step.first_called_at, step.last_called_at, step.started_at, step.ended_at,
       step.outcome, step.time_quality
  FROM visit JOIN step ON step.visit = visit.id
 ORDER BY visit.day, visit.ticket, step.step;

-- name: counters
SELECT day, counter, clerk, opened_at, closed_at FROM counter_session
 ORDER BY day, counter, opened_at;

-- name: corrections
SELECT visit.day, visit.ticket, field, old_value, new_value, reason, supervisor, corrected_at
  FROM correction JOIN visit ON visit.id = correction.visit
 ORDER BY visit.day, corrected_at, visit.ticket, field;

-- name: days
SELECT day, state, origin, opened_at, closed_at, revision FROM service_day ORDER BY day;

-- name: newest_manifest
SELECT data FROM outbox WHERE type = 'day.closed.v1' AND service_day = $1
 ORDER BY position DESC LIMIT 1;

-- name: offers
SELECT service_day, service, waiting_band, counter, offered_at, answered, origin FROM offer
 ORDER BY service_day, offered_at, counter;

-- name: answers
SELECT given_hour, visit_day, counted_day, origin, service, waiting_band, language, channel,
       screening, process, staff, facilities, information, staff_issued
  FROM response
 ORDER BY visit_day, given_hour, counted_day, service, waiting_band, language, channel, screening,
          process, staff, facilities, information, staff_issued;

-- Each would be a state that cannot be. Three visitors wait, numbers 1 to 3.

-- name: served_without_a_call
UPDATE step SET state = 'ended', outcome = 'served', ended_at = now(), time_quality = 'actual';

-- name: served_without_a_start
UPDATE step SET state = 'ended', outcome = 'served', ended_at = now(), time_quality = 'actual',
       counter = 1, calls = 1, first_called_at = now(), last_called_at = now();

-- name: no_show_without_a_call
UPDATE step SET state = 'ended', outcome = 'no_show', ended_at = now(), time_quality = 'actual';

-- name: ended_without_an_outcome
UPDATE step SET state = 'ended', ended_at = now(), time_quality = 'actual';

-- name: an_outcome_without_an_end
UPDATE step SET outcome = 'left';

-- name: called_by_no_counter
UPDATE step SET state = 'called', calls = 1, first_called_at = now(), last_called_at = now();

-- name: two_visitors_at_one_counter
UPDATE step SET state = 'called', counter = 1, calls = 1, first_called_at = now(), last_called_at = now();

-- name: served_while_waiting
UPDATE step SET started_at = now();

-- name: an_unknown_state
UPDATE step SET state = 'asleep';

-- name: two_active_steps_of_one_visit
INSERT INTO step (visit, step, day, service, state, queued_at, effective_arrival)
SELECT visit, 2, day, service, 'waiting', queued_at, effective_arrival FROM step;

-- name: a_step_of_another_day
INSERT INTO step (visit, step, day, service, state, queued_at, effective_arrival)
SELECT visit, 2, day + 1, service, 'waiting', queued_at, effective_arrival FROM step;

-- name: one_number_twice
INSERT INTO visit (id, day, series, number, channel, visitor_class, origin, issued_at, feedback_link)
SELECT gen_random_uuid(), day, series, number, channel, visitor_class, origin, issued_at, true FROM visit;

-- name: a_booked_visitor_without_a_time
INSERT INTO visit (id, day, series, number, channel, visitor_class, origin, issued_at, feedback_link)
SELECT gen_random_uuid(), day, series, number + 100, channel, 'appointment', origin, issued_at, true FROM visit;

-- name: closed_without_a_manifest
UPDATE service_day SET state = 'closed', closed_at = now();

-- name: two_working_days
INSERT INTO service_day (day, state, origin, opened_at)
SELECT day + 1, 'open', origin, opened_at FROM service_day;

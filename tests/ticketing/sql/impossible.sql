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

-- name: an_endless_wait
UPDATE step SET queued_at = '-infinity';

-- name: a_place_at_the_end_of_all_queues
UPDATE step SET effective_arrival = 'infinity';

-- name: an_end_that_never_comes
UPDATE step SET state = 'ended', outcome = 'left', ended_at = 'infinity', time_quality = 'actual';

-- name: a_booking_for_ever
INSERT INTO visit (id, day, series, number, channel, visitor_class, appointment, origin, issued_at, feedback_link)
SELECT gen_random_uuid(), day, series, 99, channel, 'appointment', 'infinity', origin, issued_at, feedback_link
  FROM visit LIMIT 1;

-- name: a_booking_in_the_year_one
INSERT INTO visit (id, day, series, number, channel, visitor_class, appointment, origin, issued_at, feedback_link)
SELECT gen_random_uuid(), day, series, 99, channel, 'appointment', '0001-01-01T00:00:01Z', origin, issued_at, feedback_link
  FROM visit LIMIT 1;

-- name: a_booking_in_the_buddhist_era
INSERT INTO visit (id, day, series, number, channel, visitor_class, appointment, origin, issued_at, feedback_link)
SELECT gen_random_uuid(), day, series, 99, channel, 'appointment', '2569-03-02T02:00:00Z', origin, issued_at, feedback_link
  FROM visit LIMIT 1;

-- name: a_day_without_a_date
INSERT INTO service_day (day, state, origin, opened_at) VALUES ('infinity', 'open', 'import', now());

-- name: a_day_opened_before_all_times
UPDATE service_day SET opened_at = '-infinity';

-- name: a_counter_open_for_ever
INSERT INTO counter_session (day, counter, clerk, opened_at) SELECT day, 9, gen_random_uuid(), 'infinity' FROM service_day;

-- name: a_notice_for_ever
INSERT INTO notice (id, text_th, text_en, given_at, until) VALUES (gen_random_uuid(), 'x', 'x', now(), 'infinity');

-- name: a_code_that_never_ends
INSERT INTO device (kind, label, code_digest, code_expires_at, invited_at)
VALUES ('kiosk', 'x', sha256('x'), 'infinity', now());

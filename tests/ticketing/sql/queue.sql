-- name: fill_visits
-- A waiting room of $2 visitors on day $1, all of one series, one a second from $3 on.
INSERT INTO visit (id, day, series, number, channel, visitor_class, origin, issued_at, feedback_link)
SELECT gen_random_uuid(), $1, 'L', n, 'kiosk', 'normal', 'live', $3::timestamptz + n * interval '1 second', true
  FROM generate_series(1, $2::integer) AS n;

-- name: fill_steps
INSERT INTO step (visit, step, day, service, state, queued_at, effective_arrival)
SELECT id, 1, day, 'INF', 'waiting', issued_at, issued_at FROM visit WHERE day = $1;

-- name: series_numbers
SELECT number FROM visit WHERE day = $1 ORDER BY number;

-- name: calls_by_visit
SELECT subject, count(*) AS calls FROM outbox WHERE type = 'visit.called.v1' GROUP BY subject;

-- name: holes
SELECT count(*) AS events, max(sequence) AS last FROM outbox;

-- name: events_of_day
SELECT count(*) FROM outbox WHERE service_day = $1;

-- name: nearly_use_up_series
UPDATE series_counter SET last = 9997;

-- name: free_counter
UPDATE step SET state = 'ended', ended_at = last_called_at, outcome = 'no_show', time_quality = 'actual'
 WHERE counter = $1 AND state = 'called';

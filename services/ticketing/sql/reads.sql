-- name: waiting
SELECT step.visit, step.step, visit.ticket, step.service, visit.visitor_class, step.queued_at,
       visit.appointment, step.effective_arrival
  FROM step JOIN visit ON visit.id = step.visit
 WHERE step.day = $1 AND step.state = 'waiting'
 ORDER BY step.effective_arrival, step.queued_at, step.visit;

-- name: passed_by
-- Those who came before a visitor and still wait behind.
SELECT step.visit, step.step, visit.ticket, step.service, visit.visitor_class, step.queued_at,
       visit.appointment, step.effective_arrival
  FROM step JOIN visit ON visit.id = step.visit
 WHERE step.day = $1 AND step.state = 'waiting' AND step.queued_at < $2
   AND (step.effective_arrival, step.queued_at, step.visit) > ($3, $2, $4);

-- name: step
SELECT step.visit, step.step, visit.ticket, step.service, visit.visitor_class, step.queued_at,
       visit.appointment, step.effective_arrival
  FROM step JOIN visit ON visit.id = step.visit
 WHERE step.visit = $1 AND step.step = $2;

-- name: feedback_is_here
SELECT to_regclass('feedback.doubtful_day') IS NOT NULL;

-- name: own_doubtful_days
SELECT service_day AS day, lost, noticed_at FROM doubtful_day ORDER BY service_day;

-- name: doubtful_days
-- Days that lost something in a restore, of either service, and wait for a person.
SELECT service_day AS day, sum(lost)::bigint AS lost, max(noticed_at) AS noticed_at
  FROM (SELECT * FROM doubtful_day UNION ALL SELECT * FROM feedback.doubtful_day) AS of_both
 GROUP BY service_day
 ORDER BY service_day;

-- name: services_ahead
-- The services of those who wait before a place in the queue, next first.
SELECT coalesce(array_agg(service ORDER BY effective_arrival, queued_at, visit), '{}')
  FROM step
 WHERE day = $1 AND state = 'waiting'
   AND (effective_arrival, queued_at, visit) < ($2::timestamptz, $3::timestamptz, $4::uuid);

-- name: holder_of
SELECT clerk, desk FROM counter_session WHERE counter = $1 AND closed_at IS NULL;

-- name: open_counters
SELECT session.counter, session.clerk, session.desk, session.opened_at,
       step.visit, step.step, visit.ticket, step.service, step.state, step.calls,
       step.last_called_at, step.started_at
  FROM counter_session AS session
  LEFT JOIN step ON step.counter = session.counter AND step.state IN ('called', 'serving')
  LEFT JOIN visit ON visit.id = step.visit
 WHERE session.day = $1 AND session.closed_at IS NULL
 ORDER BY session.counter;

-- name: recent_services
-- The newest served steps of each service asked for, with the local hour they began in.
SELECT recent.service, recent.hour, recent.ms
  FROM unnest($1::text[]) AS asked (service)
 CROSS JOIN LATERAL (
    SELECT step.service,
           extract(hour FROM step.started_at AT TIME ZONE 'Asia/Bangkok')::integer AS hour,
           floor(extract(epoch FROM (step.ended_at - step.started_at)) * 1000)::bigint AS ms
      FROM step
     WHERE step.service = asked.service AND step.outcome = 'served'
       AND step.ended_at BETWEEN $2 AND $3 AND isfinite(step.started_at)
     ORDER BY step.ended_at DESC
     LIMIT $4
 ) AS recent;

-- name: board
-- Whom a counter has called or is serving, the newest call first. No service: a board must not
-- tell what a visitor came for.
SELECT visit.ticket, step.counter, step.calls, step.last_called_at, step.state
  FROM step JOIN visit ON visit.id = step.visit
 WHERE step.day = $1 AND step.state IN ('called', 'serving')
 ORDER BY step.last_called_at DESC, step.counter;

-- name: ticket
-- The newest step of a visit, as its visitor sees it.
SELECT visit.id AS visit, visit.ticket, visit.day, step.service, step.state, step.counter,
       step.calls, step.queued_at, step.effective_arrival, step.outcome
  FROM visit JOIN step ON step.visit = visit.id
 WHERE visit.id = $1
 ORDER BY step.step DESC
 LIMIT 1;

-- name: day_book
SELECT step.visit, step.step, visit.ticket, step.service, visit.channel, visit.visitor_class,
       visit.appointment, step.state, step.queued_at, step.counter, step.calls,
       step.first_called_at, step.last_called_at, step.started_at, step.ended_at, step.outcome,
       step.time_quality
  FROM step JOIN visit ON visit.id = step.visit
 WHERE step.day = $1
 ORDER BY step.queued_at, step.visit, step.step;

-- name: day_of
SELECT day, state, origin, revision, opened_at, closed_at FROM service_day WHERE day = $1;

-- name: days
SELECT day, state, origin, revision, opened_at, closed_at
  FROM service_day
 ORDER BY day DESC
 LIMIT $1;

-- name: follower_is_here
SELECT to_regclass('feedback.followed') IS NOT NULL;

-- name: followed
-- How far ticketing's log was followed; nothing while nobody began.
SELECT coalesce(max(position), 0) FROM feedback.followed WHERE source = 'ticketing';

-- name: open_counter
INSERT INTO counter_session (day, counter, clerk, opened_at, desk) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (counter) WHERE closed_at IS NULL DO NOTHING
RETURNING id;

-- name: have_clerk_alone
-- Until the commit, nobody else opens a counter for this clerk.
SELECT pg_advisory_xact_lock(hashtextextended('clerk ' || $1::uuid::text, 0));

-- name: counter_of_clerk
SELECT counter FROM counter_session WHERE clerk = $1 AND closed_at IS NULL LIMIT 1;

-- name: take_over
-- No event says so, since no other site's business is a desk: whoever shows the floor is told here.
UPDATE counter_session SET desk = $3
 WHERE counter = $1 AND clerk = $2 AND closed_at IS NULL
RETURNING pg_notify('outbox', current_schema());

-- name: lock_counter
-- Whoever calls to a counter, or closes it, has it alone until the commit.
SELECT id FROM counter_session
 WHERE day = $1 AND counter = $2 AND closed_at IS NULL
   FOR NO KEY UPDATE;

-- name: ticket_at_counter
SELECT visit.ticket
  FROM step JOIN visit ON visit.id = step.visit
 WHERE step.counter = $1 AND step.state IN ('called', 'serving');

-- name: close_counter
UPDATE counter_session SET closed_at = $2 WHERE id = $1;

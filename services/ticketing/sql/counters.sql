-- name: open_counter
INSERT INTO counter_session (day, counter, clerk, opened_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (counter) WHERE closed_at IS NULL DO NOTHING
RETURNING id;

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

-- What the centre wants the staff to read.

-- name: keep
-- The same notice may come again. Whoever shows the floor listens where events are told.
INSERT INTO notice (id, text_th, text_en, given_at, until) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (id) DO NOTHING
RETURNING pg_notify('outbox', current_schema());

-- name: forget_old
DELETE FROM notice WHERE until <= $1;

-- name: withdraw
DELETE FROM notice WHERE id = $1
RETURNING pg_notify('outbox', current_schema());

-- name: in_force
SELECT id, text_th, text_en, given_at, until
  FROM notice
 WHERE until > $1
 ORDER BY given_at DESC, id DESC
 LIMIT $2;

-- name: follow
-- The cursor's row is this follower's lock: a second process waits its turn.
INSERT INTO followed (source, position) VALUES ($1, 0) ON CONFLICT DO NOTHING;

-- name: followed
SELECT position FROM followed WHERE source = $1 FOR UPDATE;

-- name: advance
UPDATE followed SET position = $2 WHERE source = $1;

-- What the service's own login has no right to.

-- name: change_the_log
UPDATE outbox SET data = '{}';

-- name: forget_the_log
DELETE FROM outbox;

-- name: forget_a_visit
DELETE FROM visit;

-- name: change_a_visit
UPDATE visit SET number = 1;

-- name: forget_a_correction
DELETE FROM correction;

-- name: forget_a_step
DELETE FROM step;

-- name: change_the_schema
ALTER TABLE step ADD COLUMN name text;

-- name: create
SELECT format('CREATE DATABASE %I TEMPLATE template0', $1::text);

-- name: drop
SELECT format('DROP DATABASE %I WITH (FORCE)', $1::text);

-- name: rename
SELECT format('ALTER DATABASE %I RENAME TO %I', $1::text, $2::text);

-- name: day
SELECT state, detail FROM site_days WHERE site = $1;

-- name: arrived
SELECT epoch, sequence, id FROM events WHERE site = $1 AND stream = $2 ORDER BY epoch, sequence;

-- name: written
SELECT epoch, sequence, id FROM outbox ORDER BY position;

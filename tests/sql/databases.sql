-- name: next_name
SELECT substr(md5(gen_random_uuid()::text), 1, 12)

-- name: drop_database
SELECT format('DROP DATABASE IF EXISTS %I WITH (FORCE)', $1::text)

-- name: left_behind
-- Databases first: they hold what the roles own.
SELECT format('DROP DATABASE %I WITH (FORCE)', datname) AS command, 1 AS turn
FROM pg_database WHERE starts_with(datname, $1 || '_')
UNION ALL
SELECT format('DROP ROLE %I', rolname), 2 FROM pg_roles WHERE starts_with(rolname, $1 || '_')
ORDER BY turn

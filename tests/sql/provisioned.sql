-- All that provisioning makes for a database. Every statement takes the database's name.

-- name: roles
SELECT rolname, rolcanlogin, rolsuper, rolpassword FROM pg_authid
WHERE $1::text IS NOT NULL AND NOT starts_with(rolname, 'pg_') ORDER BY rolname

-- name: members
SELECT roleid::regrole::text, member::regrole::text FROM pg_auth_members
WHERE $1::text IS NOT NULL ORDER BY 1, 2

-- name: rights_on_the_database
SELECT datacl::text FROM pg_database WHERE datname = $1

-- name: search_paths
SELECT setrole::regrole::text, setconfig FROM pg_db_role_setting
WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = $1) ORDER BY 1

-- name: schemas
SELECT nspname, nspowner::regrole::text, nspacl::text FROM pg_namespace
WHERE $1::text IS NOT NULL AND NOT starts_with(nspname, 'pg_') ORDER BY nspname

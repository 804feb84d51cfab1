-- Databases, logins, schemas and what they may do; run as the server's superuser.
-- Names come as parameters. Where PostgreSQL takes none (CREATE ROLE, CREATE DATABASE) the
-- server quotes them itself and hands back the command to run.

-- name: one_at_a_time
-- Roles belong to the whole server: two set-ups would trip over each other's.
SELECT pg_advisory_xact_lock(hashtextextended('saduak.provision', 0))

-- name: roles_exist
SELECT rolname, rolpassword FROM pg_authid WHERE rolname = ANY ($1::text[])

-- name: create_group
SELECT format('CREATE ROLE %I NOLOGIN', $1::text)

-- name: create_login
-- The password is a SCRAM verifier made here, so that the server's log never sees the password.
SELECT format('CREATE ROLE %I LOGIN PASSWORD %L', $1::text, $2::text)

-- name: change_password
SELECT format('ALTER ROLE %I PASSWORD %L', $1::text, $2::text)

-- name: is_member
SELECT EXISTS (
    SELECT FROM pg_auth_members
    WHERE roleid = to_regrole(quote_ident($1)) AND member = to_regrole(quote_ident($2))
)

-- name: join_group
SELECT format('GRANT %I TO %I', $1::text, $2::text)

-- name: database_exists
SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)

-- name: create_database
SELECT format('CREATE DATABASE %I TEMPLATE template0', $1::text)

-- name: copy_database
SELECT format('CREATE DATABASE %I TEMPLATE %I', $1::text, $2::text)

-- name: shut_database
-- Nobody connects who was not granted it; a site's logins reach their own database only.
SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', $1::text)

-- name: shut_own_databases
-- The server's own databases take any login, until this is run.
SELECT format('REVOKE CONNECT, TEMPORARY ON DATABASE %I FROM PUBLIC', datname) AS command
FROM pg_database
WHERE datname IN ('postgres', 'template1')
    AND EXISTS (
        SELECT FROM aclexplode(coalesce(datacl, acldefault('d', datdba)))
        WHERE grantee = 0 AND privilege_type IN ('CONNECT', 'TEMPORARY')
    )

-- name: limit_sessions
SELECT format('ALTER ROLE %I CONNECTION LIMIT %s', $1::text, $2::integer)

-- name: shut_functions
-- What PostgreSQL lets everybody do in this database though they may only look: take the locks
-- that the services wait for, keep large objects, write into the log of changes. The group $1 may
-- go on taking locks. Freeing one harms nobody, and clients do it when they are done.
SELECT format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', of.function) || CASE
        WHEN of.locks THEN format('; GRANT EXECUTE ON FUNCTION %s TO %I', of.function, $1::text)
        ELSE ''
    END AS command
FROM (
    SELECT oid::regprocedure AS function, proname ~ 'advisory' AS locks, proacl, proowner
    FROM pg_proc
    WHERE pronamespace = 'pg_catalog'::regnamespace
        AND (proname ~ '^pg_(try_)?advisory_(xact_)?lock'
             OR proname IN ('lo_creat', 'lo_create', 'lo_from_bytea', 'lo_put', 'lowrite',
                            'pg_logical_emit_message'))
) AS of
WHERE EXISTS (
    SELECT FROM aclexplode(coalesce(of.proacl, acldefault('f', of.proowner)))
    WHERE grantee = 0 AND privilege_type = 'EXECUTE'
)
ORDER BY of.function::text

-- name: shut_public_schema
REVOKE ALL ON SCHEMA public FROM PUBLIC

-- name: open_database
SELECT format('GRANT CONNECT ON DATABASE %I TO %I', $1::text, $2::text)

-- name: setting
-- Of a login in a database: $3 is set to $4.
SELECT format(
    'ALTER ROLE %I IN DATABASE %I SET %I = %L', $2::text, $1::text, $3::text, $4::text
)

-- name: schema_exists
SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = $1)

-- name: create_schema
SELECT format('CREATE SCHEMA %I AUTHORIZATION %I', $1::text, $2::text)

-- name: use_schema
SELECT format('GRANT USAGE ON SCHEMA %I TO %I', $1::text, $2::text)

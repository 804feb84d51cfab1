-- name: take_no_changes
-- In the next sessions of this login on this database.
DO $$ BEGIN
    EXECUTE format('ALTER ROLE %I IN DATABASE %I SET default_transaction_read_only = on',
                   current_user, current_database());
END $$;

-- name: take_changes
BEGIN READ WRITE;
DO $$ BEGIN
    EXECUTE format('ALTER ROLE %I IN DATABASE %I RESET default_transaction_read_only',
                   current_user, current_database());
END $$;
COMMIT;

-- name: here
SELECT current_database();

-- name: limit
SELECT format('ALTER DATABASE %I CONNECTION LIMIT %s', $1::text, $2::int);

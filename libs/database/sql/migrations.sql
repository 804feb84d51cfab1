-- name: lock_schema
-- Two upgrades of one schema wait for each other; other schemas of the database go on.
SELECT pg_advisory_xact_lock(hashtext('saduak/migrations'), hashtext($1));

-- name: work_in_schema
-- For the transaction: unqualified names in the steps are names of this schema.
SELECT set_config('search_path', $1, true);

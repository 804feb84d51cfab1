-- What a login tries that may only look.

-- name: locking_functions
SELECT proname AS name, pg_get_function_arguments(oid) AS arguments
FROM pg_proc
WHERE proname ~ 'advisory' AND proname !~ 'unlock'
ORDER BY 1, 2;

-- name: keep_object
SELECT lo_from_bytea(0, 'x');

-- name: write_log
SELECT pg_logical_emit_message(false, 'x', 'x');

-- name: stop_ingest
-- Every batch takes this lock, shared.
SELECT pg_advisory_lock(hashtext('saduak/rollups'), hashtext('reporting'));

-- name: look
SELECT count(*) FROM reporting.step_rollup;

-- name: lock
SELECT pg_try_advisory_lock(1);

-- name: settings
SELECT current_setting('lock_timeout') AS lock_timeout,
    current_setting('statement_timeout') AS statement_timeout,
    current_setting('idle_in_transaction_session_timeout') AS idle,
    current_setting('default_transaction_read_only') AS read_only;

-- name: open_again
SELECT format('GRANT EXECUTE ON FUNCTION %s TO PUBLIC', oid::regprocedure) AS command
FROM pg_proc WHERE proname ~ 'advisory';

-- What tests ask of what is published, and of what a dashboard's login may do.

-- name: figures
SELECT site AS place, figure, value, n, withheld FROM watch.figures
WHERE period = $1 AND first_day = $2
UNION ALL
SELECT place, figure, value, n, withheld FROM watch.totals
WHERE period = $1 AND first_day = $2;

-- name: criteria
SELECT site, code, state, value, n, gap, working_model FROM watch.criteria
WHERE period = $1 AND first_day = $2;

-- name: days
SELECT site, service_day, state FROM watch.days ORDER BY site, service_day;

-- name: queues
SELECT site, waiting, longest_wait_ms, withheld FROM watch.queues WHERE site = $1;

-- name: stale
SELECT kind, first_day FROM reporting.stale_periods ORDER BY kind, first_day;

-- name: relations
-- Every table and view of the database that is not PostgreSQL's own.
SELECT format('%I.%I', nspname, relname) AS name, nspname AS schema
FROM pg_class JOIN pg_namespace AS n ON n.oid = relnamespace
WHERE relkind IN ('r', 'v', 'm', 'p', 'S') AND NOT starts_with(nspname, 'pg_')
    AND nspname <> 'information_schema'
ORDER BY 1;

-- name: take_turn
SELECT pg_try_advisory_lock(hashtext('saduak/publisher'), hashtext('reporting'));

-- name: allowed
SELECT has_table_privilege($1, $2, 'SELECT') AS read,
    has_table_privilege($1, $2, 'INSERT, UPDATE, DELETE, TRUNCATE') AS write;

-- name: settings
SELECT current_setting('statement_timeout') AS timeout,
    current_setting('default_transaction_read_only') AS read_only,
    current_setting('search_path') AS path;

-- name: functions
-- Functions of our own schemas that anybody may call.
SELECT count(*) FROM pg_proc JOIN pg_namespace AS n ON n.oid = pronamespace
WHERE nspname IN ('watch', 'reporting') AND prosecdef;

-- name: make_table
CREATE TEMPORARY TABLE mine (id int);

-- name: read_beats
SELECT * FROM reporting.beats;

-- name: working_day
SELECT day FROM service_day WHERE state = 'open' AND origin <> 'import';

-- name: state_of_day
SELECT state, origin, revision, opened_at, closed_at FROM service_day WHERE day = $1;

-- name: open_day
INSERT INTO service_day (day, state, origin, opened_at) VALUES ($1, 'open', $2, $3)
ON CONFLICT (day) DO NOTHING
RETURNING day;

-- name: end_forgotten
-- In the order of their numbers, so that the log reads as the day did.
WITH forgotten AS (
    UPDATE step
       SET state = 'ended', ended_at = $2, outcome = 'forgotten', time_quality = 'estimated'
     WHERE day = $1 AND state <> 'ended'
    RETURNING visit, step, queued_at
)
SELECT visit, step FROM forgotten ORDER BY queued_at, visit, step;

-- name: close_counters
WITH closed AS (
    UPDATE counter_session SET closed_at = $2
     WHERE day = $1 AND closed_at IS NULL
    RETURNING counter
)
SELECT counter FROM closed ORDER BY counter;

-- name: close_day
UPDATE service_day SET state = 'closed', closed_at = $2, revision = revision + 1
 WHERE day = $1
RETURNING revision;

-- name: reopen_day
-- The revision stays: the next closing sends the one after it.
UPDATE service_day SET state = 'open', closed_at = NULL WHERE day = $1;

-- name: reopen_forgotten
-- What the closing at $2 ended goes on where it stood; who was corrected since then is left alone.
WITH reopened AS (
    UPDATE step
       SET state = CASE WHEN started_at IS NOT NULL THEN 'serving'
                        WHEN calls > 0 THEN 'called'
                        ELSE 'waiting' END,
           ended_at = NULL, outcome = NULL, time_quality = NULL
     WHERE day = $1 AND outcome = 'forgotten' AND time_quality = 'estimated' AND ended_at = $2
    RETURNING visit, step, queued_at
)
SELECT visit, step FROM reopened ORDER BY queued_at, visit, step;

-- name: reopen_counters
-- Those that the closing at $2 closed, each for the clerk who had it.
WITH reopened AS (
    UPDATE counter_session SET closed_at = NULL
     WHERE id IN (SELECT max(id) FROM counter_session
                   WHERE day = $1 AND closed_at = $2 GROUP BY counter)
    RETURNING counter
)
SELECT counter FROM reopened ORDER BY counter;

-- name: revise_day
UPDATE service_day SET revision = revision + 1
 WHERE day = $1 AND state = 'closed'
RETURNING revision, origin;

-- name: count_visits
SELECT count(*) FROM visit WHERE day = $1;

-- name: service_totals
-- The day's control totals, from the rows as they stand. Durations by the contract's definition
-- (libs/events/durations.py): whole milliseconds rounded down, plausible from 0 to 24 hours.
WITH measured AS (
    SELECT service, outcome,
           CASE WHEN isfinite(first_called_at) AND isfinite(queued_at)
                THEN floor(extract(epoch FROM (first_called_at - queued_at)) * 1000)::bigint
                WHEN first_called_at IS NOT NULL THEN -1 END AS wait_ms,
           CASE WHEN isfinite(ended_at) AND isfinite(started_at)
                THEN floor(extract(epoch FROM (ended_at - started_at)) * 1000)::bigint
                WHEN ended_at IS NOT NULL AND started_at IS NOT NULL THEN -1 END AS service_ms
      FROM step
     WHERE day = $1
)
SELECT service,
       count(*) AS steps,
       count(*) FILTER (WHERE outcome = 'served') AS served,
       count(*) FILTER (WHERE outcome = 'no_show') AS no_show,
       count(*) FILTER (WHERE outcome = 'left') AS "left",
       count(*) FILTER (WHERE outcome = 'removed') AS removed,
       count(*) FILTER (WHERE outcome = 'forgotten') AS forgotten,
       coalesce(sum(wait_ms) FILTER (
           WHERE outcome = 'served' AND wait_ms BETWEEN 0 AND 86400000), 0)::bigint AS wait_ms,
       coalesce(sum(service_ms) FILTER (
           WHERE outcome = 'served' AND service_ms BETWEEN 0 AND 86400000), 0)::bigint AS service_ms,
       count(*) FILTER (WHERE outcome = 'served' AND wait_ms NOT BETWEEN 0 AND 86400000)
       + count(*) FILTER (WHERE outcome = 'served' AND service_ms NOT BETWEEN 0 AND 86400000)
           AS implausible
  FROM measured
 GROUP BY service
 ORDER BY service COLLATE "C";

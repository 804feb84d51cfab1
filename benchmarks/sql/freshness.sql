-- name: shown
-- How many clicks of each kind the nation's figures show, by site.
SELECT site, sum(steps)::bigint AS issued,
    sum(calls_in_order + calls_out_of_order)::bigint AS called, sum(served)::bigint AS ended
FROM step_rollup
GROUP BY site;

-- Hands in the national database, and how each is undone.

-- name: state_of_day
SELECT state FROM site_days WHERE site = $1;

-- name: raise_rollup
UPDATE step_rollup SET served = served + 1
 WHERE ctid = (SELECT ctid FROM step_rollup ORDER BY site, service_day, service, visitor_class, hour LIMIT 1);

-- name: lower_rollup
UPDATE step_rollup SET served = served - 1
 WHERE (site, service_day, service, visitor_class, hour) =
       (SELECT site, service_day, service, visitor_class, hour FROM step_rollup
         ORDER BY site, service_day, service, visitor_class, hour LIMIT 1);

-- name: raise_cell
UPDATE step_cells SET n = n + 1
 WHERE ctid = (SELECT ctid FROM step_cells
                ORDER BY site, service_day, service, visitor_class, hour, measure, cell LIMIT 1);

-- name: lower_cell
UPDATE step_cells SET n = n - 1
 WHERE ctid = (SELECT ctid FROM step_cells
                ORDER BY site, service_day, service, visitor_class, hour, measure, cell LIMIT 1);

-- name: alter_event
-- A character of one message, of no consequence for any figure.
UPDATE events SET envelope = replace(envelope, '"specversion":"1.0"', '"specversion": "1.0"')
 WHERE stream = 'ticketing' AND sequence = 7;

-- name: mend_event
UPDATE events SET envelope = replace(envelope, '"specversion": "1.0"', '"specversion":"1.0"')
 WHERE stream = 'ticketing' AND sequence = 7;

-- name: raise_manifest
UPDATE manifest_steps SET served = served + 1
 WHERE service = (SELECT min(service) FROM manifest_steps);

-- name: lower_manifest
UPDATE manifest_steps SET served = served - 1
 WHERE service = (SELECT min(service) FROM manifest_steps);

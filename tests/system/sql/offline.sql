-- name: complete_revision
SELECT ticketing_revision FROM site_days WHERE site = $1 AND state = 'complete';

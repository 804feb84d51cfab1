-- name: tickets
SELECT count(*) FROM visit WHERE day = $1 AND origin = $2;

-- name: newest
SELECT received_at, topic, "offset", reason, detail
  FROM quarantine
 ORDER BY id DESC
 LIMIT $1;

-- name: count
SELECT count(*) FROM quarantine;

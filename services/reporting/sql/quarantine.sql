-- name: newest
SELECT id, received_at, topic, "offset", reason, detail
  FROM quarantine
 WHERE settled_at IS NULL
 ORDER BY id DESC
 LIMIT $1;

-- name: count
SELECT count(*) FROM quarantine WHERE settled_at IS NULL;

-- name: settle
UPDATE quarantine
   SET settled_at = $2, finding = $3
 WHERE id = ANY ($1::bigint[]) AND settled_at IS NULL
RETURNING id;

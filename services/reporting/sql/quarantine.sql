-- name: kept
-- Which of some messages are kept already.
SELECT q.topic, q.partition, q."offset", q.digest
  FROM unnest($1::text[], $2::integer[], $3::bigint[], $4::bytea[])
           AS k (topic, partition, "offset", digest)
  JOIN quarantine AS q
    ON q.topic = k.topic AND q.partition = k.partition AND q."offset" = k."offset"
   AND q.digest = k.digest;

-- name: keep
INSERT INTO quarantine (topic, partition, "offset", reason, detail, raw, digest, size)
SELECT * FROM unnest(
    $1::text[], $2::integer[], $3::bigint[], $4::text[], $5::text[], $6::bytea[], $7::bytea[],
    $8::integer[]
)
ON CONFLICT DO NOTHING;

-- name: faults
-- How many messages of a topic are kept because the ingest fails on them.
SELECT count(*) FROM quarantine WHERE topic = $1 AND reason = 'fault' AND settled_at IS NULL;

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

-- name: forget_read
-- What could not be read lately on the topics of these messages: a person has looked into it.
DELETE FROM readability AS r
 USING quarantine AS q
 WHERE q.id = ANY ($1::bigint[]) AND r.topic = q.topic;

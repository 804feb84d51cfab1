-- A restored database goes on under new numbers.

-- name: held
-- Which of these places of the topic this database holds, with the same event there.
SELECT o.epoch, o.sequence, o.id AS event_id
  FROM unnest($1::integer[], $2::bigint[], $3::uuid[]) AS k (epoch, sequence, id)
  JOIN outbox AS o ON o.epoch = k.epoch AND o.sequence = k.sequence AND o.id = k.id;

-- name: position_of
SELECT position FROM outbox WHERE epoch = $1 AND sequence = $2 AND id = $3;

-- name: have_counter_alone
-- Nobody writes an event until the commit.
SELECT epoch, position FROM stream_counter FOR UPDATE;

-- name: healed_since
SELECT EXISTS (SELECT FROM restored_day WHERE noticed_at > $1);

-- name: restamp
-- What was written after position $1 was never sent, and gets its numbers anew.
UPDATE outbox SET epoch = $2, sequence = position - $1 WHERE position > $1;

-- name: count_on
UPDATE stream_counter SET epoch = $2, sequence = position - $1;

-- name: note_days
INSERT INTO restored_day (service_day, epoch, lost, closed, noticed_at)
SELECT day, $1, lost, closed, $2
  FROM unnest($3::date[], $4::integer[], $5::boolean[]) AS d (day, lost, closed);

-- name: newest_origin
SELECT origin FROM outbox ORDER BY position DESC LIMIT 1;

-- name: resolve_day
-- A person has looked into what was lost of the day.
UPDATE restored_day SET resolved_at = $2, reason = $3
 WHERE service_day = $1 AND resolved_at IS NULL
RETURNING lost;

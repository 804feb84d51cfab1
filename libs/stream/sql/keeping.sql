-- The outbox's partitions, kept in time.

-- name: prepare
SELECT prepare_outbox($1);

-- name: drop_old
SELECT drop_old_outbox($1, $2);

-- name: follower_is_here
SELECT to_regclass('feedback.followed') IS NOT NULL;

-- name: followed
-- How far ticketing's log was followed; nothing while nobody began.
SELECT coalesce(max(position), 0) FROM feedback.followed WHERE source = 'ticketing';

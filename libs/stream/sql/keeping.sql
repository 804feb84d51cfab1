-- The outbox's partitions, kept in time.

-- name: prepare
SELECT prepare_outbox($1);

-- name: drop_old
SELECT drop_old_outbox($1, $2);

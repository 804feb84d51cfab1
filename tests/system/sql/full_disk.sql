-- name: next_segment
SELECT pg_switch_wal();

-- name: write_log
SELECT pg_logical_emit_message(false, 'test', repeat('.', 10000), true);

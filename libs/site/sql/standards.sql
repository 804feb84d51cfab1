-- What the centre published, kept for the next start.

-- name: received
SELECT version, files FROM standards_received;

-- name: receive
INSERT INTO standards_received (version, files, received_at) VALUES ($1, $2, $3)
ON CONFLICT (only_row) DO UPDATE
SET version = excluded.version, files = excluded.files, received_at = excluded.received_at;

-- Looks into feedback's tables, for its tests.

-- name: outbox
SELECT * FROM outbox ORDER BY position;

-- name: waiting_bands
SELECT waiting_band FROM offer ORDER BY offered_at;

-- name: under_way
SELECT count(*) FROM open_visit;

-- name: offers
SELECT count(*) FROM offer;

-- name: responses
SELECT * FROM response ORDER BY subject;

-- name: as_an_earlier_release
-- Its visits and offers say nothing of who issued the ticket.
WITH visits AS (UPDATE open_visit SET staff_issued = NULL)
UPDATE offer SET staff_issued = NULL;

-- name: own_process
SELECT pg_backend_pid();

-- name: cut
SELECT pg_terminate_backend($1);

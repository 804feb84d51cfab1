-- name: arrived
-- What the ingest has to show for itself, besides its speed.
SELECT
    (SELECT count(*) FROM events) AS events,
    (SELECT count(*) FROM gaps) AS gaps,
    (SELECT count(*) FROM quarantine) AS refused,
    (SELECT sum(visits) FROM visit_rollup) AS visits,
    (SELECT count(*) FROM events WHERE type = 'visit.issued.v1') AS issued;

-- name: plain_table
CREATE TABLE plain (site text, stream text, epoch integer, sequence bigint, envelope text);

-- name: stored
SELECT coalesce(sum(highest), 0)::bigint FROM streams;

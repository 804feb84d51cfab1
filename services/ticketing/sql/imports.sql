-- name: lock_imports
-- One import of a site at a time; the session holds it, and its end gives it back.
SELECT pg_try_advisory_lock(hashtext(current_schema() || '/import'), 0);

-- name: imported_lines
SELECT line, fingerprint FROM imported_line WHERE profile = $1 AND day = $2;

-- name: import_visit
-- One round trip a visit: its number, its rows and its key. No row comes back, and nothing is
-- written, when the series is used up.
WITH given AS (
    INSERT INTO series_counter AS given (day, series, last) VALUES ($2, $3, 1)
    ON CONFLICT (day, series) DO UPDATE SET last = given.last + 1 WHERE given.last < 9999
    RETURNING last
), issued AS (
    INSERT INTO visit (id, day, series, number, channel, visitor_class, origin, issued_at, feedback_link)
    SELECT $1, $2, $3, last, $4, $5, 'import', $6, false FROM given
    RETURNING id, ticket
), ended AS (
    INSERT INTO step (visit, step, day, service, state, queued_at, effective_arrival, counter, calls,
                      first_called_at, last_called_at, started_at, ended_at, outcome, time_quality)
    SELECT id, 1, $2, $7, 'ended', $6, $6, $8, CASE WHEN $9::timestamptz IS NULL THEN 0 ELSE 1 END,
           $9, $9, $10, $11, $12, 'actual'
      FROM issued
), kept AS (
    INSERT INTO imported_line (profile, day, line, fingerprint, visit)
    SELECT $13, $2, $14, $15, id FROM issued
)
SELECT ticket FROM issued;

-- name: last_end
SELECT max(ended_at) FROM step WHERE day = $1;

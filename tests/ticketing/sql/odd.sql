-- Rows as no rule lets them be: written with the constraints taken away, as the schema's owner.

-- name: unbind
-- Everything that holds odd moments back.
DO $$
DECLARE
    bound record;
BEGIN
    FOR bound IN
        SELECT conrelid::regclass AS its_table, conname
          FROM pg_constraint
         WHERE connamespace = current_schema()::regnamespace AND contype = 'c'
           AND (conname LIKE '%\_finite' OR conname = 'booked_for_a_day_that_can_be')
           AND conrelid::regclass::text IN ('visit', 'step', 'notice')
    LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', bound.its_table, bound.conname);
    END LOOP;
END $$;

-- name: odd_booking
WITH booked AS (
    UPDATE visit SET visitor_class = 'appointment', appointment = $2::text::timestamptz WHERE id = $1
)
UPDATE step SET effective_arrival = greatest($2::text::timestamptz, queued_at) WHERE visit = $1;

-- name: odd_arrival
UPDATE step SET queued_at = $2::text::timestamptz, effective_arrival = $2::text::timestamptz
 WHERE visit = $1;

-- name: odd_start
UPDATE step SET started_at = $2::text::timestamptz WHERE visit = $1;

-- name: odd_call
UPDATE step SET last_called_at = $2::text::timestamptz WHERE visit = $1;

-- name: odd_notice
INSERT INTO notice (id, text_th, text_en, given_at, until)
VALUES (gen_random_uuid(), 'x', 'x', '-infinity', 'infinity');

-- name: retire
UPDATE step SET service = 'GONE' WHERE visit = $1;

-- name: infinite
-- What is infinite in the rows of the schema, by table and column.
SELECT count(*) FROM (
    SELECT appointment FROM visit UNION ALL SELECT issued_at FROM visit
    UNION ALL SELECT queued_at FROM step UNION ALL SELECT effective_arrival FROM step
    UNION ALL SELECT first_called_at FROM step UNION ALL SELECT last_called_at FROM step
    UNION ALL SELECT started_at FROM step UNION ALL SELECT ended_at FROM step
    UNION ALL SELECT opened_at FROM service_day UNION ALL SELECT closed_at FROM service_day
    UNION ALL SELECT until FROM notice UNION ALL SELECT given_at FROM notice
    UNION ALL SELECT time FROM outbox UNION ALL SELECT recorded FROM outbox
    UNION ALL SELECT corrected_at FROM correction UNION ALL SELECT code_expires_at FROM device
    UNION ALL SELECT at FROM failed_sign_in UNION ALL SELECT seen_at FROM staff_session
) AS moments (one)
 WHERE NOT isfinite(one);

-- name: stood
SELECT visit.ticket, visit.visitor_class, visit.appointment, step.queued_at, step.effective_arrival,
       step.started_at, step.ended_at
  FROM visit JOIN step ON step.visit = visit.id
 ORDER BY visit.number;

-- name: one_year_away
UPDATE step SET ended_at = 'infinity' WHERE visit = $1;

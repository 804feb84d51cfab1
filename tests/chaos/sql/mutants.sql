-- name: append_by_sequence
-- The outbox's `append` with an identity in place of the counter.
WITH numbered AS (
    SELECT nextval('chaos_number') AS number, e.*
      FROM unnest($2::uuid[], $3::text[], $4::uuid[], $5::timestamptz[], $6::timestamptz[],
                  $7::date[], $8::text[], $9::text[])
           WITH ORDINALITY AS e (id, type, subject, time, recorded, service_day, origin, data, n)
     WHERE $1::bigint > 0
)
INSERT INTO outbox (position, epoch, sequence, id, type, subject, time, recorded, service_day, origin, data)
SELECT number, 1, number, id, type, subject, time, recorded, service_day, origin, data FROM numbered;

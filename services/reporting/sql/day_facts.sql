-- What events say of days.

-- name: advance_epochs
INSERT INTO day_epochs AS d (site, stream, service_day, epoch, last_sequence)
SELECT * FROM unnest($1::text[], $2::text[], $3::date[], $4::integer[], $5::bigint[])
ON CONFLICT (site, stream, service_day, epoch) DO UPDATE
SET last_sequence = excluded.last_sequence
WHERE d.last_sequence < excluded.last_sequence;

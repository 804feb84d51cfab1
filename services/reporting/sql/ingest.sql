-- One batch of messages, in one transaction.

-- name: share_the_rollups
-- Ingest goes on beside ingest, and waits while the rollups are rebuilt.
SELECT pg_advisory_xact_lock_shared(hashtext('saduak/rollups'), hashtext(current_schema()));

-- name: standards_in_force
SELECT version FROM standards_in_force;

-- name: enter
-- What a batch must know first, in one question: the standards in force, the streams that are
-- stopped, and those of the batch's topics ($1) of which something could not be read lately. $2 is
-- how long after a look a stopped stream is tried again.
SELECT (SELECT version FROM standards_in_force) AS version,
    ARRAY(
        SELECT ARRAY[site, stream, detail,
            CASE WHEN reason <> 'gaps' AND looked_at <= now() - $2::interval THEN 'due' END]
        FROM stopped_streams
    ) AS stopped,
    ARRAY(
        SELECT topic FROM readability
        WHERE topic = ANY ($1::text[]) AND since > now() - interval '1 day'
    ) AS watched;

-- name: begin_streams
-- Arrays are in key order, so that processes that meet new streams at once don't block each other.
INSERT INTO streams (site, stream, epoch)
SELECT k.site, k.stream, k.epoch
FROM unnest($1::text[], $2::text[], $3::integer[])
    WITH ORDINALITY AS k (site, stream, epoch, place)
ORDER BY k.place
ON CONFLICT DO NOTHING;

-- name: lock_streams
SELECT s.site, s.stream, s.epoch, s.highest
FROM streams AS s
JOIN unnest($1::text[], $2::text[], $3::integer[]) AS k (site, stream, epoch)
    ON s.site = k.site AND s.stream = k.stream AND s.epoch = k.epoch
ORDER BY s.site, s.stream, s.epoch
FOR UPDATE OF s;

-- name: gaps_of
-- Every gap of these streams, over all their runs.
SELECT g.site, g.stream, g.epoch, g.first, g.last
FROM gaps AS g
JOIN unnest($1::text[], $2::text[]) AS k (site, stream) ON g.site = k.site AND g.stream = k.stream
ORDER BY g.site, g.stream, g.epoch, g.first;

-- name: ids_at
SELECT e.site, e.stream, e.epoch, e.sequence, e.id
FROM unnest($1::text[], $2::text[], $3::integer[], $4::bigint[])
    AS k (site, stream, epoch, sequence)
JOIN events AS e
    ON e.site = k.site AND e.stream = k.stream AND e.epoch = k.epoch
    AND e.sequence = k.sequence;

-- name: move_streams
UPDATE streams AS s
SET highest = k.highest
FROM unnest($1::text[], $2::text[], $3::integer[], $4::bigint[])
    AS k (site, stream, epoch, highest)
WHERE s.site = k.site AND s.stream = k.stream AND s.epoch = k.epoch;

-- name: close_gaps
DELETE FROM gaps AS g
USING unnest($1::text[], $2::text[], $3::integer[], $4::bigint[])
    AS k (site, stream, epoch, first)
WHERE g.site = k.site AND g.stream = k.stream AND g.epoch = k.epoch AND g.first = k.first;

-- name: open_gaps
INSERT INTO gaps (site, stream, epoch, first, last)
SELECT * FROM unnest($1::text[], $2::text[], $3::integer[], $4::bigint[], $5::bigint[]);

-- name: read_lately
-- How many messages of some topics could be read in the last day and how many not, and how many of
-- them nobody has settled.
SELECT k.topic, coalesce(r.valid, 0) AS valid, coalesce(r.invalid, 0) AS invalid,
    (SELECT count(*) FROM quarantine AS q WHERE q.topic = k.topic AND q.settled_at IS NULL) AS kept
FROM unnest($1::text[]) AS k (topic)
LEFT JOIN readability AS r ON r.topic = k.topic AND r.since > now() - interval '1 day';

-- name: count_read
INSERT INTO readability AS r (topic, valid, invalid)
SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[])
ON CONFLICT (topic) DO UPDATE
SET valid = CASE WHEN r.since > now() - interval '1 day' THEN r.valid ELSE 0 END + excluded.valid,
    invalid = CASE WHEN r.since > now() - interval '1 day' THEN r.invalid ELSE 0 END
        + excluded.invalid,
    since = CASE WHEN r.since > now() - interval '1 day' THEN r.since ELSE now() END;

-- name: steps_of_visits
SELECT s.site, s.visit, s.step, s.service_day, s.origin, s.ticket, s.service, s.visitor_class,
    s.channel, s.appointment, s.likely_ms, s.pessimistic_ms, s.feedback_link, s.entered_at,
    s.first_called_at, s.last_called_at, s.calls, s.counter, s.started_at, s.ended_at, s.outcome,
    s.time_quality, s.out_of_order, s.last_epoch, s.last_sequence, s.events,
    s.odd_appointment, s.odd_start, s.odd_end
FROM unnest($1::text[], $2::uuid[]) AS k (site, visit)
JOIN steps AS s ON s.site = k.site AND s.visit = k.visit;

-- name: events_of_visits
-- Everything known of some visits, to fold them anew.
SELECT e.site, e.subject, e.envelope
FROM unnest($1::text[], $2::uuid[]) AS k (site, visit)
JOIN events AS e
    ON e.site = k.site AND e.subject = k.visit AND e.stream = 'ticketing' AND NOT e.held;

-- name: clear_visits
DELETE FROM steps AS s
USING unnest($1::text[], $2::uuid[]) AS k (site, visit)
WHERE s.site = k.site AND s.visit = k.visit;

-- name: answers_to
SELECT r.site, r.reference, r.epoch, r.sequence, r.visit_day, r.manifest_day, r.service,
    r.waiting_band, r.language, r.channel, r.process, r.staff, r.facilities, r.information,
    r.screened, r.staff_issued
FROM unnest($1::text[], $2::text[]) AS k (site, reference)
JOIN responses AS r ON r.site = k.site AND r.reference = k.reference;

-- name: clear_answers
DELETE FROM responses AS r
USING unnest($1::text[], $2::text[]) AS k (site, reference)
WHERE r.site = k.site AND r.reference = k.reference;

-- name: advance_days
INSERT INTO day_progress AS p (site, service_day, stream, last_epoch, last_sequence)
SELECT * FROM unnest($1::text[], $2::date[], $3::text[], $4::integer[], $5::bigint[])
ON CONFLICT (site, service_day, stream) DO UPDATE
SET last_epoch = excluded.last_epoch, last_sequence = excluded.last_sequence
WHERE (p.last_epoch, p.last_sequence) < (excluded.last_epoch, excluded.last_sequence);

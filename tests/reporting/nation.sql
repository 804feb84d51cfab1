-- What tests ask of the national database, and what they alter by hand in it.

-- name: states
SELECT site, service_day, state, detail, ticketing_revision, feedback_revision
FROM site_days ORDER BY site, service_day;

-- name: compared
SELECT count(*) AS totals, count(*) FILTER (WHERE said IS DISTINCT FROM counted) AS differing
FROM compared_totals;

-- name: events
SELECT site, stream, epoch, sequence, id, type, held FROM events
ORDER BY site, stream, epoch, sequence;

-- name: messages
SELECT envelope FROM events ORDER BY site, stream, epoch, sequence;

-- name: quarantined
SELECT topic, partition, "offset", reason, detail, raw, size, digest FROM quarantine ORDER BY id;

-- name: streams
SELECT site, stream, epoch, highest FROM streams ORDER BY site, stream, epoch;

-- name: gaps
SELECT site, stream, epoch, first, last, noticed_at FROM gaps ORDER BY site, stream, epoch, first;

-- name: steps
SELECT * FROM steps ORDER BY site, visit, step;

-- name: responses
SELECT * FROM responses ORDER BY site, reference;

-- name: summed
SELECT (SELECT coalesce(sum(steps), 0) FROM step_rollup)::bigint AS steps,
    (SELECT coalesce(sum(visits), 0) FROM visit_rollup)::bigint AS visits,
    (SELECT coalesce(sum(offers), 0) FROM feedback_rollup)::bigint AS offers,
    (SELECT coalesce(sum(responses), 0) FROM feedback_rollup)::bigint AS responses,
    (SELECT coalesce(sum(n), 0) FROM step_cells)::bigint AS durations;

-- name: issuers
SELECT sum(responses)::bigint AS responses, sum(cleaned_responses)::bigint AS cleaned_responses,
    sum(issuer_known)::bigint AS issuer_known, sum(staff_issued)::bigint AS staff_issued
FROM feedback_rollup;

-- name: counted_services
SELECT 'steps' AS of, service, sum(steps)::bigint AS n, count(*) AS rows
FROM step_rollup GROUP BY service
UNION ALL
SELECT 'feedback', service, sum(offers)::bigint, count(*) FROM feedback_rollup GROUP BY service
UNION ALL
SELECT 'feedback days', service, sum(offers)::bigint, count(*)
FROM feedback_day_rollup GROUP BY service
UNION ALL
SELECT 'step manifests', service, sum(steps)::bigint, count(*)
FROM manifest_steps GROUP BY service
UNION ALL
SELECT 'answer manifests', service, sum(offers)::bigint, count(*)
FROM manifest_answers GROUP BY service;

-- name: epochs
SELECT site, stream, service_day, epoch, last_sequence FROM day_epochs
ORDER BY site, stream, service_day, epoch;

-- name: empty_rows
SELECT (SELECT count(*) FROM step_rollup WHERE steps = 0)
    + (SELECT count(*) FROM step_cells WHERE n = 0)
    + (SELECT count(*) FROM rating_rollup WHERE n = 0)
    + (SELECT count(*) FROM visit_rollup WHERE visits = 0) AS empty;

-- name: forget_everything
TRUNCATE streams, gaps, events, quarantine, day_progress, manifests, steps, step_rollup,
    step_cells, visit_rollup, responses, feedback_rollup, rating_rollup, feedback_day_rollup,
    restorations, resolutions, manifest_steps, manifest_answers, day_epochs,
    vacancies, stopped_streams, readability;

-- name: alter_rollup
UPDATE step_rollup SET served = served + 1
WHERE ctid = (SELECT ctid FROM step_rollup ORDER BY site, service_day, service LIMIT 1);

-- name: alter_cell
UPDATE step_cells SET n = n + 1
WHERE ctid = (SELECT ctid FROM step_cells ORDER BY site, service_day, cell LIMIT 1);

-- name: lose_cell
DELETE FROM step_cells
WHERE ctid = (SELECT ctid FROM step_cells ORDER BY site, service_day, cell LIMIT 1);

-- name: alter_visits
UPDATE visit_rollup SET visits = visits - 1
WHERE ctid = (SELECT ctid FROM visit_rollup ORDER BY site, service_day LIMIT 1);

-- name: alter_rating
UPDATE rating_rollup SET n = n + 1
WHERE ctid = (SELECT ctid FROM rating_rollup ORDER BY site, service_day, service LIMIT 1);

-- name: alter_feedback_day
UPDATE feedback_day_rollup SET levels = levels + 1
WHERE ctid = (SELECT ctid FROM feedback_day_rollup ORDER BY site, service_day, service LIMIT 1);

-- name: alter_step
UPDATE steps SET started_at = started_at - interval '1 minute'
WHERE ctid = (SELECT ctid FROM steps WHERE started_at IS NOT NULL ORDER BY visit LIMIT 1);

-- name: alter_response
UPDATE responses SET screened = NOT screened, staff_issued = staff_issued IS NOT TRUE
WHERE ctid = (SELECT ctid FROM responses ORDER BY reference LIMIT 1);

-- name: alter_event
UPDATE events SET envelope = replace(envelope, '"counter":1', '"counter":2')
WHERE ctid = (
    SELECT ctid FROM events WHERE type = 'visit.started.v1' AND envelope LIKE '%"counter":1%'
    ORDER BY sequence LIMIT 1
);

-- name: alter_event_day
UPDATE events SET service_day = service_day + 1
WHERE ctid = (SELECT ctid FROM events WHERE type = 'visit.ended.v1' ORDER BY sequence LIMIT 1);

-- name: lose_event
DELETE FROM events
WHERE ctid = (SELECT ctid FROM events WHERE type = 'visit.called.v1' ORDER BY sequence LIMIT 1);

-- name: lose_last_event
DELETE FROM events
WHERE ctid = (SELECT ctid FROM events ORDER BY sequence DESC LIMIT 1);

-- name: hold_event
UPDATE events SET held = true
WHERE ctid = (SELECT ctid FROM events WHERE type = 'visit.ended.v1' ORDER BY sequence LIMIT 1);

-- name: alter_manifest
UPDATE manifests
SET totals = jsonb_set(totals, '{services,0,wait_ms}',
    to_jsonb((totals #>> '{services,0,wait_ms}')::bigint + 1))
WHERE ctid = (
    SELECT ctid FROM manifests WHERE stream = 'ticketing'
    ORDER BY site, service_day, revision DESC LIMIT 1
);

-- name: alter_manifest_steps
UPDATE manifest_steps SET wait_ms = wait_ms + 1
WHERE ctid = (
    SELECT ctid FROM manifest_steps ORDER BY site, service_day, epoch DESC, sequence DESC LIMIT 1
);

-- name: alter_manifest_visits
UPDATE manifests SET visits = visits + 1
WHERE ctid = (
    SELECT ctid FROM manifests WHERE stream = 'ticketing'
    ORDER BY site, service_day, revision DESC LIMIT 1
);

-- name: alter_manifest_answers
UPDATE manifest_answers SET responses = responses + 1
WHERE ctid = (SELECT ctid FROM manifest_answers ORDER BY site, service_day LIMIT 1);

-- name: alter_epoch
UPDATE day_epochs SET last_sequence = last_sequence + 1
WHERE ctid = (SELECT ctid FROM day_epochs ORDER BY site, service_day LIMIT 1);

-- name: alter_stream
UPDATE streams SET highest = highest + 1
WHERE ctid = (SELECT ctid FROM streams ORDER BY site, stream LIMIT 1);

-- name: put_other_standards_in_force
UPDATE standards_in_force SET version = 'other';

-- name: shut_database
SELECT format('ALTER DATABASE %I WITH ALLOW_CONNECTIONS false', $1::text);

-- name: open_database
SELECT format('ALTER DATABASE %I WITH ALLOW_CONNECTIONS true', $1::text);

-- name: end_sessions
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1;

-- name: waiting
SELECT count(*) AS sessions FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock';

-- name: beats
SELECT site, stream, sent_at, received_at FROM beats;

-- name: open_gap
INSERT INTO gaps (site, stream, epoch, first, last, noticed_at)
VALUES ($1, 'ticketing', 1, 4, 6, now() - $2::interval);

-- name: let_pass
UPDATE gaps SET noticed_at = noticed_at - $1::interval, asked_at = asked_at - $1::interval;

-- name: count_by_other_rules
UPDATE standards_in_force SET counting = 0;

-- name: put_in_force
UPDATE standards_in_force SET version = $1;

-- name: restore_long_ago
-- A site whose many events of epoch 1 were lost in $3 restores, over many days. $1 is the site,
-- $2 how many events.
WITH days AS (
    SELECT n AS sequence, DATE '2024-01-01' + (n % 500)::integer AS service_day
    FROM generate_series(1, $2::bigint) AS n
), stored AS (
    INSERT INTO events (
        site, stream, epoch, sequence, id, type, service_day, envelope, digest, held
    )
    SELECT $1, 'ticketing', 1, sequence, gen_random_uuid(), 'counter.opened.v1', service_day,
        '', '', false
    FROM days
), reached AS (
    INSERT INTO day_epochs (site, stream, service_day, epoch, last_sequence)
    SELECT $1, 'ticketing', service_day, 1, max(sequence) FROM days GROUP BY service_day
), known AS (
    INSERT INTO day_progress (site, service_day, stream, last_epoch, last_sequence)
    SELECT $1, service_day, 'ticketing', 2, 1 FROM days GROUP BY service_day
)
INSERT INTO restorations (site, stream, epoch, sequence, after_epoch, after_sequence, lost)
SELECT $1, 'ticketing', 1 + n, 1, 1, 10, 1 FROM generate_series(1, $3::integer) AS n;

-- name: explained_view
EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT * FROM site_days;

-- name: stops
SELECT site, stream, reason, detail, since FROM stopped_streams ORDER BY site, stream;

-- name: let_stops_pass
UPDATE stopped_streams SET looked_at = looked_at - $1::interval;

-- name: vacancies
SELECT site, stream, epoch, first, last, reason, service_day, finding FROM vacancies
ORDER BY site, stream, epoch, first;

-- name: infinities
SELECT count(*) FROM steps
WHERE NOT (isfinite(appointment) AND isfinite(entered_at) AND isfinite(started_at)
    AND isfinite(ended_at));

-- name: forget_readability
WITH settled AS (
    UPDATE quarantine SET settled_at = now(), finding = 'seen' WHERE settled_at IS NULL
)
DELETE FROM readability;

-- name: store_as_before
-- As the release before stored an event.
INSERT INTO events
    (site, stream, epoch, sequence, id, type, subject, service_day, envelope, digest, held)
VALUES ($1, 'ticketing', 1, $2, $3, $4, $5, $6, $7, $8, false);

-- name: reach_as_before
INSERT INTO streams (site, stream, epoch, highest) VALUES ($1, 'ticketing', 1, $2);

-- name: odd_step_as_before
INSERT INTO steps (site, visit, step, service_day, origin, calls, last_epoch, last_sequence,
    appointment, ended_at, entered_at)
VALUES ($1, gen_random_uuid(), 1, '2026-03-02', 'live', 0, 1, 1, '-infinity', 'infinity',
    '9999-12-31T23:59:59Z');

-- name: odd_progress_as_before
INSERT INTO day_progress (site, service_day, stream, last_epoch, last_sequence)
VALUES ($1, 'infinity', 'ticketing', 1, 1), ($1, '9999-12-31', 'feedback', 1, 1);

-- name: odd_beat_as_before
INSERT INTO beats (site, stream, sent_at, received_at, epoch, last_sequence, backlog,
    oldest_unsent, relay, version, standards, disk_free_percent, certificate_until)
VALUES ($1, 'ticketing', now(), now(), 1, 1, 0, '-infinity', 'sending', '1', '1', 50, 'infinity'),
    ($1, 'feedback', 'infinity', now(), 1, 1, 0, NULL, 'sending', '1', '1', 50, NULL);

-- name: odd_stale_as_before
INSERT INTO stale_periods (kind, first_day) VALUES ('day', 'infinity'), ('day', '9999-12-31');

-- name: odd_notice_as_before
INSERT INTO notices (id, site, text_th, text_en, given_at, until, said_at)
VALUES (gen_random_uuid(), $1, 'x', 'x', '2026-11-01T00:00Z', '2569-12-01T00:00Z', now());

-- name: times
SELECT sequence, happened_at, recorded_at FROM events ORDER BY site, stream, epoch, sequence;

-- name: whole_beats
SELECT stream, sent_at, oldest_unsent, certificate_until FROM beats;

-- name: notices_until
SELECT until FROM notices;

-- name: infinite_beat
UPDATE beats SET certificate_until = 'infinity';

-- name: infinite_stale
INSERT INTO stale_periods (kind, first_day) VALUES ('day', 'infinity');

-- name: infinite_notice
UPDATE notices SET until = 'infinity';

-- name: infinite_step
UPDATE steps SET ended_at = '-infinity';

-- name: quarantine_numbers
SELECT id FROM quarantine ORDER BY id;

-- name: rows_of_site
-- All rows of the site $1 in the table $2, without the times at which they came.
SELECT told FROM (
    SELECT 'steps' AS name, to_jsonb(t) AS told FROM steps AS t WHERE site = $1
    UNION ALL SELECT 'step_rollup', to_jsonb(t) FROM step_rollup AS t WHERE site = $1
    UNION ALL SELECT 'step_cells', to_jsonb(t) FROM step_cells AS t WHERE site = $1
    UNION ALL SELECT 'visit_rollup', to_jsonb(t) FROM visit_rollup AS t WHERE site = $1
    UNION ALL SELECT 'responses', to_jsonb(t) FROM responses AS t WHERE site = $1
    UNION ALL SELECT 'feedback_rollup', to_jsonb(t) FROM feedback_rollup AS t WHERE site = $1
    UNION ALL SELECT 'rating_rollup', to_jsonb(t) FROM rating_rollup AS t WHERE site = $1
    UNION ALL SELECT 'feedback_day_rollup', to_jsonb(t) FROM feedback_day_rollup AS t
    WHERE site = $1
    UNION ALL SELECT 'day_progress', to_jsonb(t) FROM day_progress AS t WHERE site = $1
    UNION ALL SELECT 'gaps', to_jsonb(t) - 'noticed_at' FROM gaps AS t WHERE site = $1
    UNION ALL SELECT 'streams', to_jsonb(t) FROM streams AS t WHERE site = $1
) AS every
WHERE name = $2
ORDER BY told::text;

-- name: asked
SELECT site, max(asked) AS asked FROM gaps GROUP BY site;

-- name: open_gaps
-- $2 gaps that were each asked for $3 times, all of yesterday.
INSERT INTO gaps (site, stream, epoch, first, last, noticed_at, asked, asked_at)
SELECT $1, 'ticketing', 1, 2 * n, 2 * n, now() - interval '1 day', $3::smallint,
    CASE WHEN $3 > 0 THEN now() - interval '1 hour' END
FROM generate_series(1, $2::integer) AS n;

-- name: open_huge_gaps
INSERT INTO gaps (site, stream, epoch, first, last, noticed_at)
SELECT $1, 'ticketing', epoch, 1, 9223372036854775807, now() - interval '1 day'
FROM generate_series(1, 5) AS epoch;

-- Everything that follows from the events, made anew or held against them.

-- name: have_the_rollups_alone
SELECT pg_advisory_xact_lock(hashtext('saduak/rollups'), hashtext(current_schema()));

-- name: held_types
SELECT DISTINCT type FROM events WHERE held ORDER BY type;

-- name: sites
-- Every site that any table knows, so that rows of a site without events are found too.
SELECT site FROM streams
UNION SELECT site FROM steps UNION SELECT site FROM responses UNION SELECT site FROM manifests
UNION SELECT site FROM restorations UNION SELECT site FROM resolutions
UNION SELECT site FROM manifest_steps UNION SELECT site FROM manifest_answers
UNION SELECT site FROM day_progress UNION SELECT site FROM day_epochs
UNION SELECT site FROM step_rollup
UNION SELECT site FROM step_cells UNION SELECT site FROM visit_rollup
UNION SELECT site FROM feedback_rollup UNION SELECT site FROM rating_rollup
UNION SELECT site FROM feedback_day_rollup UNION SELECT site FROM vacancies
UNION SELECT DISTINCT site FROM events
ORDER BY site;

-- name: events_of_site
SELECT stream, epoch, sequence, id, type, subject, service_day, envelope, digest, held,
    happened_at, recorded_at
FROM events
WHERE site = $1
ORDER BY stream, epoch, sequence;

-- name: streams_of_site
SELECT site, stream, epoch, highest FROM streams WHERE site = $1;

-- name: gaps_of_site
SELECT site, stream, epoch, first, last FROM gaps WHERE site = $1 ORDER BY stream, epoch, first;

-- name: not_folded
-- What nothing is folded from, and what is counted under no name of its own.
SELECT site || ' ' || stream AS of,
    sum(last - first + 1) || ' numbers without an event: ' || reason AS what
FROM vacancies
GROUP BY site, stream, reason
UNION ALL
SELECT site, count(DISTINCT service_day)
    || ' days with services that the standards don''t know, counted as ' || service
FROM (
    SELECT site, service_day, service FROM step_rollup WHERE service = 'unknown'
    UNION ALL
    SELECT site, service_day, service FROM feedback_rollup WHERE service = 'unknown'
) AS counted
GROUP BY site, service
ORDER BY 1, 2;

-- name: now_known
-- Held events whose type this release knows.
UPDATE events AS e
SET held = k.held
FROM unnest($1::text[], $2::text[], $3::integer[], $4::bigint[], $5::boolean[])
    AS k (site, stream, epoch, sequence, held)
WHERE e.site = k.site AND e.stream = k.stream AND e.epoch = k.epoch
    AND e.sequence = k.sequence;

-- name: put_in_force
INSERT INTO standards_in_force (version, counting) VALUES ($1, $2)
ON CONFLICT (only_row) DO UPDATE
SET version = excluded.version, counting = excluded.counting, applied_at = now();

-- name: judged_by
SELECT version, counting FROM standards_in_force;

-- name: clear_steps
DELETE FROM steps;

-- name: clear_responses
DELETE FROM responses;

-- name: clear_manifests
DELETE FROM manifests;

-- name: clear_manifest_steps
DELETE FROM manifest_steps;

-- name: clear_manifest_answers
DELETE FROM manifest_answers;

-- name: clear_restorations
DELETE FROM restorations;

-- name: clear_resolutions
DELETE FROM resolutions;

-- name: clear_day_progress
DELETE FROM day_progress;

-- name: clear_day_epochs
DELETE FROM day_epochs;

-- name: clear_step_rollup
DELETE FROM step_rollup;

-- name: clear_step_cells
DELETE FROM step_cells;

-- name: clear_visit_rollup
DELETE FROM visit_rollup;

-- name: clear_feedback_rollup
DELETE FROM feedback_rollup;

-- name: clear_rating_rollup
DELETE FROM rating_rollup;

-- name: clear_feedback_day_rollup
DELETE FROM feedback_day_rollup;

-- name: steps_of_site
SELECT site, visit, step, service_day, origin, ticket, service, visitor_class, channel,
    appointment, likely_ms, pessimistic_ms, feedback_link, entered_at, first_called_at,
    last_called_at, calls, counter, started_at, ended_at, outcome, time_quality, out_of_order,
    last_epoch, last_sequence, events, odd_appointment, odd_start, odd_end
FROM steps
WHERE site = $1;

-- name: responses_of_site
SELECT site, reference, epoch, sequence, visit_day, manifest_day, service, waiting_band, language,
    channel, process, staff, facilities, information, screened, staff_issued
FROM responses
WHERE site = $1;

-- name: manifests_of_site
SELECT site, stream, service_day, revision, epoch, sequence, visits, totals
FROM manifests
WHERE site = $1;

-- name: manifest_steps_of_site
SELECT site, service_day, epoch, sequence, service, steps, served, no_show, left_waiting, removed,
    forgotten, wait_ms, service_ms, implausible
FROM manifest_steps
WHERE site = $1;

-- name: manifest_answers_of_site
SELECT site, service_day, epoch, sequence, service, offers, responses, ratings, levels
FROM manifest_answers
WHERE site = $1;

-- name: restorations_of_site
SELECT site, stream, epoch, sequence, after_epoch, after_sequence, lost
FROM restorations
WHERE site = $1;

-- name: resolutions_of_site
SELECT site, stream, service_day, epoch, sequence, reason
FROM resolutions
WHERE site = $1;

-- name: day_progress_of_site
SELECT site, service_day, stream, last_epoch, last_sequence
FROM day_progress
WHERE site = $1;

-- name: day_epochs_of_site
SELECT site, stream, service_day, epoch, last_sequence
FROM day_epochs
WHERE site = $1;

-- name: step_rollup_of_site
SELECT site, service_day, service, visitor_class, hour, steps, served, no_show, left_waiting,
    removed, forgotten, wait_n, wait_ms, service_n, service_ms, wait_met, wait_missed,
    service_met, service_missed, calls_in_order, calls_out_of_order, implausible, lunch_served,
    after_hours_served, estimate_n, estimate_within, kiosk, counter, mobile, online, booked_n,
    booked_on_time
FROM step_rollup
WHERE site = $1;

-- name: step_cells_of_site
SELECT site, service_day, service, visitor_class, hour, measure, cell, n
FROM step_cells
WHERE site = $1;

-- name: visit_rollup_of_site
SELECT site, service_day, visits, ended, total_n, total_ms
FROM visit_rollup
WHERE site = $1;

-- name: feedback_rollup_of_site
SELECT site, service_day, service, offers, responses, cleaned_responses, issuer_known,
    staff_issued
FROM feedback_rollup
WHERE site = $1;

-- name: rating_rollup_of_site
SELECT site, service_day, service, dimension, level, n, cleaned_n
FROM rating_rollup
WHERE site = $1;

-- name: feedback_day_rollup_of_site
SELECT site, service_day, service, offers, responses, ratings, levels
FROM feedback_day_rollup
WHERE site = $1;

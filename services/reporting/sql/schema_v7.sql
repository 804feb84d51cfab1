-- What one message can do no harm with: numbers without an event, streams that are stopped, times
-- as columns, and no infinity anywhere. What is stored already is looked through once.

-- Numbers of a stream that have no event and wait for none; both ends inclusive. They are facts,
-- like the events: rebuilding changes nothing in here. A good event that comes later all the same
-- takes its place, and the row goes or is narrowed.
--   refused  a message came and was refused (its bytes: `quarantine`); `service_day` is the day it
--            named, null where that could not be read
--   lost     a person has given the numbers up; `finding` is what was found
CREATE TABLE vacancies (
    site text COLLATE "C" NOT NULL,
    stream text COLLATE "C" NOT NULL CHECK (stream IN ('ticketing', 'feedback')),
    epoch integer NOT NULL CHECK (epoch >= 1),
    first bigint NOT NULL CHECK (first >= 1),
    last bigint NOT NULL,
    reason text NOT NULL CHECK (reason IN ('refused', 'lost')),
    service_day date CHECK (service_day BETWEEN '1990-01-01' AND '2100-12-31'),
    finding text CHECK (length(finding) BETWEEN 1 AND 200),
    noted_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (site, stream, epoch, first),
    CHECK (last >= first),
    CHECK ((reason = 'lost') = (finding IS NOT NULL))
);

-- Streams that no replica reads on until a person has looked. `detail` says why and what to do;
-- `looked_at` is when the stream was last tried.
--   unreadable  most of what comes can't be read
--   faults      too many messages make the ingest fail
--   gaps        too many numbers are missing: not tried again until they are accepted as lost
CREATE TABLE stopped_streams (
    site text COLLATE "C" NOT NULL,
    stream text COLLATE "C" NOT NULL CHECK (stream IN ('ticketing', 'feedback')),
    reason text NOT NULL CHECK (reason IN ('unreadable', 'faults', 'gaps')),
    detail text NOT NULL,
    since timestamptz NOT NULL DEFAULT now(),
    looked_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (site, stream)
);

-- How much of a topic could be read lately, of those where something could not.
CREATE TABLE readability (
    topic text COLLATE "C" PRIMARY KEY,
    valid bigint NOT NULL CHECK (valid >= 0),
    invalid bigint NOT NULL CHECK (invalid >= 0),
    since timestamptz NOT NULL DEFAULT now()
);

-- Of a refused message at most 4096 bytes are kept from now on; what was kept before stays. `size`
-- is how many there were, and `digest` is that of all of them.
ALTER TABLE quarantine
    ADD COLUMN size integer,
    DROP CONSTRAINT quarantine_reason_check,
    ADD CONSTRAINT quarantine_reason_check CHECK (reason IN (
        'poison', 'foreign_source', 'foreign_type', 'fork', 'too_large', 'ahead', 'surplus', 'fault'
    ));
UPDATE quarantine SET size = length(raw);
CREATE INDEX quarantine_unsettled ON quarantine (topic, reason) WHERE settled_at IS NULL;

-- The envelope's `time` and `recordedtime`, so that nobody reads them out of its text. Both are
-- null where an earlier release has stored what is no time of ours in a held event.
ALTER TABLE events ADD COLUMN happened_at timestamptz, ADD COLUMN recorded_at timestamptz;

-- How many events a step was folded from; and which of its times lie outside of what can be: those
-- are null in their column and true here.
ALTER TABLE steps
    ADD COLUMN events integer NOT NULL DEFAULT 0,
    ADD COLUMN odd_appointment boolean NOT NULL DEFAULT false,
    ADD COLUMN odd_start boolean NOT NULL DEFAULT false,
    ADD COLUMN odd_end boolean NOT NULL DEFAULT false;

-- What is stored already. (The schema's owner may make no temporary tables.) An instant is taken
-- where it is written in the one form that holds now, and lies in the span; else it is null.
CREATE FUNCTION v7_instant(written text, from_year text) RETURNS timestamptz
LANGUAGE sql AS $$
    SELECT CASE
        WHEN written ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})$'
            AND pg_input_is_valid(written, 'timestamptz')
            AND (written::timestamptz AT TIME ZONE 'UTC')::date
                BETWEEN (from_year || '-01-01')::date AND '2100-12-31'
        THEN written::timestamptz
    END
$$;

CREATE TABLE v7_read_again AS
SELECT e.site, e.stream, e.epoch, e.sequence, e.subject, e.type, e.held,
    v7_instant(
        j.envelope ->> 'time', CASE WHEN j.envelope ->> 'origin' = 'import' THEN '1990' ELSE '2015' END
    ) AS happened_at,
    v7_instant(j.envelope ->> 'recordedtime', '2015') AS recorded_at,
    e.service_day BETWEEN
        CASE WHEN j.envelope ->> 'origin' = 'import' THEN date '1990-01-01' ELSE date '2015-01-01' END
        AND date '2100-12-31' AS of_a_day_that_can_be,
    j.envelope #>> '{data,step}' AS step
FROM events AS e
CROSS JOIN LATERAL (
    SELECT CASE WHEN pg_input_is_valid(e.envelope, 'jsonb') THEN e.envelope::jsonb END AS envelope
) AS j;

UPDATE events AS e
SET happened_at = r.happened_at, recorded_at = r.recorded_at
FROM v7_read_again AS r
WHERE (e.site, e.stream, e.epoch, e.sequence) = (r.site, r.stream, r.epoch, r.sequence);

-- An event that would be refused today is set apart today, and leaves its number vacant. Only what
-- is held may stay without its times: nothing is folded from it.
CREATE TABLE v7_refused_today AS
SELECT site, stream, epoch, sequence
FROM v7_read_again
WHERE of_a_day_that_can_be IS NOT TRUE
    OR (NOT held AND (happened_at IS NULL OR recorded_at IS NULL));

INSERT INTO quarantine (topic, partition, "offset", reason, detail, raw, digest, size)
SELECT 'site.' || e.site || '.' || e.stream, 0, -1, 'poison',
    'stored by an earlier release: epoch ' || e.epoch || ', sequence ' || e.sequence
        || ', whose times or service day can not be',
    substring(convert_to(e.envelope, 'UTF8') FROM 1 FOR 4096), e.digest,
    length(convert_to(e.envelope, 'UTF8'))
FROM events AS e
JOIN v7_refused_today AS t USING (site, stream, epoch, sequence)
ON CONFLICT DO NOTHING;

INSERT INTO vacancies (site, stream, epoch, first, last, reason, service_day)
SELECT e.site, e.stream, e.epoch, e.sequence, e.sequence, 'refused',
    CASE WHEN e.service_day BETWEEN '1990-01-01' AND '2100-12-31' THEN e.service_day END
FROM events AS e
JOIN v7_refused_today AS t USING (site, stream, epoch, sequence);

DELETE FROM events AS e
USING v7_refused_today AS t
WHERE (e.site, e.stream, e.epoch, e.sequence) = (t.site, t.stream, t.epoch, t.sequence);

UPDATE steps AS s
SET events = c.events
FROM (
    SELECT site, subject, step, count(*) AS events
    FROM v7_read_again
    WHERE stream = 'ticketing' AND NOT held AND type LIKE 'visit.%' AND subject IS NOT NULL
    GROUP BY site, subject, step
) AS c
WHERE s.site = c.site AND s.visit = c.subject AND s.step::text = c.step;

CREATE FUNCTION v7_can_be(moment timestamptz) RETURNS boolean
LANGUAGE sql AS $$
    SELECT moment >= '1990-01-01T00:00Z' AND moment < '2101-01-01T00:00Z'
$$;

-- Of a booking or a correction outside the span only the time goes. The rest is made anew from the
-- events before the next one is taken in: the figures are in force for no standards.
CREATE TABLE v7_mended AS
WITH odd AS (
    UPDATE steps
    SET odd_appointment = v7_can_be(appointment) IS FALSE,
        odd_start = v7_can_be(started_at) IS FALSE,
        odd_end = v7_can_be(ended_at) IS FALSE,
        appointment = CASE WHEN v7_can_be(appointment) THEN appointment END,
        entered_at = CASE WHEN v7_can_be(entered_at) THEN entered_at END,
        first_called_at = CASE WHEN v7_can_be(first_called_at) THEN first_called_at END,
        last_called_at = CASE WHEN v7_can_be(last_called_at) THEN last_called_at END,
        started_at = CASE WHEN v7_can_be(started_at) THEN started_at END,
        ended_at = CASE WHEN v7_can_be(ended_at) THEN ended_at END
    WHERE v7_can_be(appointment) IS FALSE OR v7_can_be(entered_at) IS FALSE
        OR v7_can_be(first_called_at) IS FALSE OR v7_can_be(last_called_at) IS FALSE
        OR v7_can_be(started_at) IS FALSE OR v7_can_be(ended_at) IS FALSE
    RETURNING 1
)
SELECT count(*) AS steps FROM odd;

DELETE FROM steps WHERE service_day NOT BETWEEN '1990-01-01' AND '2100-12-31';
DELETE FROM day_progress WHERE service_day NOT BETWEEN '1990-01-01' AND '2100-12-31';
DELETE FROM manifests WHERE service_day NOT BETWEEN '1990-01-01' AND '2100-12-31';
DELETE FROM resolutions WHERE service_day NOT BETWEEN '1990-01-01' AND '2100-12-31';
DELETE FROM responses
WHERE visit_day NOT BETWEEN '1990-01-01' AND '2100-12-31'
    OR manifest_day NOT BETWEEN '1990-01-01' AND '2100-12-31';
DELETE FROM stale_periods WHERE first_day NOT BETWEEN '1989-10-01' AND '2100-12-31';
DELETE FROM published_figures WHERE first_day NOT BETWEEN '1989-10-01' AND '2100-12-31';
DELETE FROM published_criteria WHERE first_day NOT BETWEEN '1989-10-01' AND '2100-12-31';
DELETE FROM published_scorecards WHERE first_day NOT BETWEEN '1989-10-01' AND '2100-12-31';
DELETE FROM published_days WHERE service_day NOT BETWEEN '1990-01-01' AND '2100-12-31';

UPDATE standards_in_force SET version = 'none: to be made anew'
WHERE (SELECT steps FROM v7_mended) > 0 OR EXISTS (SELECT FROM v7_refused_today);

DROP TABLE v7_mended, v7_refused_today, v7_read_again;
DROP FUNCTION v7_instant(text, text);
DROP FUNCTION v7_can_be(timestamptz);

-- A sign of life comes again in a minute.
DELETE FROM beats
WHERE sent_at < '1970-01-01T00:00Z' OR sent_at >= '2101-01-01T00:00Z' OR NOT isfinite(received_at);
UPDATE beats SET oldest_unsent = NULL
WHERE oldest_unsent < '1970-01-01T00:00Z' OR oldest_unsent >= '2101-01-01T00:00Z';
UPDATE beats SET certificate_until = NULL
WHERE certificate_until < '1970-01-01T00:00Z' OR certificate_until >= '2101-01-01T00:00Z';

-- A notice until a Buddhist year meant the year 543 before; one without a sensible end holds for
-- two weeks. The sites are told again.
UPDATE notices
SET until = CASE
        WHEN isfinite(until) AND until - interval '543 years' > given_at
            AND until - interval '543 years' < '2101-01-01T00:00Z'
        THEN until - interval '543 years'
        ELSE given_at + interval '14 days'
    END,
    said_at = NULL
WHERE until >= '2101-01-01T00:00Z';

-- From here on no infinity is possible.
ALTER TABLE events
    ADD CHECK (isfinite(happened_at)),
    ADD CHECK (isfinite(recorded_at)),
    ADD CHECK (service_day BETWEEN '1990-01-01' AND '2100-12-31');
ALTER TABLE steps
    ADD CHECK (isfinite(appointment)),
    ADD CHECK (isfinite(entered_at)),
    ADD CHECK (isfinite(first_called_at) AND isfinite(last_called_at)),
    ADD CHECK (isfinite(started_at) AND isfinite(ended_at)),
    ADD CHECK (service_day BETWEEN '1990-01-01' AND '2100-12-31');
ALTER TABLE day_progress ADD CHECK (service_day BETWEEN '1990-01-01' AND '2100-12-31');
ALTER TABLE manifests ADD CHECK (service_day BETWEEN '1990-01-01' AND '2100-12-31');
ALTER TABLE resolutions ADD CHECK (service_day BETWEEN '1990-01-01' AND '2100-12-31');
ALTER TABLE responses
    ADD CHECK (visit_day BETWEEN '1990-01-01' AND '2100-12-31'),
    ADD CHECK (manifest_day BETWEEN '1990-01-01' AND '2100-12-31');
-- A fiscal year begins in October.
ALTER TABLE stale_periods ADD CHECK (first_day BETWEEN '1989-10-01' AND '2100-12-31');
ALTER TABLE beats
    ADD CHECK (isfinite(sent_at)),
    ADD CHECK (isfinite(received_at)),
    ADD CHECK (isfinite(oldest_unsent)),
    ADD CHECK (isfinite(certificate_until));
ALTER TABLE notices
    ADD CHECK (isfinite(given_at)),
    ADD CHECK (isfinite(until)),
    ADD CHECK (isfinite(withdrawn_at)),
    ADD CHECK (isfinite(said_at));

GRANT SELECT, INSERT, UPDATE, DELETE ON vacancies, stopped_streams, readability TO reporting_app;
GRANT SELECT ON vacancies, stopped_streams TO reporting_reader;

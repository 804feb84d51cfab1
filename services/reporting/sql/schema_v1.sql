-- The tables of the national database, in the schema `reporting`. The first migration runs this
-- file once; it is never edited after a release.
--
-- Facts: streams, gaps, events, quarantine. All else is a function of the events and of the
-- standards in force, and can be rebuilt.
-- Codes sort by code point ("C"), as the programs sort them.

-- How far each numbered stream has arrived. Its lowest row is also the lock under which one
-- process at a time works on the stream.
CREATE TABLE streams (
    site text COLLATE "C" NOT NULL,
    stream text COLLATE "C" NOT NULL CHECK (stream IN ('ticketing', 'feedback')),
    epoch integer NOT NULL CHECK (epoch >= 1),
    highest bigint NOT NULL DEFAULT 0 CHECK (highest >= 0),
    PRIMARY KEY (site, stream, epoch)
) WITH (fillfactor = 50);

-- What is missing below the highest number; both ends inclusive.
CREATE TABLE gaps (
    site text COLLATE "C" NOT NULL,
    stream text COLLATE "C" NOT NULL,
    epoch integer NOT NULL,
    first bigint NOT NULL CHECK (first >= 1),
    last bigint NOT NULL,
    noticed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (site, stream, epoch, first),
    CHECK (last >= first)
);

-- Every event, once. `envelope` is the message to the letter, `digest` its BLAKE2b-128.
-- A held event is of a type or version that was not known when it came: its number counts, and
-- it is not folded.
CREATE TABLE events (
    site text COLLATE "C" NOT NULL,
    stream text COLLATE "C" NOT NULL,
    epoch integer NOT NULL,
    sequence bigint NOT NULL CHECK (sequence >= 1),
    id uuid NOT NULL,
    type text COLLATE "C" NOT NULL,
    subject uuid,
    service_day date NOT NULL,
    envelope text NOT NULL,
    digest bytea NOT NULL,
    held boolean NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (site, stream, epoch, sequence)
);
CREATE INDEX events_of_visit ON events (site, subject)
    WHERE stream = 'ticketing' AND subject IS NOT NULL;
CREATE INDEX events_held ON events (type) WHERE held;

-- Messages that are no event of their stream, as they came.
CREATE TABLE quarantine (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic text COLLATE "C" NOT NULL,
    partition integer NOT NULL,
    "offset" bigint NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    reason text NOT NULL
        CHECK (reason IN ('poison', 'foreign_source', 'foreign_type', 'fork')),
    detail text NOT NULL,
    raw bytea NOT NULL,
    digest bytea NOT NULL,
    UNIQUE (topic, partition, "offset", digest)
);

-- The last event of each stream and day that the day's totals cover (its manifests included).
-- A day is known from its first such event on.
CREATE TABLE day_progress (
    site text COLLATE "C" NOT NULL,
    service_day date NOT NULL,
    stream text COLLATE "C" NOT NULL,
    last_epoch integer NOT NULL,
    last_sequence bigint NOT NULL,
    PRIMARY KEY (site, service_day, stream)
);

-- The days as the sites counted them. `totals` is the event's data.
CREATE TABLE manifests (
    site text COLLATE "C" NOT NULL,
    stream text COLLATE "C" NOT NULL,
    service_day date NOT NULL,
    revision integer NOT NULL,
    epoch integer NOT NULL,
    sequence bigint NOT NULL,
    totals jsonb NOT NULL,
    PRIMARY KEY (site, stream, service_day, revision, epoch, sequence)
);

-- The fold of each step's events; what has not arrived is null.
CREATE TABLE steps (
    site text COLLATE "C" NOT NULL,
    visit uuid NOT NULL,
    step smallint NOT NULL,
    service_day date NOT NULL,
    origin text NOT NULL,
    ticket text,
    service text COLLATE "C",
    visitor_class text COLLATE "C",
    channel text,
    appointment timestamptz,
    likely_ms bigint,
    pessimistic_ms bigint,
    feedback_link boolean,
    entered_at timestamptz,
    first_called_at timestamptz,
    last_called_at timestamptz,
    calls smallint NOT NULL,
    counter smallint,
    started_at timestamptz,
    ended_at timestamptz,
    outcome text,
    time_quality text,
    out_of_order text,
    last_epoch integer NOT NULL,
    last_sequence bigint NOT NULL,
    PRIMARY KEY (site, visit, step)
);

-- Sums over steps. `hour` is the local hour (Asia/Bangkok) in which the step entered the queue.
-- A row whose steps are all gone is removed.
CREATE TABLE step_rollup (
    site text COLLATE "C" NOT NULL,
    service_day date NOT NULL,
    service text COLLATE "C" NOT NULL,
    visitor_class text COLLATE "C" NOT NULL,
    hour smallint NOT NULL CHECK (hour BETWEEN 0 AND 23),
    steps bigint NOT NULL,
    served bigint NOT NULL,
    no_show bigint NOT NULL,
    left_waiting bigint NOT NULL,
    removed bigint NOT NULL,
    forgotten bigint NOT NULL,
    wait_n bigint NOT NULL,
    wait_ms bigint NOT NULL,
    service_n bigint NOT NULL,
    service_ms bigint NOT NULL,
    wait_met bigint NOT NULL,
    wait_missed bigint NOT NULL,
    service_met bigint NOT NULL,
    service_missed bigint NOT NULL,
    calls_in_order bigint NOT NULL,
    calls_out_of_order bigint NOT NULL,
    implausible bigint NOT NULL,
    lunch_served bigint NOT NULL,
    after_hours_served bigint NOT NULL,
    estimate_n bigint NOT NULL,
    estimate_within bigint NOT NULL,
    kiosk bigint NOT NULL,
    counter bigint NOT NULL,
    mobile bigint NOT NULL,
    online bigint NOT NULL,
    booked_n bigint NOT NULL,
    booked_on_time bigint NOT NULL,
    PRIMARY KEY (site, service_day, service, visitor_class, hour)
);

-- Histograms of the plausible waits and services of served steps, in the numbered cells of the
-- standards.
CREATE TABLE step_cells (
    site text COLLATE "C" NOT NULL,
    service_day date NOT NULL,
    service text COLLATE "C" NOT NULL,
    visitor_class text COLLATE "C" NOT NULL,
    hour smallint NOT NULL CHECK (hour BETWEEN 0 AND 23),
    measure text COLLATE "C" NOT NULL CHECK (measure IN ('wait', 'service')),
    cell smallint NOT NULL,
    n bigint NOT NULL,
    PRIMARY KEY (site, service_day, service, visitor_class, hour, measure, cell)
);

-- Sums over visits; `total` is from the ticket to the end of a served visit.
CREATE TABLE visit_rollup (
    site text COLLATE "C" NOT NULL,
    service_day date NOT NULL,
    visits bigint NOT NULL,
    ended bigint NOT NULL,
    total_n bigint NOT NULL,
    total_ms bigint NOT NULL,
    PRIMARY KEY (site, service_day)
);

-- The answer that counts of each reference: the one with the lowest (epoch, sequence).
-- `visit_day` is the day it rates, `manifest_day` the day whose manifest counts it.
CREATE TABLE responses (
    site text COLLATE "C" NOT NULL,
    reference text COLLATE "C" NOT NULL,
    epoch integer NOT NULL,
    sequence bigint NOT NULL,
    visit_day date NOT NULL,
    manifest_day date NOT NULL,
    service text COLLATE "C" NOT NULL,
    waiting_band text NOT NULL,
    language text NOT NULL,
    channel text NOT NULL,
    process smallint CHECK (process BETWEEN 1 AND 5),
    staff smallint CHECK (staff BETWEEN 1 AND 5),
    facilities smallint CHECK (facilities BETWEEN 1 AND 5),
    information smallint CHECK (information BETWEEN 1 AND 5),
    screened boolean NOT NULL,
    PRIMARY KEY (site, reference)
);

-- Offers by the day of the visit, responses by the day they rate. Cleaned: without the screened.
CREATE TABLE feedback_rollup (
    site text COLLATE "C" NOT NULL,
    service_day date NOT NULL,
    service text COLLATE "C" NOT NULL,
    offers bigint NOT NULL,
    responses bigint NOT NULL,
    cleaned_responses bigint NOT NULL,
    PRIMARY KEY (site, service_day, service)
);

CREATE TABLE rating_rollup (
    site text COLLATE "C" NOT NULL,
    service_day date NOT NULL,
    service text COLLATE "C" NOT NULL,
    dimension text COLLATE "C" NOT NULL
        CHECK (dimension IN ('process', 'staff', 'facilities', 'information')),
    level smallint NOT NULL CHECK (level BETWEEN 1 AND 5),
    n bigint NOT NULL,
    cleaned_n bigint NOT NULL,
    PRIMARY KEY (site, service_day, service, dimension, level)
);

-- What the feedback manifests count: by the manifest's day.
CREATE TABLE feedback_day_rollup (
    site text COLLATE "C" NOT NULL,
    service_day date NOT NULL,
    service text COLLATE "C" NOT NULL,
    offers bigint NOT NULL,
    responses bigint NOT NULL,
    ratings bigint NOT NULL,
    levels bigint NOT NULL,
    PRIMARY KEY (site, service_day, service)
);

-- The standards by which all rows of the rollups were judged.
CREATE TABLE standards_in_force (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    version text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);

-- The manifest that speaks for a day: the highest revision; of equals, the latest.
CREATE VIEW latest_manifests AS
SELECT DISTINCT ON (site, stream, service_day)
    site, stream, service_day, revision, epoch, sequence, totals
FROM manifests
ORDER BY site, stream, service_day, revision DESC, epoch DESC, sequence DESC;

-- Every control total beside the nation's own figure. `service` is null for totals of visits.
CREATE VIEW compared_totals AS
SELECT m.site, m.service_day, m.stream, m.revision, c.service, c.total, c.said, c.counted
FROM latest_manifests AS m
CROSS JOIN LATERAL (
    SELECT NULL::text AS service, 'visits' AS total,
        (m.totals ->> 'visits')::bigint AS said,
        coalesce((
            SELECT v.visits FROM visit_rollup AS v
            WHERE v.site = m.site AND v.service_day = m.service_day
        ), 0) AS counted
    UNION ALL
    SELECT coalesce(said.service, counted.service), pair.total,
        CASE WHEN said.service IS NULL THEN 0 ELSE pair.said END,
        coalesce(pair.counted, 0)
    FROM (
        SELECT s ->> 'service' AS service, s AS totals
        FROM jsonb_array_elements(m.totals -> 'services') AS s
    ) AS said
    FULL JOIN (
        SELECT r.service,
            sum(r.steps)::bigint AS steps, sum(r.served)::bigint AS served,
            sum(r.no_show)::bigint AS no_show, sum(r.left_waiting)::bigint AS left_waiting,
            sum(r.removed)::bigint AS removed, sum(r.forgotten)::bigint AS forgotten,
            sum(r.wait_ms)::bigint AS wait_ms, sum(r.service_ms)::bigint AS service_ms,
            sum(r.implausible)::bigint AS implausible
        FROM step_rollup AS r
        WHERE r.site = m.site AND r.service_day = m.service_day
        GROUP BY r.service
    ) AS counted ON counted.service = said.service
    CROSS JOIN LATERAL (VALUES
        ('steps', (said.totals ->> 'steps')::bigint, counted.steps),
        ('served', (said.totals ->> 'served')::bigint, counted.served),
        ('no_show', (said.totals ->> 'no_show')::bigint, counted.no_show),
        ('left', (said.totals ->> 'left')::bigint, counted.left_waiting),
        ('removed', (said.totals ->> 'removed')::bigint, counted.removed),
        ('forgotten', (said.totals ->> 'forgotten')::bigint, counted.forgotten),
        ('wait_ms', (said.totals ->> 'wait_ms')::bigint, counted.wait_ms),
        ('service_ms', (said.totals ->> 'service_ms')::bigint, counted.service_ms),
        ('implausible', (said.totals ->> 'implausible')::bigint, counted.implausible)
    ) AS pair (total, said, counted)
) AS c
WHERE m.stream = 'ticketing'
UNION ALL
SELECT m.site, m.service_day, m.stream, m.revision, c.service, c.total, c.said, c.counted
FROM latest_manifests AS m
CROSS JOIN LATERAL (
    SELECT coalesce(said.service, counted.service) AS service, pair.total,
        CASE WHEN said.service IS NULL THEN 0 ELSE pair.said END AS said,
        coalesce(pair.counted, 0) AS counted
    FROM (
        SELECT s ->> 'service' AS service, s AS totals
        FROM jsonb_array_elements(m.totals -> 'services') AS s
    ) AS said
    FULL JOIN (
        SELECT f.service, f.offers, f.responses, f.ratings, f.levels
        FROM feedback_day_rollup AS f
        WHERE f.site = m.site AND f.service_day = m.service_day
    ) AS counted ON counted.service = said.service
    CROSS JOIN LATERAL (VALUES
        ('offers', (said.totals ->> 'offers')::bigint, counted.offers),
        ('responses', (said.totals ->> 'responses')::bigint, counted.responses),
        ('ratings', (said.totals ->> 'ratings')::bigint, counted.ratings),
        ('levels', (said.totals ->> 'levels')::bigint, counted.levels)
    ) AS pair (total, said, counted)
) AS c
WHERE m.stream = 'feedback';

-- Whether everything of a site and day is here, as things stand now.
--   open      neither service has closed the day, and nothing is known to be missing
--   arriving  it is closed, but not everything has come: `detail` says what is awaited
--   complete  every number up to both manifests is here, and every total agrees
--   disputed  every number is here, and totals differ
CREATE VIEW site_days AS
SELECT d.site, d.service_day,
    CASE
        WHEN a.detail IS NOT NULL THEN 'arriving'
        WHEN t.revision IS NULL THEN 'open'
        WHEN x.differing > 0 THEN 'disputed'
        ELSE 'complete'
    END AS state,
    t.revision AS ticketing_revision,
    f.revision AS feedback_revision,
    CASE WHEN a.detail IS NULL AND x.differing > 0 THEN 'totals_differ' ELSE a.detail END AS detail
FROM (SELECT DISTINCT site, service_day FROM day_progress) AS d
LEFT JOIN day_progress AS tp
    ON tp.site = d.site AND tp.service_day = d.service_day AND tp.stream = 'ticketing'
LEFT JOIN day_progress AS fp
    ON fp.site = d.site AND fp.service_day = d.service_day AND fp.stream = 'feedback'
LEFT JOIN latest_manifests AS t
    ON t.site = d.site AND t.service_day = d.service_day AND t.stream = 'ticketing'
LEFT JOIN latest_manifests AS f
    ON f.site = d.site AND f.service_day = d.service_day AND f.stream = 'feedback'
CROSS JOIN LATERAL (
    SELECT CASE
        WHEN EXISTS (
            SELECT FROM gaps AS g
            WHERE g.site = d.site AND g.stream = 'ticketing'
                AND (t.revision IS NULL OR (g.epoch, g.first) < (t.epoch, t.sequence))
        ) THEN 'ticketing_numbers_missing'
        WHEN (tp.last_epoch, tp.last_sequence) > (t.epoch, t.sequence) THEN 'ticketing_revision_due'
        WHEN EXISTS (
            SELECT FROM gaps AS g
            WHERE g.site = d.site AND g.stream = 'feedback' AND t.revision IS NOT NULL
                AND (f.revision IS NULL OR (g.epoch, g.first) < (f.epoch, f.sequence))
        ) THEN 'feedback_numbers_missing'
        WHEN (fp.last_epoch, fp.last_sequence) > (f.epoch, f.sequence) THEN 'feedback_revision_due'
        WHEN t.revision IS NOT NULL AND f.revision IS NULL THEN 'feedback_manifest_missing'
        WHEN f.revision IS NOT NULL AND t.revision IS NULL THEN 'ticketing_manifest_missing'
    END AS detail
) AS a
CROSS JOIN LATERAL (
    SELECT count(*) AS differing
    FROM compared_totals AS c
    WHERE c.site = d.site AND c.service_day = d.service_day
        AND c.said IS DISTINCT FROM c.counted
        AND a.detail IS NULL
) AS x;

GRANT SELECT, INSERT, UPDATE, DELETE ON
    streams, gaps, day_progress, manifests, steps, step_rollup, step_cells, visit_rollup,
    responses, feedback_rollup, rating_rollup, feedback_day_rollup, standards_in_force
    TO reporting_app;
-- Facts are added and never changed; only what was held may come to be known.
GRANT SELECT, INSERT, UPDATE (held) ON events TO reporting_app;
GRANT SELECT, INSERT ON quarantine TO reporting_app;
GRANT SELECT ON latest_manifests, compared_totals, site_days TO reporting_app;
GRANT SELECT ON
    streams, gaps, day_progress, step_rollup, step_cells, visit_rollup, feedback_rollup,
    rating_rollup, feedback_day_rollup, standards_in_force, latest_manifests, compared_totals,
    site_days
    TO reporting_reader;

-- What dashboards read: figures as they are published, with small numbers withheld.
--
-- The tables `published_*` hold what the pages' own code has made of the events (`publisher.py`):
-- no formula is written twice, and what is withheld on a page is not in here. The views in the
-- schema `watch` are all that the group `grafana_reader` can read. `begins` is the first moment
-- of a period in Bangkok, for dashboards that know time only.

-- Periods whose published figures are older than the events. Rows are only added and removed, by
-- number, so that nobody who takes in events ever waits for the publisher.
CREATE TABLE stale_periods (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text COLLATE "C" NOT NULL CHECK (kind IN ('day', 'month', 'year')),
    first_day date NOT NULL
);
INSERT INTO stale_periods (kind, first_day)
SELECT DISTINCT 'day', service_day FROM day_progress ORDER BY service_day;

-- A number of a site, of the pilots together, or of the nation. `value` and `n` are null where
-- they are withheld, and where there is nothing to compute them from.
CREATE TABLE published_figures (
    place text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL CHECK (kind IN ('day', 'month', 'year')),
    name text COLLATE "C" NOT NULL,
    first_day date NOT NULL,
    value double precision,
    n bigint,
    withheld boolean NOT NULL,
    left_out text[] NOT NULL,
    begins timestamptz NOT NULL
        GENERATED ALWAYS AS (first_day::timestamp AT TIME ZONE 'Asia/Bangkok') STORED,
    PRIMARY KEY (place, kind, name, begins)
);

-- A criterion of a site's scorecard.
CREATE TABLE published_criteria (
    site text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL CHECK (kind IN ('month', 'year')),
    first_day date NOT NULL,
    code text COLLATE "C" NOT NULL,
    edition text COLLATE "C" NOT NULL,
    state text COLLATE "C" NOT NULL,
    value double precision,
    n bigint,
    gap double precision,
    begins timestamptz NOT NULL
        GENERATED ALWAYS AS (first_day::timestamp AT TIME ZONE 'Asia/Bangkok') STORED,
    PRIMARY KEY (site, kind, begins, code)
);

-- A site's scorecard as a whole, and how complete the days are that it rests on.
CREATE TABLE published_scorecards (
    site text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL CHECK (kind IN ('month', 'year')),
    first_day date NOT NULL,
    edition text COLLATE "C" NOT NULL,
    points integer NOT NULL,
    points_possible integer NOT NULL,
    level text,
    level_with_evidence text,
    days integer NOT NULL,
    complete_days integer NOT NULL,
    begins timestamptz NOT NULL
        GENERATED ALWAYS AS (first_day::timestamp AT TIME ZONE 'Asia/Bangkok') STORED,
    PRIMARY KEY (site, kind, begins)
);

-- What is known of each site's days.
CREATE TABLE published_days (
    site text COLLATE "C" NOT NULL,
    service_day date NOT NULL,
    state text COLLATE "C" NOT NULL,
    detail text,
    revision integer,
    begins timestamptz NOT NULL
        GENERATED ALWAYS AS (service_day::timestamp AT TIME ZONE 'Asia/Bangkok') STORED,
    PRIMARY KEY (site, begins)
);
CREATE INDEX published_days_of_time ON published_days (begins);
CREATE INDEX published_days_unsettled ON published_days (service_day) 
    WHERE state NOT IN ('complete', 'resolved');

-- The queues as the last events that came tell of them.
CREATE TABLE published_queues (
    site text COLLATE "C" PRIMARY KEY,
    waiting integer,
    longest_wait_ms bigint,
    withheld boolean NOT NULL,
    looked_at timestamptz NOT NULL
);
CREATE INDEX steps_waiting ON steps (service_day, site)
    WHERE first_called_at IS NULL AND ended_at IS NULL;

-- What the standards call things.
CREATE TABLE published_sites (
    site text COLLATE "C" PRIMARY KEY,
    name_th text NOT NULL,
    name_en text NOT NULL,
    part text NOT NULL,
    active boolean NOT NULL
);
CREATE TABLE published_names (
    name text COLLATE "C" PRIMARY KEY,
    name_th text NOT NULL,
    name_en text NOT NULL,
    unit text NOT NULL
);
CREATE TABLE published_editions (
    edition text COLLATE "C" PRIMARY KEY,
    name_th text NOT NULL,
    name_en text NOT NULL,
    holds_from date NOT NULL,
    working_model boolean NOT NULL,
    notice_th text NOT NULL,
    notice_en text NOT NULL
);
CREATE TABLE published_edition_criteria (
    edition text COLLATE "C" NOT NULL,
    code text COLLATE "C" NOT NULL,
    position smallint NOT NULL,
    part text NOT NULL,
    kind text NOT NULL,
    name_th text NOT NULL,
    name_en text NOT NULL,
    threshold double precision,
    direction text,
    PRIMARY KEY (edition, code)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON
    stale_periods, published_figures, published_criteria, published_scorecards, published_days,
    published_queues, published_sites, published_names, published_editions,
    published_edition_criteria
    TO reporting_app;

CREATE VIEW watch.sites AS
SELECT site, name_th, name_en, part, active FROM published_sites;

CREATE VIEW watch.figures AS
SELECT f.place AS site, s.name_th, s.name_en, s.part, f.kind AS period, f.begins, f.first_day,
    f.name AS figure, f.value, f.n, f.withheld
FROM published_figures AS f
JOIN published_sites AS s ON s.site = f.place;

CREATE VIEW watch.totals AS
SELECT f.place, f.kind AS period, f.begins, f.first_day, f.name AS figure, f.value, f.n,
    f.withheld, f.left_out
FROM published_figures AS f
WHERE f.place IN ('nation', 'pilots');

CREATE VIEW watch.figure_names AS
SELECT name AS figure, name_th, name_en, unit FROM published_names;

CREATE VIEW watch.criteria AS
SELECT c.site, s.name_th AS site_th, s.name_en AS site_en, s.part AS site_part,
    c.kind AS period, c.begins, c.first_day, c.code, e.position, e.part, e.name_th, e.name_en,
    e.kind AS shown_by, e.threshold, e.direction, c.state, c.value, c.n, c.gap, c.edition,
    d.working_model
FROM published_criteria AS c
JOIN published_sites AS s ON s.site = c.site
JOIN published_edition_criteria AS e ON e.edition = c.edition AND e.code = c.code
JOIN published_editions AS d ON d.edition = c.edition;

CREATE VIEW watch.scorecards AS
SELECT c.site, s.name_th AS site_th, s.name_en AS site_en, s.part AS site_part,
    c.kind AS period, c.begins, c.first_day, c.points, c.points_possible, c.level,
    c.level_with_evidence, c.days, c.complete_days, c.edition, d.working_model
FROM published_scorecards AS c
JOIN published_sites AS s ON s.site = c.site
JOIN published_editions AS d ON d.edition = c.edition;

CREATE VIEW watch.editions AS
SELECT edition, name_th, name_en, holds_from, working_model, notice_th, notice_en
FROM published_editions;

CREATE VIEW watch.criterion_names AS
SELECT edition, code, position, part, kind AS shown_by, name_th, name_en, threshold, direction
FROM published_edition_criteria;

CREATE VIEW watch.days AS
SELECT d.site, s.name_th, s.name_en, s.part, d.service_day, d.begins, d.state, d.detail,
    d.revision
FROM published_days AS d
JOIN published_sites AS s ON s.site = d.site;

CREATE VIEW watch.queues AS
SELECT q.site, s.name_th, s.name_en, s.part, q.waiting, q.longest_wait_ms,
    q.withheld, q.looked_at
FROM published_queues AS q
JOIN published_sites AS s ON s.site = q.site;

-- Every site that takes part has a row a stream, also one that never came.
CREATE VIEW watch.beats AS
SELECT s.site, s.name_th, s.name_en, s.part, x.stream, b.received_at, b.sent_at, b.backlog,
    b.oldest_unsent, b.relay, b.version, b.standards, b.disk_free_percent, b.certificate_until
FROM published_sites AS s
CROSS JOIN (VALUES ('ticketing'), ('feedback')) AS x (stream)
LEFT JOIN beats AS b ON b.site = s.site AND b.stream = x.stream
WHERE s.active;

GRANT SELECT ON
    watch.sites, watch.figures, watch.totals, watch.figure_names, watch.criteria,
    watch.scorecards, watch.editions, watch.criterion_names, watch.days, watch.queues, watch.beats
    TO grafana_reader;

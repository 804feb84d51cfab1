-- What days are judged by: the manifests' totals in columns, how far each day reaches in each
-- epoch, and the one code for services that the standards don't know.

-- By which rules of counting the figures were made. A release with other rules makes them anew
-- before it takes in anything. Without a default a release that does not know of them can't claim
-- the figures for its own.
ALTER TABLE standards_in_force ADD COLUMN counting smallint NOT NULL DEFAULT 0;
ALTER TABLE standards_in_force ALTER COLUMN counting DROP DEFAULT;

-- For `reconcile`, for the publisher, and for the days that are known.
CREATE INDEX events_of_day ON events (service_day);
CREATE INDEX stale_periods_of_kind ON stale_periods (kind, first_day);
CREATE INDEX day_progress_of_day ON day_progress (service_day);

ALTER TABLE manifests ADD COLUMN visits bigint;
UPDATE manifests SET visits = (totals ->> 'visits')::bigint WHERE stream = 'ticketing';
COMMENT ON COLUMN manifests.visits IS 'Of the ticketing stream; null in the feedback stream''s';

-- The manifests' totals by service, as they are compared: what the standards don't know is summed
-- under `unknown`, as in the rollups.
CREATE TABLE manifest_steps (
    site text COLLATE "C" NOT NULL,
    service_day date NOT NULL,
    epoch integer NOT NULL,
    sequence bigint NOT NULL,
    service text COLLATE "C" NOT NULL,
    steps bigint NOT NULL,
    served bigint NOT NULL,
    no_show bigint NOT NULL,
    left_waiting bigint NOT NULL,
    removed bigint NOT NULL,
    forgotten bigint NOT NULL,
    wait_ms bigint NOT NULL,
    service_ms bigint NOT NULL,
    implausible bigint NOT NULL,
    PRIMARY KEY (site, service_day, epoch, sequence, service)
);
INSERT INTO manifest_steps
SELECT m.site, m.service_day, m.epoch, m.sequence, s.service, sum(s.steps), sum(s.served),
    sum(s.no_show), sum(s."left"), sum(s.removed), sum(s.forgotten), sum(s.wait_ms),
    sum(s.service_ms), sum(s.implausible)
FROM manifests AS m
CROSS JOIN LATERAL jsonb_to_recordset(m.totals -> 'services') AS s (
    service text, steps bigint, served bigint, no_show bigint, "left" bigint, removed bigint,
    forgotten bigint, wait_ms bigint, service_ms bigint, implausible bigint)
WHERE m.stream = 'ticketing'
GROUP BY m.site, m.service_day, m.epoch, m.sequence, s.service;

CREATE TABLE manifest_answers (
    site text COLLATE "C" NOT NULL,
    service_day date NOT NULL,
    epoch integer NOT NULL,
    sequence bigint NOT NULL,
    service text COLLATE "C" NOT NULL,
    offers bigint NOT NULL,
    responses bigint NOT NULL,
    ratings bigint NOT NULL,
    levels bigint NOT NULL,
    PRIMARY KEY (site, service_day, epoch, sequence, service)
);
INSERT INTO manifest_answers
SELECT m.site, m.service_day, m.epoch, m.sequence, s.service, sum(s.offers), sum(s.responses),
    sum(s.ratings), sum(s.levels)
FROM manifests AS m
CROSS JOIN LATERAL jsonb_to_recordset(m.totals -> 'services') AS s (
    service text, offers bigint, responses bigint, ratings bigint, levels bigint)
WHERE m.stream = 'feedback'
GROUP BY m.site, m.service_day, m.epoch, m.sequence, s.service;

-- The last event of each day in each epoch of its stream, whatever its type. A restore lost
-- something of a day if the last event before its epoch lies after what the backup knew.
CREATE TABLE day_epochs (
    site text COLLATE "C" NOT NULL,
    stream text COLLATE "C" NOT NULL,
    service_day date NOT NULL,
    epoch integer NOT NULL,
    last_sequence bigint NOT NULL,
    PRIMARY KEY (site, stream, service_day, epoch)
);
INSERT INTO day_epochs
SELECT site, stream, service_day, epoch, max(sequence)
FROM events
GROUP BY site, stream, service_day, epoch;

-- Which refused message took the number: by its place in its topic (one partition a topic). What an
-- earlier release had stored and v7 set apart stands in quarantine at -1.
ALTER TABLE vacancies ADD COLUMN "offset" bigint;
UPDATE vacancies SET "offset" = -1 WHERE reason = 'refused';
COMMENT ON COLUMN vacancies."offset" IS 'Of the refused message in its topic; null of lost numbers';
CREATE INDEX vacancies_of_day ON vacancies (site, service_day) WHERE reason = 'refused';

DROP VIEW site_days, compared_totals, restored_days;

-- The days of refused messages into which nobody has looked. Where the day that a message named
-- could not be read, those of the events next to it in its stream.
CREATE VIEW refused_days AS
WITH unsettled AS MATERIALIZED (
    SELECT v.site, v.stream, v.epoch, v.first, v.service_day
    FROM vacancies AS v
    WHERE v.reason = 'refused' AND coalesce((
        SELECT bool_or(q.settled_at IS NULL) FROM quarantine AS q
        WHERE q.topic = 'site.' || v.site || '.' || v.stream AND q.partition = 0
            AND q."offset" = v."offset"
    ), true)
)
SELECT site, service_day, count(*) AS messages
FROM (
    SELECT site, service_day FROM unsettled WHERE service_day IS NOT NULL
    UNION ALL
    SELECT u.site, beside.service_day
    FROM unsettled AS u
    CROSS JOIN LATERAL (
        (SELECT e.service_day FROM events AS e
         WHERE e.site = u.site AND e.stream = u.stream
             AND (e.epoch, e.sequence) < (u.epoch, u.first)
         ORDER BY e.epoch DESC, e.sequence DESC
         LIMIT 1)
        UNION
        (SELECT e.service_day FROM events AS e
         WHERE e.site = u.site AND e.stream = u.stream
             AND (e.epoch, e.sequence) > (u.epoch, u.first)
         ORDER BY e.epoch, e.sequence
         LIMIT 1)
    ) AS beside
    WHERE u.service_day IS NULL
) AS of_days
GROUP BY site, service_day;

-- What a day had reached before a restore is its row of the highest epoch below the restore's: no
-- join with the events.
CREATE VIEW restored_days AS
WITH restored AS MATERIALIZED (
    SELECT DISTINCT ON (site, stream, epoch) site, stream, epoch, after_epoch, after_sequence
    FROM restorations
    ORDER BY site, stream, epoch, after_epoch, after_sequence
),
reached AS (
    SELECT site, stream, service_day, epoch, last_sequence,
        lead(epoch) OVER (PARTITION BY site, stream, service_day ORDER BY epoch) AS next_epoch
    FROM day_epochs
    WHERE (site, stream) IN (SELECT site, stream FROM restored)
),
lost AS MATERIALIZED (
    SELECT d.site, d.stream, d.service_day, max(r.epoch) AS epoch
    FROM reached AS d
    JOIN restored AS r
        ON r.site = d.site AND r.stream = d.stream AND r.epoch > d.epoch
        AND (d.next_epoch IS NULL OR r.epoch <= d.next_epoch)
        AND (d.epoch, d.last_sequence) > (r.after_epoch, r.after_sequence)
    GROUP BY d.site, d.stream, d.service_day
)
SELECT lost.site, lost.service_day,
    CASE
        WHEN bool_or(went_on AND resolved.reason IS NULL) THEN true
        WHEN bool_or(resolved.reason IS NOT NULL) THEN false
    END AS doubt,
    max(resolved.reason) AS reason
FROM lost
CROSS JOIN LATERAL (
    SELECT EXISTS (
        SELECT FROM day_progress AS p
        WHERE p.site = lost.site AND p.service_day = lost.service_day AND p.stream = lost.stream
            AND p.last_epoch >= lost.epoch
    ) AS went_on
) AS progress
LEFT JOIN LATERAL (
    SELECT s.reason FROM resolutions AS s
    WHERE s.site = lost.site AND s.stream = lost.stream AND s.service_day = lost.service_day
        AND s.epoch >= lost.epoch
    ORDER BY s.epoch DESC, s.sequence DESC
    LIMIT 1
) AS resolved ON true
GROUP BY lost.site, lost.service_day;

CREATE OR REPLACE VIEW latest_manifests AS
SELECT DISTINCT ON (site, stream, service_day)
    site, stream, service_day, revision, epoch, sequence, totals, visits
FROM manifests
ORDER BY site, stream, service_day, epoch DESC, sequence DESC;

-- Every control total beside the nation's own figure. `service` is null for totals of visits.
CREATE VIEW compared_totals AS
SELECT m.site, m.service_day, m.stream, m.revision, c.service, c.total, c.said, c.counted
FROM latest_manifests AS m
CROSS JOIN LATERAL (
    SELECT NULL::text COLLATE "C" AS service, 'visits' AS total, m.visits AS said,
        coalesce((
            SELECT v.visits FROM visit_rollup AS v
            WHERE v.site = m.site AND v.service_day = m.service_day
        ), 0) AS counted
    UNION ALL
    SELECT service, pair.total, coalesce(pair.said, 0), coalesce(pair.counted, 0)
    FROM (
        SELECT s.* FROM manifest_steps AS s
        WHERE s.site = m.site AND s.service_day = m.service_day
            AND s.epoch = m.epoch AND s.sequence = m.sequence
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
    ) AS counted USING (service)
    CROSS JOIN LATERAL (VALUES
        ('steps', said.steps, counted.steps),
        ('served', said.served, counted.served),
        ('no_show', said.no_show, counted.no_show),
        ('left', said.left_waiting, counted.left_waiting),
        ('removed', said.removed, counted.removed),
        ('forgotten', said.forgotten, counted.forgotten),
        ('wait_ms', said.wait_ms, counted.wait_ms),
        ('service_ms', said.service_ms, counted.service_ms),
        ('implausible', said.implausible, counted.implausible)
    ) AS pair (total, said, counted)
) AS c
WHERE m.stream = 'ticketing'
UNION ALL
SELECT m.site, m.service_day, m.stream, m.revision, c.service, c.total, c.said, c.counted
FROM latest_manifests AS m
CROSS JOIN LATERAL (
    SELECT service, pair.total, coalesce(pair.said, 0) AS said,
        coalesce(pair.counted, 0) AS counted
    FROM (
        SELECT s.* FROM manifest_answers AS s
        WHERE s.site = m.site AND s.service_day = m.service_day
            AND s.epoch = m.epoch AND s.sequence = m.sequence
    ) AS said
    FULL JOIN (
        SELECT f.service, f.offers, f.responses, f.ratings, f.levels
        FROM feedback_day_rollup AS f
        WHERE f.site = m.site AND f.service_day = m.service_day
    ) AS counted USING (service)
    CROSS JOIN LATERAL (VALUES
        ('offers', said.offers, counted.offers),
        ('responses', said.responses, counted.responses),
        ('ratings', said.ratings, counted.ratings),
        ('levels', said.levels, counted.levels)
    ) AS pair (total, said, counted)
) AS c
WHERE m.stream = 'feedback';

-- Whether everything of a site and day is here, as things stand now. What a person at the centre
-- must mend goes before what comes by itself.
--   disputed  refused: a message of the day was refused, and nobody has looked into it
--   disputed  service_unknown: something is counted of a service that the standards don't know
--   arriving  numbers are missing before the manifests, or it is closed and not everything has
--             come: `detail` says what is awaited
--   resolved  a person has looked into what the site lost; the figures stand as the nation has
--             them, and the site's totals may differ
--   open      neither service has closed the day
--   disputed  restored: the day waits for a person at the site; totals_differ
--   complete  every number up to both manifests is here, and every total agrees
-- `awaited` is what has not come, whatever the state.
CREATE VIEW site_days AS
SELECT d.site, d.service_day,
    CASE
        WHEN n.messages > 0 THEN 'disputed'
        WHEN u.unknown THEN 'disputed'
        WHEN a.detail IN ('ticketing_numbers_missing', 'feedback_numbers_missing') THEN 'arriving'
        WHEN r.doubt IS FALSE AND (a.detail IS NOT NULL OR t.revision IS NULL OR x.differing > 0)
            THEN 'resolved'
        WHEN a.detail IS NOT NULL THEN 'arriving'
        WHEN t.revision IS NULL THEN 'open'
        WHEN r.doubt OR x.differing > 0 THEN 'disputed'
        ELSE 'complete'
    END AS state,
    t.revision AS ticketing_revision,
    f.revision AS feedback_revision,
    CASE
        WHEN n.messages > 0 THEN 'refused'
        WHEN u.unknown THEN 'service_unknown'
        WHEN a.detail IN ('ticketing_numbers_missing', 'feedback_numbers_missing') THEN a.detail
        WHEN r.doubt IS FALSE AND (a.detail IS NOT NULL OR t.revision IS NULL OR x.differing > 0)
            THEN 'resolved_' || r.reason
        WHEN a.detail IS NOT NULL THEN a.detail
        WHEN t.revision IS NOT NULL AND r.doubt THEN 'restored'
        WHEN x.differing > 0 THEN 'totals_differ'
    END AS detail,
    a.detail AS awaited
FROM (
    SELECT site, service_day FROM day_progress
    UNION
    SELECT site, service_day FROM refused_days
) AS d
LEFT JOIN day_progress AS tp
    ON tp.site = d.site AND tp.service_day = d.service_day AND tp.stream = 'ticketing'
LEFT JOIN day_progress AS fp
    ON fp.site = d.site AND fp.service_day = d.service_day AND fp.stream = 'feedback'
LEFT JOIN latest_manifests AS t
    ON t.site = d.site AND t.service_day = d.service_day AND t.stream = 'ticketing'
LEFT JOIN latest_manifests AS f
    ON f.site = d.site AND f.service_day = d.service_day AND f.stream = 'feedback'
CROSS JOIN LATERAL (
    SELECT EXISTS (
        SELECT FROM step_rollup AS s
        WHERE s.site = d.site AND s.service_day = d.service_day AND s.service = 'unknown'
    ) OR EXISTS (
        SELECT FROM feedback_rollup AS s
        WHERE s.site = d.site AND s.service_day = d.service_day AND s.service = 'unknown'
    ) OR EXISTS (
        SELECT FROM feedback_day_rollup AS s
        WHERE s.site = d.site AND s.service_day = d.service_day AND s.service = 'unknown'
    ) AS unknown
) AS u
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
) AS x
LEFT JOIN restored_days AS r ON r.site = d.site AND r.service_day = d.service_day
LEFT JOIN refused_days AS n ON n.site = d.site AND n.service_day = d.service_day;

GRANT SELECT, INSERT, UPDATE, DELETE ON manifest_steps, manifest_answers, day_epochs
    TO reporting_app;
GRANT SELECT ON refused_days, restored_days, compared_totals, site_days TO reporting_app;
GRANT SELECT ON
    manifest_steps, manifest_answers, day_epochs, refused_days, restored_days, compared_totals,
    site_days
    TO reporting_reader;

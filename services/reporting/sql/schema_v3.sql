-- What sites say after a restore from a backup, and what it does to their days.

-- One row for each restore of a stream. Like the manifests a function of the events.
CREATE TABLE restorations (
    site text COLLATE "C" NOT NULL,
    stream text COLLATE "C" NOT NULL,
    epoch integer NOT NULL,
    sequence bigint NOT NULL,
    after_epoch integer NOT NULL,
    after_sequence bigint NOT NULL,
    lost integer NOT NULL,
    PRIMARY KEY (site, stream, epoch, sequence)
);
COMMENT ON TABLE restorations IS
    'Lost at the site: the events of epochs before "epoch" and after the place (after_epoch, after_sequence)';

-- One row each time that a supervisor has looked into a restored day.
CREATE TABLE resolutions (
    site text COLLATE "C" NOT NULL,
    stream text COLLATE "C" NOT NULL,
    service_day date NOT NULL,
    epoch integer NOT NULL,
    sequence bigint NOT NULL,
    reason text NOT NULL,
    PRIMARY KEY (site, stream, service_day, epoch, sequence)
);

-- The days that a site lost something of. `doubt` while a person must look: of any stream, the day
-- went on after the restore and nobody has resolved it since. It is false once somebody has, and
-- null where the day was over before: of such a day the nation has everything.
CREATE VIEW restored_days AS
SELECT lost.site, lost.service_day,
    CASE
        WHEN bool_or(went_on AND resolved.reason IS NULL) THEN true
        WHEN bool_or(resolved.reason IS NOT NULL) THEN false
    END AS doubt,
    max(resolved.reason) AS reason
FROM (
    SELECT e.site, e.stream, e.service_day, max(r.epoch) AS epoch
    FROM restorations AS r
    JOIN events AS e
        ON e.site = r.site AND e.stream = r.stream AND e.epoch < r.epoch
        AND (e.epoch, e.sequence) > (r.after_epoch, r.after_sequence)
    GROUP BY e.site, e.stream, e.service_day
) AS lost
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

-- The manifest that speaks for a day: the latest. Revisions count up from one to the next, but
-- begin anew at what the backup knew.
CREATE OR REPLACE VIEW latest_manifests AS
SELECT DISTINCT ON (site, stream, service_day)
    site, stream, service_day, revision, epoch, sequence, totals
FROM manifests
ORDER BY site, stream, service_day, epoch DESC, sequence DESC;

-- As before, and
--   disputed  also while a restored day waits for a person (`restored`)
--   resolved  a person has looked into what the site lost; the figures stand as the nation has
--             them, and the site's totals may differ
CREATE OR REPLACE VIEW site_days AS
SELECT d.site, d.service_day,
    CASE
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
        WHEN a.detail IN ('ticketing_numbers_missing', 'feedback_numbers_missing') THEN a.detail
        WHEN r.doubt IS FALSE AND (a.detail IS NOT NULL OR t.revision IS NULL OR x.differing > 0)
            THEN 'resolved_' || r.reason
        WHEN a.detail IS NOT NULL THEN a.detail
        WHEN t.revision IS NOT NULL AND r.doubt THEN 'restored'
        WHEN x.differing > 0 THEN 'totals_differ'
    END AS detail
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
) AS x
LEFT JOIN restored_days AS r ON r.site = d.site AND r.service_day = d.service_day;

GRANT SELECT, INSERT, DELETE ON restorations, resolutions TO reporting_app;
GRANT SELECT ON restored_days TO reporting_app;
GRANT SELECT ON restorations, resolutions, restored_days TO reporting_reader;

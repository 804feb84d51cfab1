-- After a restore from a backup. A migration runs this file once; it is never edited afterwards.

-- Service days of which the broker holds events that this database lost.
CREATE TABLE restored_day (
    service_day date NOT NULL,
    epoch integer NOT NULL CHECK (epoch >= 2),
    lost integer NOT NULL CHECK (lost >= 1),
    closed boolean NOT NULL,
    noticed_at timestamptz NOT NULL,
    resolved_at timestamptz,
    reason text,
    PRIMARY KEY (service_day, epoch),
    CHECK ((resolved_at IS NULL) = (reason IS NULL))
);
COMMENT ON COLUMN restored_day.epoch IS 'The epoch that began with the restore';
COMMENT ON COLUMN restored_day.closed IS 'The last of the lost events closed the day';

-- Restored days that wait for a person: not those that were closed before the restore and that
-- nobody has touched since, of which the nation has everything.
CREATE VIEW doubtful_day AS
SELECT service_day, sum(lost)::bigint AS lost, max(noticed_at) AS noticed_at
  FROM restored_day AS r
 WHERE resolved_at IS NULL
   AND NOT (closed AND NOT EXISTS (
           SELECT FROM outbox AS o
            WHERE o.service_day = r.service_day AND o.epoch >= r.epoch
              AND o.type NOT IN ('counter.opened.v1', 'counter.closed.v1',
                                 'stream.restored.v1', 'day.resolved.v1')))
 GROUP BY service_day;

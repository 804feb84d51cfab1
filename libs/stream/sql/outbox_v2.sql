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

-- What could not be published is put behind what can, and told of.

-- Periods whose newest publication failed as a whole or for some sites. A row is gone once the
-- period is published.
CREATE TABLE failed_periods (
    kind text COLLATE "C" NOT NULL CHECK (kind IN ('day', 'month', 'year')),
    first_day date NOT NULL,
    failures smallint NOT NULL CHECK (failures >= 1),
    failed_at timestamptz NOT NULL CHECK (isfinite(failed_at)),
    fault text NOT NULL CHECK (length(fault) BETWEEN 1 AND 200),
    PRIMARY KEY (kind, first_day)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON failed_periods TO reporting_app;
GRANT SELECT ON failed_periods TO reporting_reader;

-- No period is outside of the calendar: the fiscal year of the first day that can be imported
-- begins in 1989.
DELETE FROM stale_periods
WHERE NOT (isfinite(first_day) AND first_day BETWEEN DATE '1989-10-01' AND DATE '2100-12-31');
ALTER TABLE stale_periods
    ADD CHECK (first_day BETWEEN DATE '1989-10-01' AND DATE '2100-12-31');

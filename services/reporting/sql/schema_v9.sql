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

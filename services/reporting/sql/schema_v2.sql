-- What the sites' services last said of themselves. A beat is no fact of the stream: only the
-- newest of each service is kept, and none is missed.
CREATE TABLE beats (
    site text COLLATE "C" NOT NULL,
    stream text COLLATE "C" NOT NULL CHECK (stream IN ('ticketing', 'feedback')),
    sent_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    epoch integer NOT NULL,
    last_sequence bigint NOT NULL,
    backlog integer NOT NULL,
    oldest_unsent timestamptz,
    relay text NOT NULL,
    version text NOT NULL,
    standards text NOT NULL,
    disk_free_percent smallint NOT NULL,
    certificate_until timestamptz,
    PRIMARY KEY (site, stream)
);
COMMENT ON COLUMN beats.sent_at IS 'By the site''s clock';
COMMENT ON COLUMN beats.received_at IS 'By the broker''s clock';

GRANT SELECT, INSERT, UPDATE ON beats TO reporting_app;
GRANT SELECT ON beats TO reporting_reader;

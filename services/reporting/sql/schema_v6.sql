-- What a person adds: findings about refused messages, notices to the sites.

-- A message stays in quarantine until somebody says what was found. Then it is kept all the same.
ALTER TABLE quarantine
    ADD COLUMN settled_at timestamptz,
    ADD COLUMN finding text CHECK (length(finding) BETWEEN 1 AND 200),
    ADD CHECK ((settled_at IS NULL) = (finding IS NULL));
GRANT UPDATE (settled_at, finding) ON quarantine TO reporting_app;

-- What the staff of a site are to read. `said_at` is null until the site's inbox has what holds
-- now: the notice, or that it was withdrawn.
CREATE TABLE notices (
    id uuid NOT NULL,
    site text COLLATE "C" NOT NULL,
    text_th text NOT NULL CHECK (length(text_th) BETWEEN 1 AND 500),
    text_en text NOT NULL CHECK (length(text_en) BETWEEN 1 AND 500),
    given_at timestamptz NOT NULL,
    until timestamptz NOT NULL,
    withdrawn_at timestamptz,
    said_at timestamptz,
    PRIMARY KEY (id, site),
    CHECK (until > given_at),
    CHECK (withdrawn_at >= given_at)
);
CREATE INDEX notices_unsaid ON notices (given_at) WHERE said_at IS NULL;
GRANT SELECT, INSERT, UPDATE (withdrawn_at, said_at) ON notices TO reporting_app;
GRANT SELECT ON notices TO reporting_reader;

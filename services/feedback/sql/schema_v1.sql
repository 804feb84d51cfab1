-- The first schema of feedback, beside its outbox. Never edited once released.

-- The site's own key: an answer's reference is a digest of the visit under it. It never leaves
-- this schema, so that outside it a reference says nothing of the visit.
CREATE TABLE site_key (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    key bytea NOT NULL CHECK (length(key) = 32)
);
INSERT INTO site_key (key)
SELECT decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex');

-- The feedback days: opened and closed by following ticketing's day.
CREATE TABLE feedback_day (
    service_day date PRIMARY KEY,
    origin text NOT NULL CHECK (origin IN ('live', 'import', 'demo')),
    closed boolean NOT NULL DEFAULT false
);

-- What each closing of a day counted.
CREATE TABLE manifest (
    service_day date NOT NULL REFERENCES feedback_day,
    revision integer NOT NULL CHECK (revision >= 1),
    totals text NOT NULL,
    PRIMARY KEY (service_day, revision)
);

-- Visits under way: as much of them as an offer will need. A row goes when its visit ends.
CREATE TABLE open_visit (
    visit uuid PRIMARY KEY,
    service_day date NOT NULL,
    step smallint NOT NULL CHECK (step BETWEEN 1 AND 99),
    service text NOT NULL,
    entered_at timestamptz NOT NULL,
    first_called_at timestamptz,
    counter smallint CHECK (counter BETWEEN 1 AND 999)
);

-- Visitors who were served, and so asked. `answered` stands here, and the answer names no visit.
CREATE TABLE offer (
    visit uuid PRIMARY KEY,
    service_day date NOT NULL,
    origin text NOT NULL CHECK (origin IN ('live', 'demo')),
    step smallint NOT NULL CHECK (step BETWEEN 1 AND 99),
    service text NOT NULL,
    waiting_band text NOT NULL,
    counter smallint CHECK (counter BETWEEN 1 AND 999),
    offered_at timestamptz NOT NULL,
    answered boolean NOT NULL DEFAULT false
);
CREATE INDEX offer_by_day ON offer (service_day);
CREATE INDEX offer_at_counter ON offer (counter, offered_at);

-- What visitors answered. Neither the visit nor the minute is kept.
CREATE TABLE response (
    reference text PRIMARY KEY CHECK (reference ~ '^[0-9a-f]{32}$'),
    response uuid NOT NULL UNIQUE,
    subject uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(),
    given_hour timestamptz NOT NULL CHECK (date_trunc('hour', given_hour, 'UTC') = given_hour),
    visit_day date NOT NULL,
    counted_day date REFERENCES feedback_day,
    origin text NOT NULL CHECK (origin IN ('live', 'demo')),
    service text NOT NULL,
    waiting_band text NOT NULL,
    language text NOT NULL CHECK (language IN ('th', 'en')),
    channel text NOT NULL CHECK (channel IN ('link', 'tablet')),
    screening text[] NOT NULL,
    process smallint CHECK (process BETWEEN 1 AND 5),
    staff smallint CHECK (staff BETWEEN 1 AND 5),
    facilities smallint CHECK (facilities BETWEEN 1 AND 5),
    information smallint CHECK (information BETWEEN 1 AND 5),
    CHECK (num_nonnulls(process, staff, facilities, information) >= 1)
);
CREATE INDEX response_by_counted_day ON response (counted_day);
COMMENT ON COLUMN response.response IS 'the id made by the visitor''s page: makes a retry harmless';
COMMENT ON COLUMN response.subject IS 'the id in the event: made here, so that no page can choose it';
COMMENT ON COLUMN response.counted_day IS 'the manifest day that counts it; null while it waits for a day to open';

GRANT SELECT ON schema_version, site_key TO feedback_app;
GRANT SELECT, INSERT ON outbox, manifest TO feedback_app;
GRANT SELECT, UPDATE ON stream_counter, relay_cursor TO feedback_app;
GRANT SELECT, INSERT, UPDATE ON followed, feedback_day, offer, response TO feedback_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON open_visit TO feedback_app;

-- Ticketing keeps what is not followed yet.
GRANT SELECT ON followed TO ticketing_app;

-- The tables of the ticketing service, in its schema. A migration runs this file once; it is
-- never edited afterwards. What the rules call impossible is impossible here too.

-- A service day: an explicit local date that staff open and close. `revision` is that of the
-- newest manifest, 0 while the day is open.
CREATE TABLE service_day (
    day date PRIMARY KEY,
    state text NOT NULL CHECK (state IN ('open', 'closed')),
    origin text NOT NULL CHECK (origin IN ('live', 'import', 'demo')),
    opened_at timestamptz NOT NULL,
    closed_at timestamptz,
    revision integer NOT NULL DEFAULT 0 CHECK (revision >= 0),
    CHECK ((state = 'closed') = (closed_at IS NOT NULL)),
    CHECK ((state = 'closed') = (revision >= 1))
);
-- The office works one day at a time; a past day may be imported beside it.
CREATE UNIQUE INDEX one_working_day ON service_day ((true)) WHERE state = 'open' AND origin <> 'import';

-- The last number given in a series on a day. The row's lock is what makes numbers unique.
CREATE TABLE series_counter (
    day date NOT NULL REFERENCES service_day,
    series text NOT NULL CHECK (series ~ '^[A-Z]$'),
    last integer NOT NULL CHECK (last BETWEEN 1 AND 9999),
    PRIMARY KEY (day, series)
);

-- The life of one ticket. The number is all that stands for the visitor.
CREATE TABLE visit (
    id uuid PRIMARY KEY,
    day date NOT NULL REFERENCES service_day,
    series text NOT NULL CHECK (series ~ '^[A-Z]$'),
    number integer NOT NULL CHECK (number BETWEEN 1 AND 9999),
    ticket text NOT NULL GENERATED ALWAYS AS
        (series || CASE WHEN number < 1000 THEN lpad(number::text, 3, '0') ELSE number::text END) STORED,
    channel text NOT NULL CHECK (channel IN ('kiosk', 'counter', 'mobile', 'online')),
    visitor_class text NOT NULL CHECK (visitor_class IN ('normal', 'priority', 'appointment')),
    appointment timestamptz,
    origin text NOT NULL CHECK (origin IN ('live', 'import', 'demo')),
    issued_at timestamptz NOT NULL,
    likely_ms bigint CHECK (likely_ms >= 0),
    pessimistic_ms bigint CHECK (pessimistic_ms >= likely_ms),
    feedback_link boolean NOT NULL,
    CONSTRAINT number_given_once UNIQUE (day, series, number),
    UNIQUE (id, day),
    CHECK ((visitor_class = 'appointment') = (appointment IS NOT NULL)),
    CHECK ((likely_ms IS NULL) = (pessimistic_ms IS NULL))
);

-- One wait and one service of a visit. Sums and the queue are over steps.
-- `effective_arrival` orders the queue: the arrival less the class's head start, or the booked
-- time. Clocks may run wrong, so that instants are not compared here: a duration that cannot be
-- is counted as implausible.
CREATE TABLE step (
    visit uuid NOT NULL,
    step smallint NOT NULL CHECK (step BETWEEN 1 AND 99),
    day date NOT NULL,
    service text NOT NULL CHECK (service ~ '^[A-Z]{2,4}(-[A-Z]{2,4})?$'),
    state text NOT NULL CHECK (state IN ('waiting', 'called', 'serving', 'ended')),
    queued_at timestamptz NOT NULL,
    effective_arrival timestamptz NOT NULL,
    counter smallint CHECK (counter BETWEEN 1 AND 999),
    calls smallint NOT NULL DEFAULT 0 CHECK (calls BETWEEN 0 AND 99),
    first_called_at timestamptz,
    last_called_at timestamptz,
    started_at timestamptz,
    ended_at timestamptz,
    outcome text CHECK (outcome IN ('served', 'no_show', 'left', 'removed', 'forgotten')),
    time_quality text CHECK (time_quality IN ('actual', 'estimated')),
    PRIMARY KEY (visit, step),
    FOREIGN KEY (visit, day) REFERENCES visit (id, day),
    CONSTRAINT called_means_by_a_counter CHECK (
        (calls > 0) = (counter IS NOT NULL)
        AND (calls > 0) = (first_called_at IS NOT NULL)
        AND (calls > 0) = (last_called_at IS NOT NULL)
    ),
    CONSTRAINT ended_means_how CHECK (
        (state = 'ended') = (ended_at IS NOT NULL)
        AND (state = 'ended') = (outcome IS NOT NULL)
        AND (state = 'ended') = (time_quality IS NOT NULL)
    ),
    CONSTRAINT state_fits_what_happened CHECK (
        CASE state
            WHEN 'waiting' THEN calls = 0 AND started_at IS NULL
            WHEN 'called' THEN calls > 0 AND started_at IS NULL
            WHEN 'serving' THEN calls > 0 AND started_at IS NOT NULL
            ELSE true
        END
    ),
    CONSTRAINT outcome_fits_what_happened CHECK (
        CASE outcome
            WHEN 'served' THEN calls > 0 AND started_at IS NOT NULL
            WHEN 'no_show' THEN calls > 0
            ELSE true
        END
    )
);
CREATE UNIQUE INDEX one_active_step_of_a_visit ON step (visit) WHERE state <> 'ended';
CREATE UNIQUE INDEX one_visit_at_a_counter ON step (counter) WHERE state IN ('called', 'serving');
CREATE INDEX step_queue ON step (day, effective_arrival, queued_at, visit) WHERE state = 'waiting';
CREATE INDEX step_waiting_since ON step (day, queued_at) WHERE state = 'waiting';
CREATE INDEX step_by_day ON step (day);
CREATE INDEX step_served ON step (service, ended_at) WHERE outcome = 'served';

-- When a counter was open, and for which member of staff (staff.id). Stays at the site.
CREATE TABLE counter_session (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    day date NOT NULL REFERENCES service_day,
    counter smallint NOT NULL CHECK (counter BETWEEN 1 AND 999),
    clerk uuid NOT NULL,
    opened_at timestamptz NOT NULL,
    closed_at timestamptz
);
CREATE UNIQUE INDEX counter_open_once ON counter_session (counter) WHERE closed_at IS NULL;
CREATE INDEX counter_session_by_day ON counter_session (day);

-- What a supervisor (staff.id) corrected; who, which no event says, stays here.
CREATE TABLE correction (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    visit uuid NOT NULL,
    step smallint NOT NULL,
    field text NOT NULL CHECK (field IN ('outcome', 'service', 'started_at', 'ended_at')),
    old_value text,
    new_value text NOT NULL,
    reason text NOT NULL CHECK (reason IN ('wrong_button', 'forgotten_finish', 'wrong_service', 'wrong_clock')),
    supervisor uuid NOT NULL,
    corrected_at timestamptz NOT NULL,
    FOREIGN KEY (visit, step) REFERENCES step (visit, step)
);
CREATE INDEX correction_by_visit ON correction (visit, step);

-- Which line of which export became which visit, so that the same file changes nothing.
-- `fingerprint` is a digest of the line: another line under the same key is an error, not a visit.
CREATE TABLE imported_line (
    profile text NOT NULL CHECK (profile ~ '^[a-z][a-z0-9-]{0,39}$'),
    day date NOT NULL REFERENCES service_day,
    line integer NOT NULL CHECK (line >= 1),
    fingerprint bytea NOT NULL CHECK (length(fingerprint) = 16),
    visit uuid NOT NULL UNIQUE REFERENCES visit,
    PRIMARY KEY (profile, day, line)
);

-- The service's own login may change rows of these tables and nothing else.
GRANT SELECT ON schema_version TO ticketing_app;
GRANT SELECT, INSERT, UPDATE ON service_day, series_counter, step, counter_session TO ticketing_app;
GRANT SELECT, INSERT ON visit, correction, imported_line TO ticketing_app;
GRANT SELECT, INSERT ON outbox TO ticketing_app;
GRANT SELECT, UPDATE ON stream_counter, relay_cursor TO ticketing_app;
GRANT SELECT, INSERT, UPDATE ON followed TO ticketing_app;
-- Feedback follows the log, and sees nothing else of ticketing.
GRANT SELECT ON outbox TO feedback_app;

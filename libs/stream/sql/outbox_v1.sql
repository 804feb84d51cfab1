-- The outbox of one service, in the schema of that service. A migration runs this file once;
-- it is never edited afterwards.

-- The one row whose lock makes commit order the order of the stream: it is taken last in a
-- transaction, and a rollback gives its numbers back. `position` is never reset; `epoch` and
-- `sequence` begin anew when a restored database would use numbers again.
CREATE TABLE stream_counter (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    epoch integer NOT NULL DEFAULT 1 CHECK (epoch >= 1),
    sequence bigint NOT NULL DEFAULT 0 CHECK (sequence >= 0),
    position bigint NOT NULL DEFAULT 0 CHECK (position >= 0)
);
INSERT INTO stream_counter DEFAULT VALUES;

-- What happened, in the order of commits. Rows are never changed; whole partitions are dropped.
-- The default partition only ever holds rows if nobody prepared the next one in time.
CREATE TABLE outbox (
    position bigint NOT NULL,
    epoch integer NOT NULL,
    sequence bigint NOT NULL CHECK (sequence >= 1),
    id uuid NOT NULL,
    type text NOT NULL,
    subject uuid,
    time timestamptz NOT NULL,
    recorded timestamptz NOT NULL,
    service_day date NOT NULL,
    origin text NOT NULL CHECK (origin IN ('live', 'import', 'demo')),
    data text NOT NULL,
    PRIMARY KEY (position)
) PARTITION BY RANGE (position);
CREATE TABLE outbox_p0 PARTITION OF outbox FOR VALUES FROM (0) TO (10000000);
CREATE TABLE outbox_rest PARTITION OF outbox DEFAULT;
CREATE INDEX outbox_by_sequence ON outbox (epoch, sequence);

-- How far the relay has come: the last event that the broker acknowledged.
CREATE TABLE relay_cursor (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    position bigint NOT NULL DEFAULT 0,
    epoch integer,
    sequence bigint,
    event_id uuid,
    CHECK ((epoch IS NULL) = (event_id IS NULL) AND (epoch IS NULL) = (sequence IS NULL))
);
INSERT INTO relay_cursor DEFAULT VALUES;

-- How far this service has followed the logs of others, in their positions.
CREATE TABLE followed (
    source text PRIMARY KEY,
    position bigint NOT NULL DEFAULT 0 CHECK (position >= 0)
);

-- How far the service has read what the centre says. A migration runs this file once; it is never
-- edited afterwards.
CREATE TABLE inbox_cursor (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    next_offset bigint NOT NULL DEFAULT 0 CHECK (next_offset >= 0)
);
INSERT INTO inbox_cursor DEFAULT VALUES;

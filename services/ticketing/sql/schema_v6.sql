-- What the centre wants the staff to read. A notice that is withdrawn goes; one that is over stays
-- until the next one comes.
CREATE TABLE notice (
    id uuid PRIMARY KEY,
    text_th text NOT NULL CHECK (length(text_th) BETWEEN 1 AND 500),
    text_en text NOT NULL CHECK (length(text_en) BETWEEN 1 AND 500),
    given_at timestamptz NOT NULL,
    until timestamptz NOT NULL
);
GRANT SELECT, INSERT, DELETE ON notice TO ticketing_app;

-- The standards that the centre published last, as this site has them. A migration of the service
-- runs this file once; it is never edited afterwards.
CREATE TABLE standards_received (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    version text NOT NULL CHECK (version ~ '^[0-9a-f]{64}$'),
    files jsonb NOT NULL,
    received_at timestamptz NOT NULL
);
DO $$
BEGIN
    EXECUTE format('GRANT SELECT, INSERT, UPDATE ON standards_received TO %I', current_schema() || '_app');
END
$$;

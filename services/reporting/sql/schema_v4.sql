-- When the centre last asked a site to send a gap's events again, and how often.
ALTER TABLE gaps
    ADD COLUMN asked_at timestamptz,
    ADD COLUMN asked smallint NOT NULL DEFAULT 0 CHECK (asked >= 0),
    ADD CHECK ((asked = 0) = (asked_at IS NULL));

-- A day that was closed by mistake goes on: open again, it keeps the revision of the manifest that
-- was sent, and the next closing sends the one after it. A migration runs this file once; it is
-- never edited afterwards.
ALTER TABLE service_day
    DROP CONSTRAINT service_day_check1,
    ADD CONSTRAINT closed_means_a_manifest CHECK (state <> 'closed' OR revision >= 1);

-- The desk that a counter was opened from: one login may be signed in at two. Counters that were
-- opened before have none, and are whoever's login opened them.
ALTER TABLE counter_session ADD COLUMN desk uuid;

-- Partitions of the outbox: prepared ahead, dropped when they are sent, followed and old. A
-- migration runs this file once; it is never edited afterwards.

-- The partitions there are; `beyond` is the first position after each.
CREATE TABLE outbox_partition (
    first bigint PRIMARY KEY CHECK (first >= 0),
    beyond bigint NOT NULL UNIQUE,
    CHECK (beyond > first)
);

-- The first one was made for ten million events; it ends at the next hundred thousand instead.
DO $$
DECLARE
    bound bigint := ((SELECT position FROM stream_counter) / 100000 + 1) * 100000;
BEGIN
    ALTER TABLE outbox DETACH PARTITION outbox_p0;
    EXECUTE format('ALTER TABLE outbox ATTACH PARTITION outbox_p0 FOR VALUES FROM (0) TO (%s)', bound);
    INSERT INTO outbox_partition VALUES (0, bound);
END $$;

-- Make partitions until two lie ahead of the counter; how many were made. The service's own login
-- may not make tables, but it may call this.
CREATE FUNCTION prepare_outbox(size bigint) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    start bigint;
    made integer := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext(current_schema() || '/partitions'));
    SET LOCAL lock_timeout = '2s';
    LOOP
        SELECT max(beyond) INTO start FROM outbox_partition;
        EXIT WHEN start >= (SELECT position FROM stream_counter) + 2 * size;
        EXECUTE format('CREATE TABLE outbox_p%s PARTITION OF outbox FOR VALUES FROM (%s) TO (%s)',
                       start, start, start + size);
        INSERT INTO outbox_partition VALUES (start, start + size);
        made := made + 1;
    END LOOP;
    RETURN made;
END $$;

-- Drop the partitions of which every event was sent, lies behind `followed`, and was recorded
-- before `recorded_before`; how many were dropped. Oldest first, and none after one that stays.
CREATE FUNCTION drop_old_outbox(followed bigint, recorded_before timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    part record;
    newest timestamptz;
    dropped integer := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext(current_schema() || '/partitions'));
    SET LOCAL lock_timeout = '2s';
    FOR part IN SELECT * FROM outbox_partition ORDER BY first LOOP
        EXIT WHEN part.beyond > least((SELECT position FROM relay_cursor), followed);
        EXECUTE format('SELECT max(recorded) FROM outbox_p%s', part.first) INTO newest;
        EXIT WHEN newest >= recorded_before;
        EXECUTE format('DROP TABLE outbox_p%s', part.first);
        DELETE FROM outbox_partition WHERE first = part.first;
        dropped := dropped + 1;
    END LOOP;
    RETURN dropped;
END $$;

REVOKE ALL ON FUNCTION prepare_outbox, drop_old_outbox FROM PUBLIC;

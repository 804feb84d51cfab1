-- Partitions of the outbox are made also where its default partition holds rows. A migration runs
-- this file once; it is never edited afterwards.

-- Make the next partition, until two lie ahead of the counter; how many were made: one or none.
-- Negative: none yet, since the counter has run ahead meanwhile. Call it again until it says 0.
--
-- PostgreSQL makes no partition while the default one holds rows of it, so these are moved. Each
-- call is a transaction of its own and moves one partition's rows, and nobody waits while it does:
-- they lie behind the counter, so none comes to them and none of them changes. (The lock on the
-- counter keeps a restored database from giving them new numbers meanwhile, and lets everybody
-- write.) Others wait for the end of it only: the new partition is attached under an exclusive lock
-- on the default one. The one that the next events will go to is attached while nobody writes at
-- all: a statement that waited for its number meanwhile would still take the default one for it.
CREATE OR REPLACE FUNCTION prepare_outbox(size bigint) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    few CONSTANT bigint := 1000;
    start bigint;
    beyond bigint;
    reached bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext(current_schema() || '/partitions'));
    -- Sooner than PostgreSQL looks for deadlocks, so that it is never somebody else who gives way.
    SET LOCAL lock_timeout = '500ms';
    SELECT position INTO reached FROM stream_counter FOR KEY SHARE;
    -- Without any partition, all of them were dropped: it begins where the default one does.
    start := coalesce((SELECT max(p.beyond) FROM outbox_partition AS p),
                      (SELECT min(position) FROM outbox_rest),
                      reached + 1);
    IF start >= reached + 2 * size THEN
        RETURN 0;
    END IF;
    beyond := start + size;
    IF EXISTS (SELECT FROM outbox_rest WHERE position BETWEEN start AND reached OFFSET few) THEN
        beyond := least(beyond, reached + 1);
    ELSE
        LOCK TABLE outbox IN SHARE ROW EXCLUSIVE MODE;
        IF EXISTS (SELECT FROM outbox_rest WHERE position >= start OFFSET 2 * few) THEN
            RETURN -1;
        END IF;
    END IF;
    EXECUTE format('CREATE TABLE outbox_p%s (LIKE outbox INCLUDING ALL)', start);
    EXECUTE format('WITH moved AS (DELETE FROM outbox_rest WHERE position >= %s AND position < %s RETURNING *)
                    INSERT INTO outbox_p%s SELECT * FROM moved', start, beyond, start);
    EXECUTE format('ALTER TABLE outbox ATTACH PARTITION outbox_p%s FOR VALUES FROM (%s) TO (%s)',
                   start, start, beyond);
    INSERT INTO outbox_partition VALUES (start, beyond);
    RETURN 1;
END $$;

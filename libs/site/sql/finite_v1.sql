-- No moment and no day of a site service is infinite. A migration of the service runs this file
-- once; it is never edited afterwards.
--
-- PostgreSQL has 'infinity' and '-infinity', which no clock can show, and asyncpg writes the ends of
-- the calendar as such. A moment that stands so already becomes the nearest that a reader takes.
-- Days name rows and are left as they are. The outbox, which only its own clock fills, is the
-- library's.
DO $$
DECLARE
    found record;
BEGIN
    FOR found IN
        SELECT tables.relname AS its_table, columns.attname AS its_column,
               columns.atttypid = 'date'::regtype AS is_day
          FROM pg_class AS tables
          JOIN pg_attribute AS columns ON columns.attrelid = tables.oid
         WHERE tables.relnamespace = current_schema()::regnamespace
           AND tables.relkind = 'r' AND NOT tables.relispartition
           AND columns.attnum > 0 AND NOT columns.attisdropped
           AND columns.atttypid IN ('date'::regtype, 'timestamptz'::regtype)
         ORDER BY tables.relname, columns.attnum
    LOOP
        IF NOT found.is_day THEN
            EXECUTE format(
                'UPDATE %1$I SET %2$I = CASE WHEN %2$I = ''infinity'' THEN ''2100-12-31 00:00Z'''
                || ' ELSE ''2015-01-01 00:00Z'' END::timestamptz WHERE NOT isfinite(%2$I)',
                found.its_table, found.its_column);
        END IF;
        EXECUTE format(
            'ALTER TABLE %I ADD CONSTRAINT %I CHECK (isfinite(%I)) %s',
            found.its_table, found.its_table || '_' || found.its_column || '_finite',
            found.its_column, CASE WHEN found.is_day THEN 'NOT VALID' ELSE '' END);
    END LOOP;
END $$;

-- Old entries of the audit log go. A migration of the service runs this file once; it is never
-- edited afterwards.

-- Remove entries from before `written_before`, the oldest first and `most` of them; how many went.
-- The service itself may delete none: it has this function, which keeps whatever was written on the
-- last 90 days on which anything was. A clock that runs years ahead makes no day of these.
CREATE FUNCTION forget_old_audit(written_before timestamptz, most integer) RETURNS integer
LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT AS $$
    WITH kept AS (
        SELECT min(day) AS first_day
          FROM (SELECT DISTINCT (at AT TIME ZONE 'Asia/Bangkok')::date AS day
                  FROM audit_log
                 ORDER BY day DESC
                 LIMIT 90) AS newest
    ), old AS (
        SELECT id
          FROM audit_log
         WHERE at < least(
               written_before,
               (SELECT first_day FROM kept)::timestamp AT TIME ZONE 'Asia/Bangkok')
         ORDER BY at, id
         LIMIT most
    ), gone AS (
        DELETE FROM audit_log WHERE id IN (SELECT id FROM old) RETURNING 1
    )
    SELECT count(*)::integer FROM gone
$$;

DO $$
BEGIN
    REVOKE ALL ON FUNCTION forget_old_audit FROM PUBLIC;
    EXECUTE format('GRANT EXECUTE ON FUNCTION forget_old_audit TO %I', current_schema() || '_app');
END
$$;

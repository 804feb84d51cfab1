-- What the page of the audit log shows: this service's log, and feedback's where it is here.

-- name: feedback_is_read
-- Whether feedback is here, and of a release that lets its log be read.
SELECT coalesce(has_table_privilege(to_regclass('feedback.audit_log'), 'SELECT'), false);

-- name: own_acts
-- From $1 to before $2, of the actions $3 (null: of all), newest first; $4 of them after $5 others.
-- A correction is of a visit, which staff know by its ticket and day.
SELECT log.at, 'ticketing' AS service, log.actor, log.address, log.action, log.subject, log.detail,
       visit.ticket, visit.day
  FROM audit_log AS log
  LEFT JOIN visit ON visit.id = CASE
       WHEN log.action = 'visit_corrected' AND log.subject ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
       THEN log.subject::uuid END
 WHERE log.at >= $1 AND log.at < $2 AND ($3::text[] IS NULL OR log.action = ANY ($3))
 ORDER BY log.at DESC, log.id DESC
 LIMIT $4 OFFSET $5;

-- name: acts_of_both
SELECT log.at, log.service, log.actor, log.address, log.action, log.subject, log.detail,
       visit.ticket, visit.day
  FROM (SELECT 'ticketing' AS service, id, at, actor, address, action, subject, detail
          FROM audit_log
         UNION ALL
        SELECT 'feedback', id, at, actor, address, action, subject, detail
          FROM feedback.audit_log) AS log
  LEFT JOIN visit ON visit.id = CASE
       WHEN log.action = 'visit_corrected' AND log.subject ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
       THEN log.subject::uuid END
 WHERE log.at >= $1 AND log.at < $2 AND ($3::text[] IS NULL OR log.action = ANY ($3))
 ORDER BY log.at DESC, log.service, log.id DESC
 LIMIT $4 OFFSET $5;

-- name: own_neighbours
-- When the last act before $1 and the first one from $2 on were, of the actions $3. Each is looked
-- up by the index on `at`.
SELECT (SELECT max(at) FROM audit_log
         WHERE at < $1 AND ($3::text[] IS NULL OR action = ANY ($3))) AS before,
       (SELECT min(at) FROM audit_log
         WHERE at >= $2 AND ($3::text[] IS NULL OR action = ANY ($3))) AS after;

-- name: neighbours_of_both
WITH log AS NOT MATERIALIZED (
    SELECT at, action FROM audit_log
    UNION ALL
    SELECT at, action FROM feedback.audit_log
)
SELECT (SELECT max(at) FROM log
         WHERE at < $1 AND ($3::text[] IS NULL OR action = ANY ($3))) AS before,
       (SELECT min(at) FROM log
         WHERE at >= $2 AND ($3::text[] IS NULL OR action = ANY ($3))) AS after;

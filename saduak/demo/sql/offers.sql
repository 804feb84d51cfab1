-- name: unanswered
-- The newest visit that was asked about and not rated: its link is one to try.
SELECT visit, service, service_day FROM offer WHERE NOT answered
 ORDER BY offered_at DESC
 LIMIT 1;

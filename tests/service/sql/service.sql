-- name: kept_of_sign_in
SELECT staff::text AS kept FROM staff
UNION ALL SELECT staff_session::text FROM staff_session
UNION ALL SELECT audit_log::text FROM audit_log;

-- name: audited
SELECT actor, action FROM audit_log ORDER BY id;

-- name: rows_of_one
SELECT count(*) FROM ticketing.one;

-- name: version
SELECT version_num FROM ticketing.schema_version;

-- name: table_one
SELECT to_regclass('ticketing.one');

-- name: cut_my_lines
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
 WHERE usename = current_user AND datname = current_database() AND pid <> pg_backend_pid();

-- name: count_visits
SELECT count(*) FROM visit;

-- name: log_takes_nothing
ALTER TABLE audit_log ADD CONSTRAINT takes_nothing CHECK (false) NOT VALID;

-- name: log_takes_all
ALTER TABLE audit_log DROP CONSTRAINT takes_nothing;

-- name: changed_by_acts
SELECT staff::text AS kept FROM staff
UNION ALL SELECT staff_session::text FROM staff_session
UNION ALL SELECT device::text FROM device
UNION ALL SELECT service_day::text FROM service_day
UNION ALL SELECT correction::text FROM correction
UNION ALL SELECT step::text FROM step
UNION ALL SELECT audit_log::text FROM audit_log
UNION ALL SELECT (epoch, position)::text FROM outbox
ORDER BY kept;

-- name: write_acts
INSERT INTO audit_log (at, actor, action, subject)
SELECT $1, 'malee', 'day_opened', 'act-' || n FROM generate_series(1, $2::integer) AS n;

-- name: write_of_later
INSERT INTO audit_log (at, actor, action, subject) VALUES
    ($1, 'malee', 'window_opened', NULL), ($1, 'malee', 'visit_corrected', 'not-a-uuid');

-- name: write_odd
-- By a hand, or a clock without a battery: no date that the page can ask for, and no visit's name.
INSERT INTO audit_log (at, actor, action, subject) VALUES
    ('1970-01-01Z', 'malee', 'day_opened', NULL), ('2569-12-01Z', 'malee', 'day_opened', NULL),
    ($1, 'malee', 'visit_corrected', repeat('-', 36));

-- name: write_years
-- An entry every six hours for $2 days up to $1.
INSERT INTO audit_log (at, actor, action)
SELECT $1::timestamptz - hours * interval '6 hours', 'malee', 'signed_in'
FROM generate_series(0, 4 * $2::integer - 1) AS hours;

-- name: oldest_entry
SELECT min(at) FROM audit_log;

-- name: entries
SELECT count(*) FROM audit_log;

-- name: forget_entries
DELETE FROM audit_log;

-- name: change_entries
UPDATE audit_log SET actor = 'somsri';

-- name: add_staff
INSERT INTO staff (id, login, role, password_hash, created_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (login) DO NOTHING
RETURNING id;

-- name: set_password
UPDATE staff SET password_hash = $2 WHERE login = $1 RETURNING id;

-- name: set_active
UPDATE staff SET active = $2 WHERE login = $1 RETURNING id;

-- name: all_staff
SELECT id, login, role, active FROM staff ORDER BY login;

-- name: staff_to_sign_in
SELECT id, login, role, password_hash FROM staff WHERE login = $1 AND active;

-- name: active_staff
-- Held against a new password and a switching off until the session is there, or they are done.
SELECT id FROM staff WHERE id = $1 AND active AND password_hash = $2 FOR UPDATE;

-- name: rehash
UPDATE staff SET password_hash = $2 WHERE id = $1;

-- name: open_session
INSERT INTO staff_session (token_digest, staff_id, created_at, seen_at) VALUES ($1, $2, $3, $3);

-- name: session
-- Parameters: digest, the oldest creation and the oldest use that still count.
SELECT staff.id, staff.login, staff.role, session.seen_at
  FROM staff_session AS session JOIN staff ON staff.id = session.staff_id
 WHERE session.token_digest = $1 AND staff.active
   AND session.created_at > $2 AND session.seen_at > $3;

-- name: see_session
UPDATE staff_session SET seen_at = $2 WHERE token_digest = $1;

-- name: close_session
DELETE FROM staff_session WHERE token_digest = $1;

-- name: close_sessions_of
WITH ended AS (DELETE FROM staff_session WHERE staff_id = $1 RETURNING 1)
SELECT count(*) FROM ended;

-- name: staff_of_login
SELECT id FROM staff WHERE login = $1 FOR UPDATE;

-- name: forget_old_sessions
DELETE FROM staff_session WHERE created_at <= $1 OR seen_at <= $2;

-- name: attempts_alone
-- Until the transaction ends nobody else counts or notes attempts.
SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || ' sign-in', 0));

-- name: failures_since
-- Attempts since $3 that have not succeeded: of this login from this address, of the login by
-- strangers, from the address.
SELECT count(*) FILTER (WHERE login = $1 AND address = $2) AS both,
       count(*) FILTER (WHERE login = $1 AND NOT known_browser) AS by_login,
       count(*) FILTER (WHERE address = $2) AS by_address
  FROM failed_sign_in
 WHERE at > $3;

-- name: note_attempt
INSERT INTO failed_sign_in (login, address, known_browser, at) VALUES ($1, $2, $3, $4)
RETURNING id;

-- name: forget_attempt
DELETE FROM failed_sign_in WHERE id = $1;

-- name: forget_failures_of
DELETE FROM failed_sign_in WHERE login = $1 AND address = $2;

-- name: forget_old_failures
DELETE FROM failed_sign_in WHERE at <= $1;

-- name: invite_device
INSERT INTO device (kind, label, code_digest, code_expires_at, invited_at)
VALUES ($1, $2, $3, $4, $5)
RETURNING id;

-- name: enrol_device
-- The code works once: it is gone in the statement that uses it.
UPDATE device
   SET code_digest = NULL, code_expires_at = NULL, token_digest = $2, enrolled_at = $3
 WHERE code_digest = $1 AND code_expires_at > $3 AND revoked_at IS NULL
RETURNING id, kind, label;

-- name: device
SELECT id, kind, label FROM device WHERE token_digest = $1 AND revoked_at IS NULL;

-- name: device_holds
SELECT 1 FROM device WHERE id = $1 AND revoked_at IS NULL;

-- name: revoke_device
UPDATE device SET revoked_at = $2, code_digest = NULL, code_expires_at = NULL
 WHERE id = $1 AND revoked_at IS NULL
RETURNING label;

-- name: all_devices
SELECT id, kind, label, invited_at, enrolled_at, revoked_at FROM device ORDER BY id;

-- name: audit
INSERT INTO audit_log (at, actor, action, subject, detail, address) VALUES ($1, $2, $3, $4, $5, $6);

-- name: audited
-- The newest first; null asks for any.
SELECT at, actor, action, subject, detail, address
  FROM audit_log
 WHERE at >= $1 AND ($2::text IS NULL OR actor = $2) AND ($3::text IS NULL OR action = $3)
 ORDER BY id DESC
 LIMIT $4;

-- name: forget_old_audit
SELECT forget_old_audit($1, $2);

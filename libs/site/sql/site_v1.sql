-- Staff, sessions, devices and the audit log of one site service, in the schema of that service.
-- A migration of the service runs this file once; it is never edited afterwards.

-- People who sign in. A login names a role at work; no other personal data is kept.
CREATE TABLE staff (
    id uuid PRIMARY KEY,
    login text NOT NULL UNIQUE CHECK (login ~ '^[a-z][a-z0-9._-]{1,31}$'),
    role text NOT NULL CHECK (role IN ('clerk', 'supervisor', 'admin')),
    password_hash text NOT NULL,
    active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL
);

-- Sessions, by the digest of a token that only the browser has.
CREATE TABLE staff_session (
    token_digest bytea PRIMARY KEY CHECK (length(token_digest) = 32),
    staff_id uuid NOT NULL REFERENCES staff ON DELETE CASCADE,
    created_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL
);
CREATE INDEX staff_session_by_staff ON staff_session (staff_id);

-- Failed sign-ins, kept for as long as they slow down the next ones.
CREATE TABLE failed_sign_in (
    login text NOT NULL,
    address text NOT NULL,
    at timestamptz NOT NULL
);
CREATE INDEX failed_sign_in_by_time ON failed_sign_in (at);

-- Machines in the office: a kiosk, a board, a tablet. `token_digest` is null until the one-time
-- code has been used.
CREATE TABLE device (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('kiosk', 'board', 'tablet')),
    label text NOT NULL CHECK (label ~ '^[a-z0-9][a-z0-9-]{0,31}$'),
    code_digest bytea UNIQUE CHECK (length(code_digest) = 32),
    code_expires_at timestamptz,
    token_digest bytea UNIQUE CHECK (length(token_digest) = 32),
    invited_at timestamptz NOT NULL,
    enrolled_at timestamptz,
    revoked_at timestamptz,
    CHECK ((code_digest IS NULL) = (code_expires_at IS NULL)),
    CHECK ((token_digest IS NULL) = (enrolled_at IS NULL))
);

-- Who did what that a person may later be asked about. Rows are added, never changed.
CREATE TABLE audit_log (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    subject text,
    detail text
);
CREATE INDEX audit_log_by_time ON audit_log (at);

-- The service's own group of logins, which is named after its schema.
DO $$
DECLARE
    app text := current_schema() || '_app';
BEGIN
    EXECUTE format('GRANT SELECT, INSERT, UPDATE ON staff, device TO %I', app);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON staff_session TO %I', app);
    EXECUTE format('GRANT SELECT, INSERT, DELETE ON failed_sign_in TO %I', app);
    EXECUTE format('GRANT SELECT, INSERT ON audit_log TO %I', app);
END
$$;

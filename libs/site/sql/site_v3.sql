-- Attempts to sign in are noted before they are checked, and the audit log knows addresses. A
-- migration of the service runs this file once; it is never edited afterwards.

-- An attempt counts as failed until it has succeeded: then its row goes. `address` is that of the
-- network; where a person has signed in from the browser before, it is the browser's own mark.
ALTER TABLE failed_sign_in
    ADD COLUMN id bigint GENERATED ALWAYS AS IDENTITY,
    ADD COLUMN known_browser boolean NOT NULL DEFAULT false;

-- Where the request came from; null for what the command line or the service itself did.
ALTER TABLE audit_log ADD COLUMN address text;
CREATE INDEX audit_log_by_actor ON audit_log (actor, at);

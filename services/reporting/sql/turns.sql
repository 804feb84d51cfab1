-- Work that one replica does at a time.

-- name: take
SELECT pg_try_advisory_lock(hashtext('saduak/' || $1::text), hashtext(current_schema()));

-- name: hand_on
SELECT pg_advisory_unlock(hashtext('saduak/' || $1::text), hashtext(current_schema()));

-- Which answers were given on tickets that staff issued.

-- Null where the site did not say: its release is older.
ALTER TABLE responses ADD COLUMN staff_issued boolean;

-- Responses of which it is known, and of these those on tickets that staff issued. Zero stands in
-- the rows that an earlier release makes beside this one.
ALTER TABLE feedback_rollup
    ADD COLUMN issuer_known bigint NOT NULL DEFAULT 0,
    ADD COLUMN staff_issued bigint NOT NULL DEFAULT 0;

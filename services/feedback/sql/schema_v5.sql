-- Whether staff issued the visit's ticket: null of what is older than this release.
ALTER TABLE open_visit ADD COLUMN staff_issued boolean;
ALTER TABLE offer ADD COLUMN staff_issued boolean;
ALTER TABLE response ADD COLUMN staff_issued boolean;

-- What the centre says to the site.

-- name: next_offset
SELECT next_offset FROM inbox_cursor;

-- name: advance
UPDATE inbox_cursor SET next_offset = $1;

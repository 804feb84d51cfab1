-- Notices to the sites.

-- name: give
INSERT INTO notices (id, site, text_th, text_en, given_at, until)
SELECT $1, site, $3, $4, $5, $6 FROM unnest($2::text[]) AS given (site);

-- name: withdraw
UPDATE notices SET withdrawn_at = $2, said_at = NULL
WHERE id = $1 AND withdrawn_at IS NULL AND until > $2
RETURNING site;

-- name: unsaid
-- Taken by one process at a time, so that a site hears of a withdrawal after the notice.
SELECT id, site, text_th, text_en, given_at, until, withdrawn_at
FROM notices
WHERE said_at IS NULL AND until > $1
ORDER BY given_at, id, site
FOR UPDATE SKIP LOCKED;

-- name: said
UPDATE notices AS n SET said_at = $3
FROM unnest($1::uuid[], $2::text[]) AS told (id, site)
WHERE n.id = told.id AND n.site = told.site;

-- name: newest
SELECT id, min(text_th) AS text_th, min(text_en) AS text_en, min(given_at) AS given_at,
    min(until) AS until, min(withdrawn_at) AS withdrawn_at, count(*) AS sites,
    count(said_at) AS said
FROM notices
GROUP BY id
ORDER BY min(given_at) DESC, id DESC
LIMIT $1;

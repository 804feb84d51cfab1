-- Notices to the sites.

-- name: give
INSERT INTO notices (id, site, text_th, text_en, given_at, until)
SELECT $1, site, $3, $4, $5, $6 FROM unnest($2::text[]) AS given (site);

-- name: withdraw
UPDATE notices SET withdrawn_at = $2, said_at = NULL
WHERE id = $1 AND withdrawn_at IS NULL AND until > $2
RETURNING site;

-- name: unsaid
-- What the sites' inboxes have not, $2 lines at most, taken from the sites in turns: what can't be
-- said to one keeps nobody's place. A site hears of a withdrawal after the notice.
SELECT id, site, text_th, text_en, given_at, until, withdrawn_at
FROM (
    SELECT id, site, text_th, text_en, given_at, until, withdrawn_at,
        row_number() OVER (PARTITION BY site ORDER BY given_at, id) AS turn
    FROM notices
    WHERE said_at IS NULL AND until > $1
) AS unsaid
ORDER BY turn, given_at, id, site
LIMIT $2;

-- name: said
-- What was said is no more what holds where it was withdrawn meanwhile.
UPDATE notices AS n SET said_at = $4
FROM unnest($1::uuid[], $2::text[], $3::timestamptz[]) AS told (id, site, withdrawn_at)
WHERE n.id = told.id AND n.site = told.site
    AND n.withdrawn_at IS NOT DISTINCT FROM told.withdrawn_at;

-- name: newest
SELECT id, min(text_th) AS text_th, min(text_en) AS text_en, min(given_at) AS given_at,
    min(until) AS until, min(withdrawn_at) AS withdrawn_at, count(*) AS sites,
    count(said_at) AS said
FROM notices
GROUP BY id
ORDER BY min(given_at) DESC, id DESC
LIMIT $1;

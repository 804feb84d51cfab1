-- The sites as the centre sees them: what they say of themselves, and what is missing of them.

-- name: take_beats
-- A beat that was on its way for long does not replace a newer one.
INSERT INTO beats AS b (
    site, stream, sent_at, received_at, epoch, last_sequence, backlog, oldest_unsent, relay,
    version, standards, disk_free_percent, certificate_until
)
SELECT * FROM unnest(
    $1::text[], $2::text[], $3::timestamptz[], $4::timestamptz[], $5::integer[], $6::bigint[],
    $7::integer[], $8::timestamptz[], $9::text[], $10::text[], $11::text[], $12::smallint[],
    $13::timestamptz[]
)
ON CONFLICT (site, stream) DO UPDATE SET
    sent_at = excluded.sent_at,
    received_at = excluded.received_at,
    epoch = excluded.epoch,
    last_sequence = excluded.last_sequence,
    backlog = excluded.backlog,
    oldest_unsent = excluded.oldest_unsent,
    relay = excluded.relay,
    version = excluded.version,
    standards = excluded.standards,
    disk_free_percent = excluded.disk_free_percent,
    certificate_until = excluded.certificate_until
WHERE b.received_at < excluded.received_at;

-- name: beats
SELECT site, stream, sent_at, received_at, backlog, oldest_unsent, relay, version, standards,
    disk_free_percent, certificate_until
FROM beats
ORDER BY site, stream;

-- name: missing
-- How many events have not come although later ones have. A site can name gaps whose sum is past
-- any bigint.
SELECT site, stream, sum(last - first + 1)::double precision AS events
FROM gaps
GROUP BY site, stream;

-- name: forgotten_days
-- Days before $1 that their sites have not closed, by site, as the publisher saw them last: it goes on
-- looking at every day that is not settled.
SELECT site, count(*) AS days
FROM published_days
WHERE service_day < $1 AND state NOT IN ('complete', 'resolved')
    AND (state = 'open' OR detail = $2)
GROUP BY site;

-- name: quarantined
SELECT count(*) FROM quarantine WHERE settled_at IS NULL;

-- name: gaps_to_ask_for
-- Gaps that have been open for $1, and were asked for so long ago that the answer should be here:
-- $2 at first, twice as long each time, a day at most. At most $3, taken from the sites in turns,
-- so that no site's gaps keep another's waiting; of one site those first that were asked for
-- least.
SELECT site, stream, epoch, first, last
FROM (
    SELECT site, stream, epoch, first, last, noticed_at,
        row_number() OVER (
            PARTITION BY site ORDER BY asked, noticed_at, stream, epoch, first
        ) AS turn
    FROM gaps
    WHERE noticed_at <= now() - $1::interval
        AND (asked_at IS NULL
             OR asked_at
                <= now() - least($2::interval * 2 ^ least(asked - 1, 20), interval '1 day'))
) AS due
ORDER BY turn, noticed_at, site
LIMIT $3;

-- name: asked
-- These gaps have been asked for now. One that was filled or cut meanwhile is no more.
UPDATE gaps AS g SET asked_at = now(), asked = least(g.asked + 1, 100)
FROM unnest($1::text[], $2::text[], $3::integer[], $4::bigint[])
    AS said (site, stream, epoch, first)
WHERE g.site = said.site AND g.stream = said.stream AND g.epoch = said.epoch
    AND g.first = said.first;

-- name: days
-- The view site_days for a run of days and many sites at once: each table is read and summed one
-- time, not once a day. $1 and $2 are the first and last service day, $3 the sites' codes.
WITH latest AS MATERIALIZED (
    SELECT DISTINCT ON (site, service_day, stream)
           site, service_day, stream, revision, epoch, sequence, totals
      FROM manifests
     WHERE service_day BETWEEN $1 AND $2 AND site = ANY ($3::text[])
     ORDER BY site, service_day, stream, epoch DESC, sequence DESC
),
queue_said AS (
    SELECT latest.site, latest.service_day, of_service.*
      FROM latest
     CROSS JOIN LATERAL jsonb_to_recordset(latest.totals -> 'services') AS of_service (
               service text, steps bigint, served bigint, no_show bigint, "left" bigint,
               removed bigint, forgotten bigint, wait_ms bigint, service_ms bigint,
               implausible bigint)
     WHERE latest.stream = 'ticketing'
),
queue_counted AS (
    SELECT site, service_day, service,
           sum(steps) AS steps, sum(served) AS served, sum(no_show) AS no_show,
           sum(left_waiting) AS "left", sum(removed) AS removed, sum(forgotten) AS forgotten,
           sum(wait_ms) AS wait_ms, sum(service_ms) AS service_ms, sum(implausible) AS implausible
      FROM step_rollup
     WHERE service_day BETWEEN $1 AND $2 AND site = ANY ($3::text[])
     GROUP BY site, service_day, service
),
answers_said AS (
    SELECT latest.site, latest.service_day, of_service.*
      FROM latest
     CROSS JOIN LATERAL jsonb_to_recordset(latest.totals -> 'services') AS of_service (
               service text, offers bigint, responses bigint, ratings bigint, levels bigint)
     WHERE latest.stream = 'feedback'
),
answers_counted AS (
    SELECT site, service_day, service, offers, responses, ratings, levels
      FROM feedback_day_rollup
     WHERE service_day BETWEEN $1 AND $2 AND site = ANY ($3::text[])
),
differing AS (
    SELECT site, service_day
      FROM queue_said AS said
      FULL JOIN queue_counted AS counted USING (site, service_day, service)
     WHERE (coalesce(said.steps, 0), coalesce(said.served, 0), coalesce(said.no_show, 0),
            coalesce(said."left", 0), coalesce(said.removed, 0), coalesce(said.forgotten, 0),
            coalesce(said.wait_ms, 0), coalesce(said.service_ms, 0),
            coalesce(said.implausible, 0))
        IS DISTINCT FROM
           (coalesce(counted.steps, 0), coalesce(counted.served, 0), coalesce(counted.no_show, 0),
            coalesce(counted."left", 0), coalesce(counted.removed, 0),
            coalesce(counted.forgotten, 0), coalesce(counted.wait_ms, 0),
            coalesce(counted.service_ms, 0), coalesce(counted.implausible, 0))
    UNION
    SELECT site, service_day
      FROM answers_said AS said
      FULL JOIN answers_counted AS counted USING (site, service_day, service)
     WHERE (coalesce(said.offers, 0), coalesce(said.responses, 0), coalesce(said.ratings, 0),
            coalesce(said.levels, 0))
        IS DISTINCT FROM
           (coalesce(counted.offers, 0), coalesce(counted.responses, 0),
            coalesce(counted.ratings, 0), coalesce(counted.levels, 0))
    UNION
    SELECT latest.site, latest.service_day
      FROM latest
      LEFT JOIN visit_rollup AS counted USING (site, service_day)
     WHERE latest.stream = 'ticketing'
       AND (latest.totals ->> 'visits')::bigint IS DISTINCT FROM coalesce(counted.visits, 0)
),
known AS (
    SELECT site, service_day,
           max(last_epoch) FILTER (WHERE stream = 'ticketing') AS queue_epoch,
           max(last_sequence) FILTER (WHERE stream = 'ticketing') AS queue_sequence,
           max(last_epoch) FILTER (WHERE stream = 'feedback') AS answers_epoch,
           max(last_sequence) FILTER (WHERE stream = 'feedback') AS answers_sequence
      FROM day_progress
     WHERE service_day BETWEEN $1 AND $2 AND site = ANY ($3::text[])
     GROUP BY site, service_day
),
awaited AS (
    SELECT known.site, known.service_day, queue.revision,
           CASE
               WHEN EXISTS (
                   SELECT FROM gaps
                    WHERE gaps.site = known.site AND gaps.stream = 'ticketing'
                      AND (queue.revision IS NULL
                           OR (gaps.epoch, gaps.first) < (queue.epoch, queue.sequence))
               ) THEN 'ticketing_numbers_missing'
               WHEN (known.queue_epoch, known.queue_sequence) > (queue.epoch, queue.sequence)
                   THEN 'ticketing_revision_due'
               WHEN queue.revision IS NOT NULL AND EXISTS (
                   SELECT FROM gaps
                    WHERE gaps.site = known.site AND gaps.stream = 'feedback'
                      AND (answers.revision IS NULL
                           OR (gaps.epoch, gaps.first) < (answers.epoch, answers.sequence))
               ) THEN 'feedback_numbers_missing'
               WHEN (known.answers_epoch, known.answers_sequence)
                    > (answers.epoch, answers.sequence) THEN 'feedback_revision_due'
               WHEN queue.revision IS NOT NULL AND answers.revision IS NULL
                   THEN 'feedback_manifest_missing'
               WHEN answers.revision IS NOT NULL AND queue.revision IS NULL
                   THEN 'ticketing_manifest_missing'
           END AS detail
      FROM known
      LEFT JOIN latest AS queue
        ON queue.site = known.site AND queue.service_day = known.service_day
       AND queue.stream = 'ticketing'
      LEFT JOIN latest AS answers
        ON answers.site = known.site AND answers.service_day = known.service_day
       AND answers.stream = 'feedback'
)
SELECT awaited.site, awaited.service_day, awaited.revision AS ticketing_revision,
       CASE
           WHEN awaited.detail IN ('ticketing_numbers_missing', 'feedback_numbers_missing')
               THEN 'arriving'
           WHEN restored.doubt IS FALSE
            AND (awaited.detail IS NOT NULL OR awaited.revision IS NULL
                 OR differing.site IS NOT NULL) THEN 'resolved'
           WHEN awaited.detail IS NOT NULL THEN 'arriving'
           WHEN awaited.revision IS NULL THEN 'open'
           WHEN restored.doubt OR differing.site IS NOT NULL THEN 'disputed'
           ELSE 'complete'
       END AS state,
       CASE
           WHEN awaited.detail IN ('ticketing_numbers_missing', 'feedback_numbers_missing')
               THEN awaited.detail
           WHEN restored.doubt IS FALSE
            AND (awaited.detail IS NOT NULL OR awaited.revision IS NULL
                 OR differing.site IS NOT NULL) THEN 'resolved_' || restored.reason
           WHEN awaited.detail IS NOT NULL THEN awaited.detail
           WHEN awaited.revision IS NOT NULL AND restored.doubt THEN 'restored'
           WHEN awaited.revision IS NOT NULL AND differing.site IS NOT NULL THEN 'totals_differ'
       END AS detail
  FROM awaited
  LEFT JOIN differing USING (site, service_day)
  LEFT JOIN restored_days AS restored USING (site, service_day);

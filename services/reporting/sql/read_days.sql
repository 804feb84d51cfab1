-- name: days
-- The view site_days for a run of days and many sites at once: each table is read and summed one
-- time, not once a day. $1 and $2 are the first and last service day, $3 the sites' codes.
WITH latest AS MATERIALIZED (
    SELECT DISTINCT ON (site, service_day, stream)
           site, service_day, stream, revision, epoch, sequence, visits
      FROM manifests
     WHERE service_day BETWEEN $1 AND $2 AND site = ANY ($3::text[])
     ORDER BY site, service_day, stream, epoch DESC, sequence DESC
),
queue_said AS (
    SELECT totals.*
      FROM latest
      JOIN manifest_steps AS totals USING (site, service_day, epoch, sequence)
     WHERE latest.stream = 'ticketing'
),
queue_counted AS (
    SELECT site, service_day, service,
           sum(steps) AS steps, sum(served) AS served, sum(no_show) AS no_show,
           sum(left_waiting) AS left_waiting, sum(removed) AS removed, sum(forgotten) AS forgotten,
           sum(wait_ms) AS wait_ms, sum(service_ms) AS service_ms, sum(implausible) AS implausible
      FROM step_rollup
     WHERE service_day BETWEEN $1 AND $2 AND site = ANY ($3::text[])
     GROUP BY site, service_day, service
),
answers_said AS (
    SELECT totals.*
      FROM latest
      JOIN manifest_answers AS totals USING (site, service_day, epoch, sequence)
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
            coalesce(said.left_waiting, 0), coalesce(said.removed, 0), coalesce(said.forgotten, 0),
            coalesce(said.wait_ms, 0), coalesce(said.service_ms, 0),
            coalesce(said.implausible, 0))
        IS DISTINCT FROM
           (coalesce(counted.steps, 0), coalesce(counted.served, 0), coalesce(counted.no_show, 0),
            coalesce(counted.left_waiting, 0), coalesce(counted.removed, 0),
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
       AND latest.visits IS DISTINCT FROM coalesce(counted.visits, 0)
),
unsettled AS MATERIALIZED (
    SELECT places.site, places.stream, places.epoch, places.first, places.service_day
      FROM vacancies AS places
     WHERE places.reason = 'refused' AND places.site = ANY ($3::text[])
       AND (places.service_day IS NULL OR places.service_day BETWEEN $1 AND $2)
       AND coalesce((
           SELECT bool_or(kept.settled_at IS NULL)
             FROM quarantine AS kept
            WHERE kept.topic = 'site.' || places.site || '.' || places.stream
              AND kept.partition = 0 AND kept."offset" = places."offset"), true)
),
refused AS MATERIALIZED (
    SELECT site, service_day FROM unsettled WHERE service_day IS NOT NULL
    UNION
    SELECT unsettled.site, beside.service_day
      FROM unsettled
     CROSS JOIN LATERAL (
           (SELECT events.service_day
              FROM events
             WHERE events.site = unsettled.site AND events.stream = unsettled.stream
               AND (events.epoch, events.sequence) < (unsettled.epoch, unsettled.first)
             ORDER BY events.epoch DESC, events.sequence DESC
             LIMIT 1)
           UNION
           (SELECT events.service_day
              FROM events
             WHERE events.site = unsettled.site AND events.stream = unsettled.stream
               AND (events.epoch, events.sequence) > (unsettled.epoch, unsettled.first)
             ORDER BY events.epoch, events.sequence
             LIMIT 1)) AS beside
     WHERE unsettled.service_day IS NULL AND beside.service_day BETWEEN $1 AND $2
),
unknown AS (
    SELECT site, service_day FROM queue_counted WHERE service = 'unknown'
    UNION
    SELECT site, service_day FROM answers_counted WHERE service = 'unknown'
    UNION
    SELECT site, service_day FROM feedback_rollup
     WHERE service = 'unknown' AND service_day BETWEEN $1 AND $2 AND site = ANY ($3::text[])
),
restored AS MATERIALIZED (
    SELECT DISTINCT ON (site, stream, epoch) site, stream, epoch, after_epoch, after_sequence
      FROM restorations
     WHERE site = ANY ($3::text[])
     ORDER BY site, stream, epoch, after_epoch, after_sequence
),
reached AS (
    SELECT site, stream, service_day, epoch, last_sequence,
           lead(epoch) OVER (PARTITION BY site, stream, service_day ORDER BY epoch) AS next_epoch
      FROM day_epochs
     WHERE service_day BETWEEN $1 AND $2
       AND (site, stream) IN (SELECT site, stream FROM restored)
),
lost AS MATERIALIZED (
    SELECT reached.site, reached.stream, reached.service_day, max(restored.epoch) AS epoch
      FROM reached
      JOIN restored
        ON restored.site = reached.site AND restored.stream = reached.stream
       AND restored.epoch > reached.epoch
       AND (reached.next_epoch IS NULL OR restored.epoch <= reached.next_epoch)
       AND (reached.epoch, reached.last_sequence)
           > (restored.after_epoch, restored.after_sequence)
     GROUP BY reached.site, reached.stream, reached.service_day
),
doubted AS (
    SELECT lost.site, lost.service_day,
           CASE
               WHEN bool_or(progress.last_epoch >= lost.epoch AND resolved.reason IS NULL)
                   THEN true
               WHEN bool_or(resolved.reason IS NOT NULL) THEN false
           END AS doubt,
           max(resolved.reason) AS reason
      FROM lost
      LEFT JOIN day_progress AS progress USING (site, service_day, stream)
      LEFT JOIN LATERAL (
           SELECT resolutions.reason
             FROM resolutions
            WHERE resolutions.site = lost.site AND resolutions.stream = lost.stream
              AND resolutions.service_day = lost.service_day AND resolutions.epoch >= lost.epoch
            ORDER BY resolutions.epoch DESC, resolutions.sequence DESC
            LIMIT 1) AS resolved ON true
     GROUP BY lost.site, lost.service_day
),
known AS (
    SELECT site, service_day,
           max(last_epoch) FILTER (WHERE stream = 'ticketing') AS queue_epoch,
           max(last_sequence) FILTER (WHERE stream = 'ticketing') AS queue_sequence,
           max(last_epoch) FILTER (WHERE stream = 'feedback') AS answers_epoch,
           max(last_sequence) FILTER (WHERE stream = 'feedback') AS answers_sequence
      FROM (SELECT site, service_day, stream, last_epoch, last_sequence
              FROM day_progress
             WHERE service_day BETWEEN $1 AND $2 AND site = ANY ($3::text[])
             UNION ALL
            SELECT site, service_day, NULL, NULL, NULL FROM refused) AS heard_of
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
           WHEN refused.site IS NOT NULL OR unknown.site IS NOT NULL THEN 'disputed'
           WHEN awaited.detail IN ('ticketing_numbers_missing', 'feedback_numbers_missing')
               THEN 'arriving'
           WHEN doubted.doubt IS FALSE
            AND (awaited.detail IS NOT NULL OR awaited.revision IS NULL
                 OR differing.site IS NOT NULL) THEN 'resolved'
           WHEN awaited.detail IS NOT NULL THEN 'arriving'
           WHEN awaited.revision IS NULL THEN 'open'
           WHEN doubted.doubt OR differing.site IS NOT NULL THEN 'disputed'
           ELSE 'complete'
       END AS state,
       CASE
           WHEN refused.site IS NOT NULL THEN 'refused'
           WHEN unknown.site IS NOT NULL THEN 'service_unknown'
           WHEN awaited.detail IN ('ticketing_numbers_missing', 'feedback_numbers_missing')
               THEN awaited.detail
           WHEN doubted.doubt IS FALSE
            AND (awaited.detail IS NOT NULL OR awaited.revision IS NULL
                 OR differing.site IS NOT NULL) THEN 'resolved_' || doubted.reason
           WHEN awaited.detail IS NOT NULL THEN awaited.detail
           WHEN awaited.revision IS NOT NULL AND doubted.doubt THEN 'restored'
           WHEN awaited.revision IS NOT NULL AND differing.site IS NOT NULL THEN 'totals_differ'
       END AS detail
  FROM awaited
  LEFT JOIN differing USING (site, service_day)
  LEFT JOIN refused USING (site, service_day)
  LEFT JOIN unknown USING (site, service_day)
  LEFT JOIN doubted USING (site, service_day);

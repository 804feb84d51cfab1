-- What earlier releases published could tell of few people by subtraction, and named levels while no
-- evidence could be handed in. It is withdrawn at once, and the publisher makes it anew: a published
-- day marks its month, and that its fiscal year.
DELETE FROM published_figures;
DELETE FROM published_criteria;
DELETE FROM published_scorecards;
INSERT INTO stale_periods (kind, first_day)
SELECT DISTINCT 'day', service_day FROM day_progress
WHERE service_day BETWEEN DATE '1989-10-01' AND DATE '2100-12-31'
ORDER BY service_day;

COMMENT ON COLUMN published_scorecards.level_with_evidence IS
    'Null: no level is named while evidence cannot be handed in';

-- How the rollups change: by sets of rows, in key order. A row that is not there yet begins at
-- zero; one that counts nothing any more is removed, so that a rebuilt table has the same rows.

-- name: add_step_rollup
INSERT INTO step_rollup AS r (
    site, service_day, service, visitor_class, hour, steps, served, no_show, left_waiting,
    removed, forgotten, wait_n, wait_ms, service_n, service_ms, wait_met, wait_missed,
    service_met, service_missed, calls_in_order, calls_out_of_order, implausible, lunch_served,
    after_hours_served, estimate_n, estimate_within, kiosk, counter, mobile, online, booked_n,
    booked_on_time
)
SELECT * FROM unnest(
    $1::text[], $2::date[], $3::text[], $4::text[], $5::smallint[], $6::bigint[], $7::bigint[],
    $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[],
    $14::bigint[], $15::bigint[], $16::bigint[], $17::bigint[], $18::bigint[], $19::bigint[],
    $20::bigint[], $21::bigint[], $22::bigint[], $23::bigint[], $24::bigint[], $25::bigint[],
    $26::bigint[], $27::bigint[], $28::bigint[], $29::bigint[], $30::bigint[], $31::bigint[],
    $32::bigint[]
)
ON CONFLICT (site, service_day, service, visitor_class, hour) DO UPDATE SET
    steps = r.steps + excluded.steps,
    served = r.served + excluded.served,
    no_show = r.no_show + excluded.no_show,
    left_waiting = r.left_waiting + excluded.left_waiting,
    removed = r.removed + excluded.removed,
    forgotten = r.forgotten + excluded.forgotten,
    wait_n = r.wait_n + excluded.wait_n,
    wait_ms = r.wait_ms + excluded.wait_ms,
    service_n = r.service_n + excluded.service_n,
    service_ms = r.service_ms + excluded.service_ms,
    wait_met = r.wait_met + excluded.wait_met,
    wait_missed = r.wait_missed + excluded.wait_missed,
    service_met = r.service_met + excluded.service_met,
    service_missed = r.service_missed + excluded.service_missed,
    calls_in_order = r.calls_in_order + excluded.calls_in_order,
    calls_out_of_order = r.calls_out_of_order + excluded.calls_out_of_order,
    implausible = r.implausible + excluded.implausible,
    lunch_served = r.lunch_served + excluded.lunch_served,
    after_hours_served = r.after_hours_served + excluded.after_hours_served,
    estimate_n = r.estimate_n + excluded.estimate_n,
    estimate_within = r.estimate_within + excluded.estimate_within,
    kiosk = r.kiosk + excluded.kiosk,
    counter = r.counter + excluded.counter,
    mobile = r.mobile + excluded.mobile,
    online = r.online + excluded.online,
    booked_n = r.booked_n + excluded.booked_n,
    booked_on_time = r.booked_on_time + excluded.booked_on_time;

-- name: drop_empty_step_rollup
DELETE FROM step_rollup AS r
USING unnest(
    $1::text[], $2::date[], $3::text[], $4::text[], $5::smallint[]
) AS k (site, service_day, service, visitor_class, hour)
WHERE r.site = k.site AND r.service_day = k.service_day AND r.service = k.service
    AND r.visitor_class = k.visitor_class AND r.hour = k.hour
    AND r.steps = 0;

-- name: add_step_cells
INSERT INTO step_cells AS r (
    site, service_day, service, visitor_class, hour, measure, cell, n
)
SELECT * FROM unnest(
    $1::text[], $2::date[], $3::text[], $4::text[], $5::smallint[], $6::text[], $7::smallint[],
    $8::bigint[]
)
ON CONFLICT (site, service_day, service, visitor_class, hour, measure, cell) DO UPDATE SET
    n = r.n + excluded.n;

-- name: drop_empty_step_cells
DELETE FROM step_cells AS r
USING unnest(
    $1::text[], $2::date[], $3::text[], $4::text[], $5::smallint[], $6::text[], $7::smallint[]
) AS k (site, service_day, service, visitor_class, hour, measure, cell)
WHERE r.site = k.site AND r.service_day = k.service_day AND r.service = k.service
    AND r.visitor_class = k.visitor_class AND r.hour = k.hour AND r.measure = k.measure AND r.cell = k.cell
    AND r.n = 0;

-- name: add_visit_rollup
INSERT INTO visit_rollup AS r (
    site, service_day, visits, ended, total_n, total_ms
)
SELECT * FROM unnest(
    $1::text[], $2::date[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[]
)
ON CONFLICT (site, service_day) DO UPDATE SET
    visits = r.visits + excluded.visits,
    ended = r.ended + excluded.ended,
    total_n = r.total_n + excluded.total_n,
    total_ms = r.total_ms + excluded.total_ms;

-- name: drop_empty_visit_rollup
DELETE FROM visit_rollup AS r
USING unnest(
    $1::text[], $2::date[]
) AS k (site, service_day)
WHERE r.site = k.site AND r.service_day = k.service_day
    AND r.visits = 0;

-- name: add_feedback_rollup
INSERT INTO feedback_rollup AS r (
    site, service_day, service, offers, responses, cleaned_responses, issuer_known, staff_issued
)
SELECT * FROM unnest(
    $1::text[], $2::date[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[],
    $8::bigint[]
)
ON CONFLICT (site, service_day, service) DO UPDATE SET
    offers = r.offers + excluded.offers,
    responses = r.responses + excluded.responses,
    cleaned_responses = r.cleaned_responses + excluded.cleaned_responses,
    issuer_known = r.issuer_known + excluded.issuer_known,
    staff_issued = r.staff_issued + excluded.staff_issued;

-- name: drop_empty_feedback_rollup
DELETE FROM feedback_rollup AS r
USING unnest(
    $1::text[], $2::date[], $3::text[]
) AS k (site, service_day, service)
WHERE r.site = k.site AND r.service_day = k.service_day AND r.service = k.service
    AND r.offers = 0 AND r.responses = 0;

-- name: add_rating_rollup
INSERT INTO rating_rollup AS r (
    site, service_day, service, dimension, level, n, cleaned_n
)
SELECT * FROM unnest(
    $1::text[], $2::date[], $3::text[], $4::text[], $5::smallint[], $6::bigint[], $7::bigint[]
)
ON CONFLICT (site, service_day, service, dimension, level) DO UPDATE SET
    n = r.n + excluded.n,
    cleaned_n = r.cleaned_n + excluded.cleaned_n;

-- name: drop_empty_rating_rollup
DELETE FROM rating_rollup AS r
USING unnest(
    $1::text[], $2::date[], $3::text[], $4::text[], $5::smallint[]
) AS k (site, service_day, service, dimension, level)
WHERE r.site = k.site AND r.service_day = k.service_day AND r.service = k.service
    AND r.dimension = k.dimension AND r.level = k.level
    AND r.n = 0;

-- name: add_feedback_day_rollup
INSERT INTO feedback_day_rollup AS r (
    site, service_day, service, offers, responses, ratings, levels
)
SELECT * FROM unnest(
    $1::text[], $2::date[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[]
)
ON CONFLICT (site, service_day, service) DO UPDATE SET
    offers = r.offers + excluded.offers,
    responses = r.responses + excluded.responses,
    ratings = r.ratings + excluded.ratings,
    levels = r.levels + excluded.levels;

-- name: drop_empty_feedback_day_rollup
DELETE FROM feedback_day_rollup AS r
USING unnest(
    $1::text[], $2::date[], $3::text[]
) AS k (site, service_day, service)
WHERE r.site = k.site AND r.service_day = k.service_day AND r.service = k.service
    AND r.offers = 0 AND r.responses = 0;

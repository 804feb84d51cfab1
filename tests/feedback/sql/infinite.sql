-- name: infinite
SELECT count(*) FROM (
    SELECT given_hour FROM response UNION ALL SELECT offered_at FROM offer
    UNION ALL SELECT entered_at FROM open_visit UNION ALL SELECT first_called_at FROM open_visit
    UNION ALL SELECT time FROM outbox UNION ALL SELECT recorded FROM outbox
    UNION ALL SELECT code_expires_at FROM device UNION ALL SELECT at FROM failed_sign_in
    UNION ALL SELECT seen_at FROM staff_session
) AS moments (one)
 WHERE NOT isfinite(one);

-- name: given_hour
INSERT INTO response (reference, response, given_hour, visit_day, origin, service, waiting_band, language, channel,
                      screening, staff)
VALUES (repeat('a', 32), gen_random_uuid(), 'infinity', '2026-03-02', 'live', 'ADV', 'unknown', 'th', 'link', '{}', 5);

-- name: offered_at
INSERT INTO offer (visit, service_day, origin, step, service, waiting_band, offered_at)
VALUES (gen_random_uuid(), '2026-03-02', 'live', 1, 'ADV', 'unknown', '-infinity');

-- name: entered_at
INSERT INTO open_visit (visit, service_day, step, service, entered_at)
VALUES (gen_random_uuid(), '2026-03-02', 1, 'ADV', 'infinity');

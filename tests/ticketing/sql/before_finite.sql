-- name: rows
-- A day as an office may have it that took every booking and every correction.
INSERT INTO service_day (day, state, origin, opened_at) VALUES ('2026-03-02', 'open', 'live', '2026-03-02T01:00Z');
INSERT INTO visit (id, day, series, number, channel, visitor_class, appointment, origin, issued_at, feedback_link)
SELECT ('00000000-0000-7000-8000-00000000000' || number)::uuid, '2026-03-02', 'A', number, 'kiosk',
       CASE WHEN booked IS NULL THEN 'normal' ELSE 'appointment' END, booked::timestamptz, 'live',
       '2026-03-02T02:00Z', true
  FROM (VALUES (1, 'infinity'), (2, '-infinity'), (3, '2569-03-02T03:00Z'), (4, '2026-03-02T03:00Z'),
               (5, NULL), (6, NULL)) AS taken (number, booked);
INSERT INTO step (visit, step, day, service, state, queued_at, effective_arrival)
SELECT id, 1, day, 'ADV', 'waiting', issued_at, greatest(appointment, issued_at - interval '15 minutes')
  FROM visit WHERE number < 5;
INSERT INTO step (visit, step, day, service, state, queued_at, effective_arrival, counter, calls, first_called_at,
                  last_called_at, started_at, ended_at, outcome, time_quality)
SELECT id, 1, day, 'ADV', 'ended', issued_at, issued_at, 1, 1, issued_at, issued_at,
       CASE number WHEN 5 THEN '-infinity' ELSE '2026-03-02T02:10Z' END::timestamptz,
       CASE number WHEN 5 THEN '2026-03-02T02:20Z' ELSE '9999-12-31T23:59:59Z' END::timestamptz,
       'served', 'actual'
  FROM visit WHERE number >= 5;
INSERT INTO notice (id, text_th, text_en, given_at, until) VALUES
    (gen_random_uuid(), 'x', 'x', now(), 'infinity'), (gen_random_uuid(), 'y', 'y', now(), '3112-11-25T00:00Z');

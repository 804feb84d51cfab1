-- What no clock on a wall can show is in no row from here on; what stands already is looked through
-- once. A migration runs this file once; it is never edited afterwards.

-- A booking is a time of a service day. Those of any other year that were taken, of the year 1, of
-- 9999 or of the Buddhist Era, were never called: their visitors wait by their arrival now. They
-- stay booked visitors, as their events say.
UPDATE step SET effective_arrival = step.queued_at
  FROM visit
 WHERE visit.id = step.visit
   AND NOT (visit.appointment >= '2015-01-01 00:00Z' AND visit.appointment < '2101-01-01 00:00Z');
ALTER TABLE visit
    ADD COLUMN booking_dropped boolean NOT NULL DEFAULT false,
    DROP CONSTRAINT visit_check1;
UPDATE visit SET appointment = NULL, booking_dropped = true
 WHERE NOT (appointment >= '2015-01-01 00:00Z' AND appointment < '2101-01-01 00:00Z');
ALTER TABLE visit
    ADD CONSTRAINT booked_means_a_booked_visitor CHECK (
        (visitor_class = 'appointment') = (appointment IS NOT NULL OR booking_dropped)
    ),
    ADD CONSTRAINT booked_for_a_day_that_can_be CHECK (
        appointment >= '2015-01-01 00:00Z' AND appointment < '2101-01-01 00:00Z'
    );

-- Corrections could name any time. Such a duration was counted as implausible; it still is.
UPDATE step SET started_at = '2100-12-31 23:59:59Z' WHERE started_at >= '2101-01-01 00:00Z';
UPDATE step SET ended_at = '2100-12-31 23:59:59Z' WHERE ended_at >= '2101-01-01 00:00Z';
UPDATE notice SET until = '2100-12-31 23:59:59Z' WHERE until >= '2101-01-01 00:00Z';

-- Each call, as the board announces it: what the event says, in columns. `event` is its id in the
-- outbox, whose positions are the order of calls.
CREATE TABLE announcement (
    event uuid PRIMARY KEY,
    visit uuid NOT NULL REFERENCES visit,
    counter smallint NOT NULL CHECK (counter BETWEEN 1 AND 999),
    call smallint NOT NULL CHECK (call BETWEEN 1 AND 99)
);
GRANT SELECT, INSERT ON announcement TO ticketing_app;

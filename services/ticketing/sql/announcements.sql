-- name: announcements
-- The newest calls of a day, whichever process made them, the newest first. The outbox has each
-- in commit order, so that none is lost between two looks; the bound keeps the look short.
SELECT outbox.position, announcement.visit, visit.ticket, outbox.time,
       announcement.counter, announcement.call
  FROM outbox
  JOIN announcement ON announcement.event = outbox.id
  JOIN visit ON visit.id = announcement.visit
 WHERE outbox.type = 'visit.called.v1' AND outbox.service_day = $1
   AND outbox.position > (SELECT position FROM stream_counter) - 3000
 ORDER BY outbox.position DESC
 LIMIT 20;

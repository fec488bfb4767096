-- What the clock does: reminders of bookings, second notices, parties that have been on the list for a
-- day, and those at the front of a line who could not be told so before.
-- Returns how many of the first three.
SELECT remind(100) + parties_due(100),
       (SELECT count(line_moved(t.account_id))
        FROM (SELECT DISTINCT account_id FROM templates
              WHERE event = 'almost_ready' AND automatic ORDER BY account_id) t)

-- What the clock does: reminders of bookings, second notices, parties that have been on the list for a
-- day, and those at the front of a line who could not be told so before.
-- $1 how many of the first, and of the next two, at most.
-- Returns how many were done.
SELECT remind($1::bigint) + parties_due($1::bigint) + look_at_lines()

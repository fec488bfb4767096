-- What the clock does: reminders of bookings, second notices, parties that have been on the list for a
-- day, calls where a text did not do, and those at the front of a line who could not be told so before.
-- $1 how many of each, at most; the last without a bound.
-- Returns how many were done.
SELECT remind($1::bigint) + parties_due($1::bigint) + calls_due_now($1::bigint) + look_at_lines()

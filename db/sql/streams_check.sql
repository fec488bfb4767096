-- Which open streams are to be ended, and which have something to read: for those whose notification
-- was lost. Each list is separated by spaces, one entry for each stream.
-- $1 numbers, $2 kinds and $3 ids of their callers, as for enter(), $4 accounts, $5 xids and $6 seqs:
-- the last event that each has.
-- Returns number, and why it ends, NULL: it is to read, in the order of the numbers.
SELECT stream, why FROM streams_check($1::text, $2::text, $3::text, $4::text, $5::text, $6::text)

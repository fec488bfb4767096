-- Deletes what is past its time, oldest first.
-- $1 how many rows at most.
-- Returns one row: 1 when there is more.
SELECT retain($1::bigint::integer)::integer

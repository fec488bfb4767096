-- Deletes what is past its time, oldest first.
-- $1 how many rows at most.
-- Returns one row: as many when there is more, else 0.
SELECT CASE WHEN retain($1::bigint::integer) THEN $1::bigint ELSE 0 END

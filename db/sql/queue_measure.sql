-- Sees to it that the planner knows of a queue that has become long. $1 from how many rows on.
-- Returns one row: 0, as there is never more to do.
SELECT 0 FROM queue_measure($1::bigint)

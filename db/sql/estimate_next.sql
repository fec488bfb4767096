-- Refreshes the estimates of one account whose night has come: see estimate_next().
-- Returns one row: how many it was, 1 or 0.
SELECT (estimate_next() IS NOT NULL)::int

-- Refreshes the estimates of accounts whose night has come: see estimate_next().
-- $1 how many, at most.
-- Returns how many it were.
SELECT count(estimate_next()) FROM generate_series(1, $1::bigint)

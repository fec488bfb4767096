-- Refreshes the estimates of one account whose night has come: see estimate_next().
-- $1 the account before: those behind it are looked at.
-- Returns the account, or no row: all are done.
SELECT account FROM estimate_next($1::text) account WHERE account IS NOT NULL

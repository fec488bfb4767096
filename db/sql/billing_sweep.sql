-- Accounts without a row get one, and days that are over are added up.
-- $1 how many accounts at most, $2 kinds that are metered, separated by spaces.
-- Returns how many were added up.
SELECT billing_sweep($1::bigint, string_to_array($2::text, ' '))

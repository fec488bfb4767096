-- The journal of erasures, the oldest first.
-- Returns account and hash of the number.
SELECT account_id, phone_hash FROM erasures ORDER BY at, account_id, erasure_id

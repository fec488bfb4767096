-- The journal of erasures, the oldest first.
-- Returns account, hash of the number, and when.
SELECT account_id, phone_hash, rfc3339(at) FROM erasures ORDER BY at, account_id, erasure_id

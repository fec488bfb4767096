-- It could not be fetched: again later. What is known stays.
-- $1 account, $2 the claim, $3 after how long (ms), $4 why.
-- Returns how many failed in a row; no row: it was another's by then.
UPDATE billing
SET claimed_by = NULL, tries = tries + 1, why = $4::text,
    due_at = now() + $3::bigint * interval '1 millisecond'
WHERE account_id = $1::text AND claimed_by = $2::text
RETURNING tries

-- Takes the account whose subscription is to be fetched next, until the lease is over.
-- $1 the claim, $2 lease (ms).
-- Returns account, how often we were told that something changed, tries that failed; or no row.
WITH next AS (
    SELECT account_id FROM billing WHERE due_at <= now()
    ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED
)
UPDATE billing b
SET claimed_by = $1::text, due_at = now() + $2::bigint * interval '1 millisecond'
FROM next n WHERE b.account_id = n.account_id
RETURNING b.account_id, b.hints, b.tries

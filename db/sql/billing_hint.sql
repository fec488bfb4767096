-- Something changed at Recurly about an account: its subscription is to be fetched. While that is being
-- done it is done once more afterwards, as the answer under way may be older.
-- $1 account code.
-- Returns how many accounts of ours that is.
WITH told AS (
    INSERT INTO billing AS b (account_id)
    SELECT account_id FROM accounts WHERE account_id = $1::text
    ON CONFLICT (account_id) DO UPDATE
        SET hints = b.hints + 1,
            due_at = CASE WHEN b.claimed_by IS NULL THEN least(b.due_at, now()) ELSE b.due_at END
    RETURNING account_id
), woken AS (
    SELECT pg_notify('maitred_billing', '') FROM told
)
SELECT count(*), (SELECT count(*) FROM woken) FROM told

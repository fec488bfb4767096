-- Takes the next usage that is to be posted, until the lease is over. From the second time on it may have
-- been posted, and is looked for first; so is each after a restore, which forgets what was posted.
-- $1 the claim, $2 lease (ms).
-- Returns account, day as YYYY-MM-DD, seq, kind, amount, subscription, whether it may be there; or no row.
WITH next AS (
    SELECT account_id, day, seq FROM usage_posts WHERE state = 'waiting' AND due_at <= now()
    ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED
)
UPDATE usage_posts p
SET claimed_by = $1::text, tries = p.tries + 1, due_at = now() + $2::bigint * interval '1 millisecond'
FROM next n WHERE p.account_id = n.account_id AND p.day = n.day AND p.seq = n.seq
RETURNING p.account_id, p.day::text, p.seq, p.kind, p.amount, p.subscription_id, 
          (p.tries > 1 OR EXISTS (SELECT FROM epoch WHERE restored_at IS NOT NULL))::integer

-- Claims journalled batches that are not applied yet; each is due again when the lease is over.
-- $1 how many, $2 lease (ms).
-- Returns the callbacks in them, in the order they were journalled.
WITH due AS (
    SELECT batch_at, batch_id FROM pending
    WHERE due_at <= now()
    ORDER BY batch_at, batch_id LIMIT $1::bigint
    FOR UPDATE SKIP LOCKED
), claimed AS (
    UPDATE pending p SET due_at = now() + $2::bigint * interval '1 millisecond'
    FROM due WHERE p.batch_at = due.batch_at AND p.batch_id = due.batch_id
    RETURNING p.batch_at, p.batch_id
)
SELECT c.batch_id, (extract(epoch FROM c.batch_at) * 1000)::bigint, c.provider, c.target,
       c.content_type, c.body
FROM claimed JOIN callbacks c USING (batch_at, batch_id)
ORDER BY c.batch_at, c.batch_id, c.ordinal

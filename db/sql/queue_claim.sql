-- Claims due messages for this process: each becomes due again when the lease is over.
-- $1 who claims, $2 how many, $3 lease (ms).
-- Returns what choosing and sending need; numbers as "provider phone,...", earlier attempts as
-- "provider state handling attempt_id,..." in their order.
WITH due AS (
    SELECT account_id, message_id FROM queue
    WHERE due_at <= now()
    ORDER BY due_at LIMIT $2::bigint
    FOR UPDATE SKIP LOCKED
), claimed AS (
    UPDATE queue q
    SET due_at = now() + $3::bigint * interval '1 millisecond', claimed_by = $1::text
    FROM due WHERE q.account_id = due.account_id AND q.message_id = due.message_id
    RETURNING q.account_id, q.message_id
)
SELECT m.account_id, m.message_id, m.phone, m.body, m.number,
       (extract(epoch FROM m.expires_at) * 1000)::bigint,
       (SELECT string_agg(n.provider || ' ' || n.phone, ',' ORDER BY n.number_id)
        FROM numbers n WHERE n.account_id = m.account_id),
       (SELECT string_agg(concat_ws(' ', a.provider, a.state, coalesce(a.handling, '-'), a.attempt_id), ','
                           ORDER BY a.ordinal)
        FROM attempts a WHERE a.account_id = m.account_id AND a.message_id = m.message_id)
FROM claimed c JOIN messages m USING (account_id, message_id)

-- Claims due messages for this process: each becomes due again when the lease is over.
-- $1 who claims, $2 how many, $3 lease (ms).
-- Returns what choosing and sending need; numbers as "provider phone,...", earlier attempts as
-- "provider state handling,..." in their order; then the attempt that is live, if one is: its id, state,
-- provider, number, when it was opened and is dead (Unix ms), how often it was looked for, and the
-- carrier's ids of other texts to that guest since; last the time now (Unix ms).
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
       (SELECT string_agg(concat_ws(' ', a.provider, a.state, coalesce(a.handling, '-')), ','
                           ORDER BY a.ordinal)
        FROM attempts a WHERE a.account_id = m.account_id AND a.message_id = m.message_id),
       l.attempt_id, l.state, l.provider, l.number,
       (extract(epoch FROM l.opened_at) * 1000)::bigint,
       (extract(epoch FROM l.dead_at) * 1000)::bigint,
       l.looks,
       CASE WHEN l.state = 'ambiguous' THEN
           (SELECT string_agg(o.carrier_id, ',')
            FROM messages om JOIN attempts o USING (account_id, message_id)
            WHERE om.account_id = m.account_id AND om.conversation_id = m.conversation_id
              AND o.provider = l.provider AND o.attempt_id <> l.attempt_id
              AND o.opened_at > l.opened_at - interval '1 minute')
       END,
       (extract(epoch FROM now()) * 1000)::bigint
FROM claimed c JOIN messages m USING (account_id, message_id)
LEFT JOIN attempts l ON l.account_id = m.account_id AND l.message_id = m.message_id
                    AND l.state IN ('intent', 'ambiguous', 'accepted')

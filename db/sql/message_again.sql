-- Sends a message again although it may have been sent: a new one, linked to it. Asked twice, the first
-- answer stands while that one is under way.
-- $1 message id, $2 the new one's id. It expires as long after now as the first after it was accepted.
-- Returns status and body.
WITH one AS MATERIALIZED (
    SELECT m.*, c.opted_out_at
    FROM messages m
    JOIN conversations c ON c.account_id = m.account_id AND c.conversation_id = m.conversation_id
    WHERE m.account_id = scope() AND m.message_id = $1::text AND m.direction = 'out'
    FOR UPDATE OF m
), under_way AS (
    SELECT a.message_id FROM messages a JOIN one o USING (account_id, conversation_id)
    WHERE a.account_id = scope() AND a.again_of = o.message_id AND a.ended_at IS NULL AND a.rank < 3
    LIMIT 1
), judged AS (
    SELECT o.*, CASE WHEN o.rank = 5 THEN 'delivered'
                     WHEN o.opted_out_at IS NOT NULL THEN 'opted_out'
                     WHEN o.rank = 0 THEN 'waiting'
                     WHEN barred(o.account_id) IS NOT NULL THEN 'barred'
                     ELSE 'accepted' END AS verdict
    FROM one o
), stored AS (
    INSERT INTO messages (account_id, message_id, conversation_id, direction, channel, kind, phone,
                          number, body, encoding, segments, state, rank, expires_at, again_of)
    SELECT account_id, $2::text, conversation_id, 'out', channel, kind, phone, number, body, encoding,
           segments, 'queued', 0, now() + (expires_at - coalesce(send_at, created_at)), message_id
    FROM judged WHERE verdict = 'accepted' AND NOT EXISTS (SELECT FROM under_way)
    ON CONFLICT DO NOTHING
    RETURNING account_id, conversation_id, message_id, kind
), threads AS (
    UPDATE conversations c SET last_message_id = greatest(c.last_message_id, s.message_id)
    FROM stored s WHERE c.account_id = scope() AND c.conversation_id = s.conversation_id
), queued AS (
    INSERT INTO queue (account_id, conversation_id, message_id, priority)
    SELECT account_id, conversation_id, message_id, priority_of(kind) FROM stored
    ON CONFLICT DO NOTHING
), woken AS (
    SELECT pg_notify('maitred_queue', '') FROM stored
), outcome AS (
    SELECT CASE verdict WHEN 'accepted' THEN 202 WHEN 'barred' THEN 402 ELSE 409 END AS status,
           CASE verdict
               WHEN 'accepted' THEN json_build_object(
                   'id', coalesce((SELECT message_id FROM under_way), $2::text), 'state', 'queued',
                   'known', coalesce(reason, 'It is ' || state || '.'))
               WHEN 'waiting' THEN problem('conflict', NULL, 'It is still waiting to be sent.')
               WHEN 'barred' THEN problem('billing', NULL, not_told('texting_off') ->> 'detail')
               WHEN 'delivered' THEN problem('conflict', NULL, 'It is on the guest''s phone already.')
               ELSE problem('opted_out', NULL,
                   'This guest replied STOP. They must text START before you can text them.') END AS body
    FROM judged
    UNION ALL
    SELECT 404, nothing_here() WHERE NOT EXISTS (SELECT FROM one)
)
SELECT a.*, (SELECT count(*) FROM woken) FROM outcome o, answer(o.status, o.body) a

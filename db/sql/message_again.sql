-- Sends a message again although it may have been sent: a new one, linked to it. Asked twice, the first
-- answer stands while that one is under way.
-- $1 SHA-256 of the caller's key (hexadecimal), $2 message id, $3 the new one's id, $4 it expires (ms).
-- Returns one row: is the key ours, verdict: accepted, waiting (the first still is), delivered, opted_out,
-- or NULL (there is none); the new one's id; what is known of the first.
WITH caller AS (
    SELECT account_id FROM api_keys WHERE hash = $1::text AND revoked_at IS NULL
), one AS MATERIALIZED (
    SELECT m.*, c.opted_out_at
    FROM messages m JOIN caller USING (account_id)
    JOIN conversations c ON c.account_id = m.account_id AND c.conversation_id = m.conversation_id
    WHERE m.message_id = $2::text AND m.direction = 'out'
    FOR UPDATE OF m
), under_way AS (
    SELECT a.message_id FROM messages a JOIN one o USING (account_id, conversation_id)
    WHERE a.again_of = o.message_id AND a.ended_at IS NULL AND a.rank < 3
    LIMIT 1
), judged AS (
    SELECT o.*, CASE WHEN o.rank = 5 THEN 'delivered'
                     WHEN o.opted_out_at IS NOT NULL THEN 'opted_out'
                     WHEN o.rank = 0 THEN 'waiting'
                     ELSE 'accepted' END AS verdict
    FROM one o
), stored AS (
    INSERT INTO messages (account_id, message_id, conversation_id, direction, channel, kind, phone,
                          number, body, encoding, segments, state, rank, expires_at, again_of)
    SELECT account_id, $3::text, conversation_id, 'out', channel, kind, phone, number, body, encoding,
           segments, 'queued', 0, from_ms($4::bigint), message_id
    FROM judged WHERE verdict = 'accepted' AND NOT EXISTS (SELECT FROM under_way)
    ON CONFLICT DO NOTHING
    RETURNING account_id, conversation_id, message_id, kind
), threads AS (
    UPDATE conversations c SET last_message_id = greatest(c.last_message_id, s.message_id)
    FROM stored s WHERE c.account_id = s.account_id AND c.conversation_id = s.conversation_id
), queued AS (
    INSERT INTO queue (account_id, conversation_id, message_id, priority)
    SELECT account_id, conversation_id, message_id, priority_of(kind) FROM stored
    ON CONFLICT DO NOTHING
), woken AS (
    SELECT pg_notify('maitred_queue', '') FROM stored
)
SELECT EXISTS (SELECT FROM caller), (SELECT verdict FROM judged),
       coalesce((SELECT message_id FROM under_way), $3::text),
       (SELECT coalesce(reason, 'It is ' || state || '.') FROM judged), (SELECT count(*) FROM woken)

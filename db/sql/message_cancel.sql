-- A message matters no more: it is not sent, or, when an attempt is under way, not tried again.
-- $1 SHA-256 of the caller's key (hexadecimal), $2 message id, $3 why.
-- Returns one row: is the key ours, verdict: cancelled, sending (it may go out), ended, or NULL (there is
-- none).
WITH caller AS (
    SELECT account_id FROM api_keys WHERE hash = $1::text AND revoked_at IS NULL
), one AS MATERIALIZED (
    SELECT m.account_id, m.conversation_id, m.message_id, m.state, m.rank, m.ended_at
    FROM messages m JOIN caller USING (account_id)
    WHERE m.message_id = $2::text AND m.direction = 'out'
    FOR UPDATE OF m
), waiting AS MATERIALIZED (
    SELECT q.message_id FROM one o JOIN queue q USING (account_id, conversation_id, message_id)
    WHERE q.claimed_by IS NULL -- as it is now, not as it was when this began
    FOR UPDATE OF q
), judged AS (
    SELECT o.*, CASE WHEN o.state = 'cancelled' THEN 'cancelled'
                     WHEN o.ended_at IS NOT NULL OR o.rank > 3 THEN 'ended'
                     WHEN o.rank > 0 OR NOT EXISTS (SELECT FROM waiting) THEN 'sending'
                     ELSE 'cancelled' END AS verdict
    FROM one o
), moved AS (
    UPDATE messages m
    SET cancel_reason = $3::text,
        state = CASE j.verdict WHEN 'cancelled' THEN 'cancelled' ELSE m.state END,
        rank = CASE j.verdict WHEN 'cancelled' THEN 4 ELSE m.rank END,
        code = CASE j.verdict WHEN 'cancelled' THEN 'cancelled' ELSE m.code END,
        reason = CASE j.verdict WHEN 'cancelled' THEN $3::text ELSE m.reason END,
        ended_at = CASE j.verdict WHEN 'cancelled' THEN now() END
    FROM judged j
    WHERE j.verdict <> 'ended' AND j.state <> 'cancelled'
      AND m.account_id = j.account_id AND m.message_id = j.message_id
), unqueued AS (
    DELETE FROM queue q USING judged j
    WHERE j.verdict = 'cancelled' AND q.account_id = j.account_id
      AND q.conversation_id = j.conversation_id AND q.message_id = j.message_id
)
SELECT EXISTS (SELECT FROM caller), (SELECT verdict FROM judged)

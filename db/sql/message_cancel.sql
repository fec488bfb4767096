-- A message matters no more: it is not sent, or, when an attempt is under way, not tried again.
-- $1 message id, $2 why, or NULL.
-- Returns status and body.
WITH one AS MATERIALIZED (
    SELECT m.account_id, m.conversation_id, m.message_id, m.state, m.rank, m.ended_at,
           coalesce($2::text, 'It was cancelled before it was sent.') AS why
    FROM messages m
    WHERE m.account_id = scope() AND m.message_id = $1::text AND m.direction = 'out'
    FOR UPDATE
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
    SET cancel_reason = j.why,
        state = CASE j.verdict WHEN 'cancelled' THEN 'cancelled' ELSE m.state END,
        rank = CASE j.verdict WHEN 'cancelled' THEN 4 ELSE m.rank END,
        code = CASE j.verdict WHEN 'cancelled' THEN 'cancelled' ELSE m.code END,
        reason = CASE j.verdict WHEN 'cancelled' THEN j.why ELSE m.reason END,
        ended_at = CASE j.verdict WHEN 'cancelled' THEN now() END
    FROM judged j
    WHERE j.verdict <> 'ended' AND j.state <> 'cancelled'
      AND m.account_id = scope() AND m.message_id = j.message_id
), unqueued AS (
    DELETE FROM queue q USING judged j
    WHERE j.verdict = 'cancelled' AND q.account_id = j.account_id
      AND q.conversation_id = j.conversation_id AND q.message_id = j.message_id
), outcome AS (
    SELECT CASE verdict WHEN 'cancelled' THEN 200 ELSE 409 END AS status,
           CASE verdict
               WHEN 'cancelled' THEN json_build_object('id', message_id, 'state', 'cancelled')
               WHEN 'sending' THEN problem('conflict', NULL,
                   'It is on its way, so it may arrive. If it does not leave the carrier, it is not tried again.')
               ELSE problem('conflict', NULL, 'It has ended: nothing is left to cancel.') END AS body
    FROM judged
    UNION ALL
    SELECT 404, nothing_here() WHERE NOT EXISTS (SELECT FROM one)
)
SELECT a.* FROM outcome o, answer(o.status, o.body) a

-- Staff have read a thread; the other screens hear of it.
-- $1 conversation id.
-- Returns status and body.
WITH thread AS MATERIALIZED (
    SELECT account_id, conversation_id, unread FROM conversations
    WHERE account_id = scope() AND conversation_id = $1::text
    FOR NO KEY UPDATE
), read AS (
    UPDATE conversations c SET unread = 0 FROM thread t
    WHERE t.unread > 0 AND c.account_id = scope() AND c.conversation_id = t.conversation_id
), told AS (
    INSERT INTO events (account_id, type, subject)
    SELECT account_id, 'conversation.read', conversation_id FROM thread WHERE unread > 0
)
SELECT a.*
FROM (SELECT (SELECT json_build_object('id', conversation_id, 'unread', 0) FROM thread) AS shown) r,
     answer(CASE WHEN shown IS NULL THEN 404 ELSE 200 END, coalesce(shown, nothing_here())) a

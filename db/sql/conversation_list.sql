-- Conversations of the account, the one with the latest message first.
-- $1 the cursor (a message id), or NULL, $2 limit, or NULL.
-- OFFSET 0: each conversation's message is looked up by its key. Merged, all that lie between would be read.
-- Returns status and body.
SELECT 200, page_text(array_agg(id), array_agg(text), coalesce($2::bigint, 50))
FROM (SELECT c.last_message_id AS id,
             '{"id":"' || c.conversation_id || '","phone":"' || c.phone || '","name":' || quoted(c.name)
             || ',"unread":' || c.unread
             || ',"opted_out":' || CASE consent_state(c.opted_out_at, c.opted_out_via)
                                       WHEN 'stopped' THEN 'true' ELSE 'false' END
             || ',"flagged":' || CASE consent_state(c.opted_out_at, c.opted_out_via)
                                     WHEN 'flagged' THEN 'true' ELSE 'false' END
             || ',"last_message":' || l.text || '}' AS text
      FROM conversations c
      CROSS JOIN LATERAL (SELECT message_text(m) AS text FROM messages m
                          WHERE m.account_id = scope() AND m.message_id = c.last_message_id OFFSET 0) l
      WHERE c.account_id = scope() AND c.last_message_id < (SELECT coalesce($1::text, '~'))
      ORDER BY c.last_message_id DESC LIMIT coalesce($2::bigint, 50) + 1) f

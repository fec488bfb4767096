-- Guests of the account, the latest first.
-- $1 the last id of the page before, or NULL, $2 limit, or NULL.
-- Returns status and body.
SELECT 200, page_text(array_agg(id), array_agg(text), coalesce($2::bigint, 50))
FROM (SELECT c.conversation_id AS id, guest_json(c.account_id, c.conversation_id)::text AS text
      FROM conversations c
      WHERE c.account_id = scope() AND c.conversation_id < coalesce($1::text, '~')
      ORDER BY c.conversation_id DESC LIMIT coalesce($2::bigint, 50) + 1) f

-- Messages of the account, newest first.
-- $1 the last id of the page before, or NULL, $2 limit, or NULL.
-- Returns status and body.
SELECT 200, page_text(array_agg(id), array_agg(text), coalesce($2::bigint, 50))
FROM (SELECT m.message_id AS id, message_text(m) AS text
      FROM messages m
      WHERE m.account_id = scope() AND m.message_id < (SELECT coalesce($1::text, '~'))
      ORDER BY m.message_id DESC LIMIT coalesce($2::bigint, 50) + 1) f

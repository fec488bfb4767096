-- What was done to the account, the latest first.
-- $1 the last ordinal of the page before, or NULL, $2 limit, or NULL.
-- Returns status and body.
SELECT 200, page_text(array_agg(ordinal::text), array_agg(text), coalesce($2::bigint, 50))
FROM (SELECT l.ordinal, json_build_object(
                 'ordinal', ordinal, 'at', rfc3339(at), 'actor', actor,
                 'who', coalesce(u.name, k.name), 'action', action, 'subject', subject,
                 'detail', detail, 'ip', ip, 'request_id', request_id,
                 'hash', encode(l.hash, 'hex'))::text AS text
      FROM audit_log l
      LEFT JOIN users u ON u.user_id = l.actor
      LEFT JOIN api_keys k ON k.account_id = l.account_id AND k.key_id = l.actor
      WHERE l.account_id = scope() AND ordinal < coalesce($1::bigint, 9223372036854775807)
      ORDER BY ordinal DESC LIMIT coalesce($2::bigint, 50) + 1) f

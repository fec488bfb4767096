-- Everything that is kept of a guest, for them.
-- $1 guest.
-- Returns status and body.
WITH one AS MATERIALIZED (
    SELECT * FROM conversations WHERE account_id = scope() AND conversation_id = $1::text
), told AS (
    SELECT audit('guest.exported', conversation_id, '{}') FROM one
), body AS (
    SELECT json_build_object(
        'guest', guest_json(c.account_id, c.conversation_id),
        'exported_at', rfc3339(now()),
        'opted_out_at', rfc3339(c.opted_out_at),
        'parties', (SELECT coalesce(json_agg(json_build_object(
                        'id', p.party_id, 'state', p.state, 'name', p.name, 'size', p.size,
                        'language', p.language, 'notes', p.notes, 'tags', to_json(p.tags),
                        'seat', p.seat, 'says', p.says, 'source', p.source,
                        'created_at', rfc3339(p.created_at), 'ended_at', rfc3339(p.ended_at))
                        ORDER BY p.party_id), '[]')
                    FROM parties p
                    WHERE p.account_id = scope() AND p.conversation_id = c.conversation_id),
        'bookings', (SELECT coalesce(json_agg(json_build_object(
                         'id', b.booking_id, 'state', b.state, 'name', b.name, 'size', b.size,
                         'language', b.language, 'notes', b.notes, 'tags', to_json(b.tags),
                         'says', b.says, 'source', b.source, 'starts_at', rfc3339(b.starts_at),
                         'created_at', rfc3339(b.created_at), 'ended_at', rfc3339(b.ended_at))
                         ORDER BY b.booking_id), '[]')
                     FROM bookings b
                     WHERE b.account_id = scope() AND b.conversation_id = c.conversation_id),
        'messages', (SELECT coalesce(json_agg(message_json(m) ORDER BY m.message_id), '[]')
                     FROM messages m
                     WHERE m.account_id = scope() AND m.conversation_id = c.conversation_id),
        'consent', (SELECT coalesce(json_agg(json_build_object(
                        'at', rfc3339(l.at), 'action', l.action, 'by', l.via, 'carrier', l.provider,
                        'number', l.number, 'words', l.word) ORDER BY l.at, l.event_id), '[]')
                    FROM consent_log l
                    WHERE l.account_id = scope() AND l.phone = c.phone)) AS body
    FROM one c
)
SELECT CASE WHEN EXISTS (SELECT FROM one) THEN 200 ELSE 404 END,
       CASE WHEN EXISTS (SELECT FROM one) THEN (SELECT body FROM body) ELSE nothing_here() END,
       (SELECT count(*) FROM told)

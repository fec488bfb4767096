-- One message with its timeline, told attempt by attempt.
-- $1 message id.
-- Returns status and body.
WITH one AS (
    SELECT m.*, shown_state(m) AS shown
    FROM messages m WHERE m.account_id = scope() AND m.message_id = $1::text
), timeline AS (
    SELECT created_at AS at, 0 AS place, 'accepted' AS what, NULL AS carrier, NULL AS attempt_id,
           NULL AS code, CASE direction WHEN 'out' THEN 'Accepted, to be sent.'
                                        ELSE 'The guest wrote this.' END AS text
    FROM one
    UNION ALL
    SELECT a.opened_at, a.ordinal * 100 + 1, 'attempt', a.provider, a.attempt_id, NULL,
           format('Offered to %s, from %s.', initcap(a.provider), a.number)
    FROM one JOIN attempts a USING (account_id, message_id) WHERE account_id = scope()
    UNION ALL
    SELECT a.answered_at, a.ordinal * 100 + 2, 'answer', a.provider, a.attempt_id, a.code,
           a.sentence
    FROM one JOIN attempts a USING (account_id, message_id) WHERE account_id = scope() AND a.answered_at IS NOT NULL
    UNION ALL
    SELECT a.looked_at, a.ordinal * 100 + 3, 'look', a.provider, a.attempt_id, NULL,
           CASE a.looks WHEN 1 THEN a.look_says
                ELSE format('%s (asked %s times)', a.look_says, a.looks) END
    FROM one JOIN attempts a USING (account_id, message_id) WHERE account_id = scope() AND a.looked_at IS NOT NULL
    UNION ALL
    SELECT r.received_at, a.ordinal * 100 + 4, 'callback', a.provider, a.attempt_id, r.code,
           r.sentence
    FROM one JOIN attempts a USING (account_id, message_id)
    JOIN receipts r USING (account_id, attempt_id) WHERE account_id = scope()
    UNION ALL
    SELECT ended_at, 10000, 'ended', NULL, NULL, code, reason
    FROM one WHERE reason IS NOT NULL
), told AS (
        SELECT json_build_object(
            'id', o.message_id, 'direction', o.direction, 'channel', o.channel, 'kind', o.kind,
            CASE o.direction WHEN 'out' THEN 'to' ELSE 'from' END, o.phone,
            'number', coalesce(o.number, (SELECT a.number FROM attempts a
                                          WHERE a.account_id = scope()
                                            AND a.message_id = o.message_id
                                          ORDER BY a.ordinal DESC LIMIT 1)),
            'body', o.body, 'encoding', o.encoding, 'segments', o.segments, 'media', o.media,
            'state', o.shown, 'code', o.code, 'reason', o.reason,
            'conversation_id', o.conversation_id,
            'created_at', rfc3339(o.created_at), 'send_at', rfc3339(o.send_at),
            'arrive_by', rfc3339(o.arrive_by), 'expires_at', rfc3339(o.expires_at),
            'again_of', o.again_of,
            'waiting', (SELECT json_build_object('until', rfc3339(q.due_at), 'why', coalesce(q.why,
                            CASE WHEN o.send_at > now() THEN 'It is to be sent at that time.'
                                 WHEN o.state = 'unknown' THEN 'The carrier is asked again then.'
                                 ELSE 'It is tried again then.' END))
                        FROM queue q
                        WHERE q.account_id = o.account_id AND q.conversation_id = o.conversation_id
                          AND q.message_id = o.message_id AND q.claimed_by IS NULL
                          AND q.due_at > now()),
            'ended_at', rfc3339(o.ended_at),
            'timeline', (SELECT json_agg(json_build_object(
                             'at', rfc3339(t.at), 'what', t.what, 'carrier', t.carrier,
                             'attempt_id', t.attempt_id, 'code', t.code, 'text', t.text)
                             ORDER BY t.place, t.at)
                         FROM timeline t))
        AS body
        FROM one o
)
SELECT CASE WHEN body IS NULL THEN 404 ELSE 200 END, coalesce(body, nothing_here())
FROM (SELECT (SELECT body FROM told) AS body) o

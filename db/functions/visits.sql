-- What the API shows of parties and bookings: together they are visits.

-- The last text that a visit's guest got without anybody writing it: on its way, there, or why not.
CREATE OR REPLACE FUNCTION last_text(account text, id text) RETURNS json LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    IF id IS NULL THEN -- as most of those who wait
        RETURN NULL;
    END IF;
    RETURN (SELECT json_build_object('id', m.message_id, 'kind', m.kind, 'state', m.state, 'code', m.code,
                                     'reason', m.reason, 'created_at', rfc3339(m.created_at),
                                     'send_at', rfc3339(m.send_at))
            FROM messages m WHERE m.account_id = account AND m.message_id = id);
END $$;

-- The guest behind a visit, as the board shows them: NULL when they gave no number.
CREATE OR REPLACE FUNCTION shown_guest(account text, id text) RETURNS json LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN (SELECT json_build_object('id', c.conversation_id, 'phone', c.phone, 'unread', c.unread,
                                     'consent', consent_state(c.opted_out_at, c.opted_out_via))
            FROM conversations c WHERE c.account_id = account AND c.conversation_id = id);
END $$;

CREATE OR REPLACE FUNCTION party_json(p parties) RETURNS json LANGUAGE sql STABLE PARALLEL SAFE
RETURN json_build_object(
    'id', p.party_id, 'state', p.state, 'version', p.version, 'name', p.name, 'size', p.size,
    'guest', shown_guest(p.account_id, p.conversation_id), 'language', p.language, 'notes', p.notes,
    'tags', to_json(p.tags), 'seat', p.seat, 'source', p.source, 'booking_id', p.booking_id,
    'quote_min', p.quote_min, 'quote_max', p.quote_max, 'quoted_at', rfc3339(p.quoted_at),
    'notices', p.notices, 'notified_at', rfc3339(p.notified_at), 'held_until', rfc3339(p.held_until),
    'answered_at', rfc3339(p.answered_at), 'says', p.says, 'texts', p.texts,
    'text', last_text(p.account_id, p.text_id),
    'created_at', rfc3339(p.created_at), 'joined_at', rfc3339(p.joined_at),
    'ended_at', rfc3339(p.ended_at), 'ended_by', p.ended_by);

CREATE OR REPLACE FUNCTION booking_json(b bookings) RETURNS json LANGUAGE sql STABLE PARALLEL SAFE
RETURN json_build_object(
    'id', b.booking_id, 'state', b.state, 'version', b.version, 'starts_at', rfc3339(b.starts_at),
    'name', b.name, 'size', b.size, 'guest', shown_guest(b.account_id, b.conversation_id),
    'language', b.language, 'notes', b.notes, 'tags', to_json(b.tags), 'source', b.source,
    'party_id', b.party_id, 'remind_at', rfc3339(b.remind_at), 'answered_at', rfc3339(b.answered_at),
    'says', b.says, 'texts', b.texts, 'text', last_text(b.account_id, b.text_id), 'created_at', rfc3339(b.created_at),
    'ended_at', rfc3339(b.ended_at), 'ended_by', b.ended_by);

-- What was done with a visit, and what was said about it, in its order.
CREATE OR REPLACE FUNCTION visit_history(account text, id text, guest text) RETURNS json
LANGUAGE sql STABLE PARALLEL SAFE
RETURN (SELECT coalesce(json_agg(json_build_object(
                   'at', rfc3339(h.at), 'who', coalesce(u.name, k.name, h.who), 'what', h.what,
                   'detail', h.detail, 'message', h.message) ORDER BY h.at, h.nth), '[]')
        FROM (SELECT l.at, l.who, l.what, l.detail, NULL::json AS message, l.ordinal AS nth
              FROM visit_log l WHERE l.account_id = account AND l.visit = id
              UNION ALL
              SELECT m.created_at, CASE m.direction WHEN 'in' THEN 'guest' ELSE 'maitred' END,
                     CASE WHEN m.channel = 'voice' THEN 'called' WHEN m.direction = 'in' THEN 'wrote'
                          ELSE 'texted' END, '{}', message_json(m), 0
              FROM messages m
              WHERE m.account_id = account AND m.conversation_id = guest AND m.visit = id) h
        LEFT JOIN users u ON u.user_id = h.who
        LEFT JOIN api_keys k ON k.account_id = account AND k.key_id = h.who);

-- What an event is about, as it is now; NULL when it is gone.
CREATE OR REPLACE FUNCTION event_data(e events) RETURNS json LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    IF e.type LIKE 'message.%' THEN
        RETURN (SELECT message_json(m) FROM messages m
                WHERE m.account_id = e.account_id AND m.message_id = e.subject);
    ELSIF e.type LIKE 'conversation.%' THEN
        RETURN (SELECT json_build_object('id', c.conversation_id, 'phone', c.phone, 'unread', c.unread,
                                         'consent', consent_state(c.opted_out_at, c.opted_out_via))
                FROM conversations c
                WHERE c.account_id = e.account_id AND c.conversation_id = e.subject);
    ELSIF e.type LIKE 'party.%' THEN
        RETURN (SELECT party_json(p) FROM parties p
                WHERE p.account_id = e.account_id AND p.party_id = e.subject);
    ELSIF e.type LIKE 'booking.%' THEN
        RETURN (SELECT booking_json(b) FROM bookings b
                WHERE b.account_id = e.account_id AND b.booking_id = e.subject);
    END IF;
    RETURN json_build_object('id', e.subject);
END $$;

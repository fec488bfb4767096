-- Puts what guests wrote into their threads, once each, at the account that owns the number.
-- $1 batch id, $2 now (ms), then arrays: provider, carrier_id, phone, number, body, media, message_id,
-- conversation_id, encoding, segments, received_ms, help (the guest asked for HELP, and we answer: 'any',
-- or 'toll_free': only on such a number; NULL), slot and digit (what the guest chose; NULL: none), word (one
-- like CANCEL, which opts out and may mean more; NULL). What they chose takes effect here.
-- Returns ordinal for each reply whose number is one of ours; then, where HELP is to be answered now, its
-- account and the answer: not to a guest who is opted out, nor twice in 10 minutes, nor late.
WITH input AS (
    SELECT * FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[],
                         $9::text[], $10::text[], $11::text[], $12::bigint[], $13::bigint[], $14::text[],
                         $15::bigint[], $16::bigint[], $17::text[])
        WITH ORDINALITY AS i (provider, carrier_id, phone, number, body, media, message_id,
                              conversation_id, encoding, segments, received_ms, help, slot, digit,
                              word, ordinal)
), ours AS (
    SELECT i.*, n.account_id, n.kind
    FROM input i JOIN numbers n ON n.provider = i.provider AND n.phone = i.number
), fresh AS (
    SELECT DISTINCT ON (o.account_id, o.provider, o.carrier_id) o.*
    FROM ours o
    WHERE NOT EXISTS (SELECT FROM messages m
                      WHERE m.account_id = o.account_id AND m.provider = o.provider
                        AND m.carrier_id = o.carrier_id AND m.direction = 'in')
      AND NOT EXISTS (SELECT FROM erased_texts e
                      WHERE e.account_id = o.account_id AND e.provider = o.provider
                        AND e.carrier_id = o.carrier_id)
    ORDER BY o.account_id, o.provider, o.carrier_id, o.ordinal
), threads AS (
    INSERT INTO conversations AS c (account_id, conversation_id, phone, last_message_id, unread)
    SELECT account_id, min(conversation_id), phone, max(message_id), count(*)
    FROM fresh GROUP BY account_id, phone ORDER BY account_id, phone
    ON CONFLICT (account_id, phone) DO UPDATE
        SET last_message_id = greatest(c.last_message_id, excluded.last_message_id),
            unread = c.unread + excluded.unread
    RETURNING account_id, phone, conversation_id
), stored AS (
    INSERT INTO messages (account_id, message_id, conversation_id, direction, kind, phone, number,
                          body, encoding, segments, media, state, rank, provider, carrier_id,
                          created_at, ended_at)
    SELECT f.account_id, f.message_id, t.conversation_id, 'in', 'reply', f.phone, f.number, f.body,
           f.encoding, f.segments, f.media, 'received', 5, f.provider, f.carrier_id,
           from_ms(f.received_ms), from_ms(f.received_ms)
    FROM fresh f JOIN threads t USING (account_id, phone)
    ON CONFLICT DO NOTHING
    RETURNING account_id, message_id, conversation_id
), heard AS ( -- one call, when all of them are stored
    SELECT replies_heard(jsonb_agg(jsonb_build_object(
               'account', s.account_id, 'guest', s.conversation_id, 'message', s.message_id,
               'slot', f.slot, 'digit', f.digit, 'word', f.word)))
    FROM stored s JOIN fresh f USING (account_id, message_id)
    HAVING count(*) > 0
)
SELECT o.ordinal, h.account_id, h.answer, (SELECT count(*) FROM heard)
FROM ours o LEFT JOIN LATERAL (
    SELECT a.account_id,
           coalesce(a.help, format('%s texts you about your table or booking. For help, call us or ask us '
                                   'in person. Msg frequency varies. Msg & data rates may apply. '
                                   'Reply STOP to opt out.', a.name)) AS answer
    FROM accounts a LEFT JOIN conversations c ON c.account_id = a.account_id AND c.phone = o.phone
    WHERE a.account_id = o.account_id AND (o.help = 'any' OR o.help = o.kind)
      AND from_ms(o.received_ms) > now() - interval '5 minutes'
      AND c.opted_out_at IS NULL
      AND (c.helped_at IS NULL OR c.helped_at < now() - interval '10 minutes')) h ON true
WHERE $1::text IS NOT NULL AND $2::bigint IS NOT NULL
ORDER BY o.ordinal

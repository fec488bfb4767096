-- Journals callbacks before their 200, and with them what guests said about being texted, so that no
-- text can follow an acknowledged STOP.
-- $1 batch id, $2 now (ms), then arrays: provider, target, content_type, body, and, where a guest used
-- a consent word: action, word, phone, number, event_id, conversation_id (for a guest we do not know).
WITH input AS (
    SELECT * FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
                         $9::text[], $10::text[], $11::text[], $12::text[])
        WITH ORDINALITY AS i (provider, target, content_type, body, action, word, phone, number,
                              event_id, conversation_id, ordinal)
), written AS (
    INSERT INTO callbacks (batch_at, batch_id, ordinal, provider, target, content_type, body)
    SELECT from_ms($2::bigint), $1::text, ordinal, provider, target, content_type, body
    FROM input
    ON CONFLICT DO NOTHING
), due AS (
    INSERT INTO pending (batch_at, batch_id) VALUES (from_ms($2::bigint), $1::text)
    ON CONFLICT DO NOTHING
), said AS (
    INSERT INTO consent_log (account_id, phone, event_id, action, word, provider, number)
    SELECT DISTINCT ON (n.account_id, i.phone, i.event_id)
           n.account_id, i.phone, i.event_id, i.action, i.word, i.provider, i.number
    FROM input i JOIN numbers n ON n.provider = i.provider AND n.phone = i.number
    WHERE i.action IS NOT NULL
    ORDER BY n.account_id, i.phone, i.event_id
    ON CONFLICT DO NOTHING
    RETURNING account_id, phone, event_id, action, provider
), latest AS (
    SELECT DISTINCT ON (s.account_id, s.phone)
           s.account_id, s.phone, s.action, s.provider, i.conversation_id
    FROM said s JOIN input i ON i.event_id = s.event_id AND i.phone = s.phone
    WHERE s.action IN ('stop', 'start')
    ORDER BY s.account_id, s.phone, i.ordinal DESC
), stopped AS (
    INSERT INTO conversations AS c (account_id, conversation_id, phone, opted_out_at, opted_out_via)
    SELECT account_id, conversation_id, phone, now(), provider FROM latest WHERE action = 'stop'
    ORDER BY account_id, phone
    ON CONFLICT (account_id, phone) DO UPDATE
        SET opted_out_at = coalesce(c.opted_out_at, excluded.opted_out_at),
            opted_out_via = coalesce(c.opted_out_via, excluded.opted_out_via)
), started AS (
    UPDATE conversations c SET opted_out_at = NULL, opted_out_via = NULL
    FROM latest l
    WHERE l.action = 'start' AND c.account_id = l.account_id AND c.phone = l.phone
)
SELECT 0

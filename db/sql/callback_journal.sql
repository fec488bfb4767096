-- Journals callbacks before their 200, and with them what guests said about being texted, so that no
-- text can follow an acknowledged STOP.
-- $1 batch id, $2 now (ms), then arrays: provider, target, content_type, body, and, where a guest said
-- something about it: action, word, phone, number, event_id, conversation_id (for a guest we do not
-- know), said_ms (when it came late, else NULL: now).
WITH input AS (
    SELECT * FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
                         $9::text[], $10::text[], $11::text[], $12::text[], $13::bigint[])
        WITH ORDINALITY AS i (provider, target, content_type, body, action, word, phone, number,
                              event_id, conversation_id, said_ms, ordinal)
), written AS (
    INSERT INTO callbacks (batch_at, batch_id, ordinal, provider, target, content_type, body)
    SELECT from_ms($2::bigint), $1::text, ordinal, provider, target, content_type, body
    FROM input
    ON CONFLICT DO NOTHING
), due AS (
    INSERT INTO pending (batch_at, batch_id) VALUES (from_ms($2::bigint), $1::text)
    ON CONFLICT DO NOTHING
), said AS (
    INSERT INTO consent_log (account_id, phone, event_id, action, word, provider, number, at)
    SELECT DISTINCT ON (n.account_id, i.phone, i.event_id)
           n.account_id, i.phone, i.event_id, i.action, i.word, i.provider, i.number,
           coalesce(from_ms(i.said_ms), now())
    FROM input i JOIN numbers n ON n.provider = i.provider AND n.phone = i.number
    WHERE i.action IS NOT NULL AND i.phone IS NOT NULL
      AND NOT EXISTS (SELECT FROM erased_texts e -- said before the guest was erased, and sent again
                      WHERE e.account_id = n.account_id AND e.provider = i.provider
                        AND e.carrier_id = i.event_id)
    ORDER BY n.account_id, i.phone, i.event_id
    ON CONFLICT DO NOTHING
    RETURNING account_id, phone, event_id, action, provider, at
), spoken AS ( -- what came late does not undo what was said after it. A START is taken for said when it
    -- came, and may have come late itself: in doubt, the guest is not texted
    SELECT s.account_id, s.phone, s.action, s.provider, i.conversation_id, i.ordinal,
           max(i.ordinal) FILTER (WHERE s.action = 'start') OVER guest AS started,
           max(s.at) FILTER (WHERE s.action = 'start') OVER guest AS started_at
    FROM said s JOIN input i ON i.event_id = s.event_id AND i.phone = s.phone
    WHERE s.action IN ('stop', 'start', 'flag')
      AND (i.said_ms IS NULL
           OR NOT EXISTS (SELECT FROM consent_log l
                          WHERE l.account_id = s.account_id AND l.phone = s.phone
                            AND l.at > s.at + CASE l.action WHEN 'start' THEN interval '10 minutes'
                                                            ELSE interval '0' END
                            AND (l.action = CASE s.action WHEN 'start' THEN 'stop' ELSE 'start' END
                                 OR (s.action = 'flag' AND l.action = 'clear'))))
    WINDOW guest AS (PARTITION BY s.account_id, s.phone)
), latest AS ( -- behind the last START, a STOP counts more than a doubt
    SELECT DISTINCT ON (account_id, phone) account_id, phone, action, provider, conversation_id,
           started IS NOT NULL AS afresh, started_at
    FROM spoken
    WHERE action = 'start' OR ordinal > coalesce(started, 0)
    ORDER BY account_id, phone, action = 'stop' DESC, action = 'flag' DESC, ordinal DESC
), stopped AS ( -- the guest's definite word takes the place of a doubt, and of what staff noted
    INSERT INTO conversations AS c (account_id, conversation_id, phone, opted_out_at, opted_out_via)
    SELECT account_id, conversation_id, phone, now(),
           CASE action WHEN 'stop' THEN provider ELSE 'flag' END
    FROM latest WHERE action IN ('stop', 'flag')
    ORDER BY account_id, phone
    ON CONFLICT (account_id, phone) DO UPDATE
        SET opted_out_at = coalesce(c.opted_out_at, excluded.opted_out_at),
            opted_out_via = CASE WHEN (SELECT afresh FROM latest l
                                       WHERE l.account_id = c.account_id AND l.phone = c.phone)
                                   OR (c.opted_out_via IN ('flag', 'staff')
                                       AND excluded.opted_out_via <> 'flag')
                                 THEN excluded.opted_out_via
                                 ELSE coalesce(c.opted_out_via, excluded.opted_out_via) END
), started AS (
    UPDATE conversations c SET opted_out_at = NULL, opted_out_via = NULL
    FROM latest l
    WHERE l.action = 'start' AND c.account_id = l.account_id AND c.phone = l.phone
), remembered AS ( -- of a guest who was erased; before what else they said makes a row for them
    DELETE FROM opt_outs o USING latest l
    WHERE l.started_at >= o.at AND o.account_id = l.account_id
      AND o.phone_hash = ANY (CASE WHEN EXISTS (SELECT FROM opt_outs n WHERE n.account_id = l.account_id)
                                   THEN phone_hashes(l.phone) END)
)
SELECT 0

-- Records what attempts came to, and what follows for their messages. A callback may have been
-- faster: then the attempt keeps what the callback said, and only the carrier's id is filled in.
-- $1 batch id, $2 now (ms), then arrays: account_id, message_id, attempt_id, state, carrier_id,
-- http_status, code, handling, sentence, message_state, message_rank, reason, next, delay_ms, opt_out,
-- looked (1: the carrier was asked for it; the sentence says what it said).
-- next: 'end' (nothing more to send), 'again' (due after delay_ms).
-- Returns ordinal, the attempt's state now, whether a younger text to that guest may have waited for it.
WITH input AS (
    SELECT * FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[],
                         $9::text[], $10::text[], $11::text[], $12::text[], $13::bigint[],
                         $14::text[], $15::text[], $16::bigint[], $17::bigint[],
                         $18::bigint[])
        WITH ORDINALITY AS i (account_id, message_id, attempt_id, state, carrier_id, http_status,
                              code, handling, sentence, message_state, message_rank, reason, next,
                              delay_ms, opt_out, looked, ordinal)
), threads AS MATERIALIZED ( -- before messages, as wherever both are locked
    SELECT c.account_id, c.conversation_id, c.phone
    FROM input i JOIN messages m ON m.account_id = i.account_id AND m.message_id = i.message_id
    JOIN conversations c ON c.account_id = m.account_id AND c.conversation_id = m.conversation_id
    WHERE i.opt_out = 1
    ORDER BY c.account_id, c.phone
    FOR UPDATE OF c
), locked AS MATERIALIZED (
    SELECT i.ordinal, m.account_id, m.message_id, m.conversation_id, m.kind,
           m.rank > 3 OR m.ended_at IS NOT NULL AS ended
    FROM messages m JOIN input i ON m.account_id = i.account_id AND m.message_id = i.message_id
    WHERE (SELECT count(*) FROM threads) IS NOT NULL
    ORDER BY m.account_id, m.message_id
    FOR UPDATE OF m
), answered AS (
    UPDATE attempts a
    SET state = CASE WHEN a.state IN ('intent', 'ambiguous') THEN i.state ELSE a.state END,
        carrier_id = coalesce(a.carrier_id, i.carrier_id),
        http_status = CASE i.looked WHEN 0 THEN i.http_status ELSE a.http_status END,
        code = coalesce(a.code, i.code),
        handling = i.handling,
        sentence = CASE i.looked WHEN 0 THEN i.sentence ELSE a.sentence END,
        answered_at = CASE i.looked WHEN 0 THEN now() ELSE a.answered_at END,
        looks = a.looks + i.looked,
        looked_at = CASE i.looked WHEN 1 THEN now() ELSE a.looked_at END,
        look_says = CASE i.looked WHEN 1 THEN i.sentence ELSE a.look_says END,
        ended_at = CASE WHEN a.state IN ('intent', 'ambiguous') AND i.state IN ('rejected', 'abandoned') THEN now()
                        ELSE a.ended_at END
    FROM input i JOIN locked l USING (ordinal)
    WHERE a.account_id = i.account_id AND a.attempt_id = i.attempt_id
    RETURNING i.*, l.conversation_id, l.kind, l.ended, a.provider, a.state AS state_now
), follows AS (
    SELECT * FROM answered WHERE state_now = state
), moved AS ( -- a message that a carrier had, and failed, may end as uncertain at the other one
    UPDATE messages m
    SET state = f.message_state, rank = greatest(m.rank, f.message_rank), code = f.code, reason = f.reason,
        ended_at = CASE WHEN f.message_rank > 3 OR f.message_state = 'uncertain' THEN now() END
    FROM follows f
    WHERE m.account_id = f.account_id AND m.message_id = f.message_id
      AND (m.rank < f.message_rank
           OR (f.message_state = 'uncertain' AND m.rank = 3 AND m.ended_at IS NULL))
), again AS ( -- one whose outcome is unknown holds no other back
    INSERT INTO queue (account_id, conversation_id, message_id, priority, due_at, turn_at, holds)
    SELECT account_id, conversation_id, message_id, priority_of(kind),
           now() + delay_ms * interval '1 millisecond',
           now() + delay_ms * interval '1 millisecond', state <> 'ambiguous'
    FROM follows WHERE next = 'again'
    ON CONFLICT (account_id, conversation_id, message_id) DO UPDATE
        SET due_at = excluded.due_at, turn_at = excluded.turn_at, holds = excluded.holds,
            claimed_by = NULL, why = NULL
), unqueued AS (
    -- a report may have ended the attempt and made the message due again: then it stays due
    DELETE FROM queue q USING answered f
    WHERE ((f.next = 'end' AND f.state_now = f.state) OR f.state_now = 'accepted'
           OR f.ended)
      AND q.account_id = f.account_id AND q.conversation_id = f.conversation_id
      AND q.message_id = f.message_id
), learnt AS ( -- the carrier knows of a STOP that we do not
    UPDATE conversations c
    SET opted_out_at = coalesce(c.opted_out_at, now()),
        opted_out_via = CASE WHEN c.opted_out_via IN ('flag', 'staff') THEN f.provider
                             ELSE coalesce(c.opted_out_via, f.provider) END
    FROM follows f
    WHERE f.opt_out = 1
      AND c.account_id = f.account_id AND c.conversation_id = f.conversation_id
), noted AS (
    INSERT INTO consent_log (account_id, phone, event_id, action, word, provider, via)
    SELECT f.account_id, t.phone, f.attempt_id, 'stop', coalesce(f.code, ''), f.provider, 'carrier'
    FROM follows f JOIN threads t USING (account_id, conversation_id)
    WHERE f.opt_out = 1
    ON CONFLICT DO NOTHING
)
SELECT ordinal, state_now,
       EXISTS (SELECT FROM queue q
               WHERE q.account_id = a.account_id AND q.conversation_id = a.conversation_id
                 AND q.message_id > a.message_id)::integer
FROM answered a
WHERE $1::text IS NOT NULL AND $2::bigint IS NOT NULL
ORDER BY ordinal

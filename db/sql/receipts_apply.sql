-- Applies carriers' status reports: each is kept once, attempts and messages only rise in rank.
-- The attempt is found by the id in the callback's URL, held against provider, carrier's id and the
-- guest's number; without one, by the carrier's id.
-- $1 batch id, $2 now (ms), then arrays: account_id, attempt_id, provider, carrier_id, event_id, phone,
-- status, status_rank, status_text, code, handling, sentence, occurred_ms, received_ms, attempt_state,
-- message_state, message_rank, again (1: it never left the carrier. The other one may send it, unless
-- this one had said before that it was sent), duration_s and answered_by (of a call; NULL: not said).
-- Returns ordinal and the attempt's state before, for each report that found its attempt.
WITH input AS (
    SELECT * FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
                         $9::text[], $10::bigint[], $11::text[], $12::text[], $13::text[],
                         $14::text[], $15::bigint[], $16::bigint[], $17::text[], $18::text[],
                         $19::bigint[], $20::bigint[], $21::bigint[], $22::text[])
        WITH ORDINALITY AS i (account_id, attempt_id, provider, carrier_id, event_id, phone, status,
                              status_rank, status_text, code, handling, sentence, occurred_ms,
                              received_ms, attempt_state, message_state, message_rank, again,
                              duration_s, answered_by, ordinal)
), found AS (
    SELECT i.ordinal, a.account_id, a.attempt_id, a.message_id, a.state AS was, a.moved_on
    FROM input i JOIN attempts a ON a.account_id = i.account_id AND a.attempt_id = i.attempt_id
    WHERE a.provider = i.provider AND (a.carrier_id IS NULL OR a.carrier_id = i.carrier_id)
    UNION ALL
    SELECT i.ordinal, a.account_id, a.attempt_id, a.message_id, a.state, a.moved_on
    FROM input i JOIN attempts a ON a.provider = i.provider AND a.carrier_id = i.carrier_id
    WHERE i.attempt_id IS NULL
), threads AS MATERIALIZED ( -- before messages, as wherever both are locked
    SELECT c.account_id, c.conversation_id, c.phone
    FROM input i JOIN found f USING (ordinal)
    JOIN messages m ON m.account_id = f.account_id AND m.message_id = f.message_id
    JOIN conversations c ON c.account_id = m.account_id AND c.conversation_id = m.conversation_id
    WHERE i.handling = 'opted-out'
    ORDER BY c.account_id, c.phone
    FOR UPDATE OF c
), locked AS MATERIALIZED (
    SELECT f.*, m.phone, m.conversation_id, m.kind, m.channel,
           m.rank > 3 OR m.ended_at IS NOT NULL AS ended
    FROM found f JOIN messages m ON m.account_id = f.account_id AND m.message_id = f.message_id
    WHERE (SELECT count(*) FROM threads) IS NOT NULL
    ORDER BY m.account_id, m.message_id
    FOR UPDATE OF m
), matched AS (
    SELECT l.account_id, l.attempt_id, l.message_id, l.conversation_id, l.kind, l.was, l.ended,
           i.ordinal, i.provider, i.carrier_id, i.event_id, i.status, i.status_rank, i.status_text, i.code,
           i.handling, i.sentence, i.occurred_ms, i.received_ms, i.attempt_state, i.message_state,
           i.message_rank, l.channel, i.duration_s, i.answered_by,
           l.was IN ('intent', 'ambiguous', 'accepted') AS was_live,
           l.was = 'finalised' AND NOT l.moved_on AS was_last,
           i.again = 1 AND NOT bool_or(i.status = 'sent') OVER (PARTITION BY l.attempt_id) AS again
    FROM locked l JOIN input i USING (ordinal)
    WHERE l.phone = i.phone
), kept AS (
    INSERT INTO receipts (account_id, attempt_id, event_id, status, status_text, code, sentence,
                          occurred_at, received_at)
    SELECT account_id, attempt_id, event_id, status, status_text, code, sentence,
           from_ms(occurred_ms), from_ms(received_ms)
    FROM matched ORDER BY account_id, attempt_id, event_id
    ON CONFLICT DO NOTHING
), talked AS (
    INSERT INTO calls AS c (account_id, message_id, duration_s, answered_by)
    SELECT account_id, message_id, max(duration_s), max(answered_by)
    FROM matched WHERE channel = 'voice'
    GROUP BY account_id, message_id ORDER BY account_id, message_id
    ON CONFLICT (account_id, message_id) DO UPDATE
        SET duration_s = coalesce(excluded.duration_s, c.duration_s),
            answered_by = coalesce(excluded.answered_by, c.answered_by)
), told AS ( -- who picked up and heard an apology alone was not told
    SELECT m.*, m.channel = 'voice' AND m.message_state = 'delivered' AND NOT EXISTS (
               SELECT FROM calls k WHERE k.account_id = m.account_id AND k.message_id = m.message_id
                                     AND k.last_step IS NOT NULL) AS untold
    FROM matched m
), best AS (
    SELECT DISTINCT ON (account_id, attempt_id) *
    FROM told ORDER BY account_id, attempt_id, status_rank DESC, ordinal
), raised AS (
    UPDATE attempts a
    SET status = b.status, status_rank = b.status_rank,
        carrier_id = coalesce(a.carrier_id, b.carrier_id),
        code = coalesce(b.code, a.code),
        handling = coalesce(b.handling, a.handling),
        state = CASE WHEN a.state IN ('intent', 'ambiguous') OR b.attempt_state = 'finalised'
                     THEN b.attempt_state
                     WHEN a.state = 'abandoned' AND NOT EXISTS ( -- it lives after all: to its end
                         SELECT FROM attempts o
                         WHERE o.account_id = a.account_id AND o.message_id = a.message_id
                           AND o.state IN ('intent', 'ambiguous', 'accepted'))
                     THEN b.attempt_state ELSE a.state END,
        moved_on = b.again AND b.was_live AND NOT b.ended AND a.status_rank < 2,
        ended_at = CASE WHEN b.attempt_state = 'finalised'
                        THEN from_ms(b.received_ms) ELSE a.ended_at END
    FROM best b
    WHERE a.account_id = b.account_id AND a.attempt_id = b.attempt_id
      AND a.status_rank < b.status_rank
    RETURNING a.account_id, a.message_id, a.attempt_id, a.moved_on, b.conversation_id, b.kind, b.code,
              CASE WHEN b.untold THEN 'Somebody picked up, but we could not say it.' ELSE b.sentence END AS sentence,
              b.received_ms, b.was_live OR b.was_last AS was_last,
              CASE WHEN a.moved_on THEN 'sent' WHEN b.untold THEN 'undelivered'
                   ELSE b.message_state END AS message_state,
              CASE WHEN a.moved_on THEN 3 WHEN b.untold THEN 4 ELSE b.message_rank END AS message_rank
), again AS (
    INSERT INTO queue (account_id, conversation_id, message_id, priority)
    SELECT account_id, conversation_id, message_id, priority_of(kind) FROM raised WHERE moved_on
    ON CONFLICT (account_id, conversation_id, message_id) DO UPDATE
        SET due_at = now(), turn_at = now(), claimed_by = NULL, why = NULL
    RETURNING account_id
), woken AS (
    SELECT pg_notify('maitred_queue', '') WHERE EXISTS (SELECT FROM again)
), barred AS ( -- the carrier knows of a STOP that we do not, unless a START came after the text
    SELECT DISTINCT ON (t.account_id, t.phone) t.*, b.attempt_id, b.provider, b.code
    FROM best b JOIN attempts a USING (account_id, attempt_id)
    JOIN threads t ON t.account_id = b.account_id AND t.conversation_id = b.conversation_id
    WHERE b.handling = 'opted-out'
      AND NOT EXISTS (SELECT FROM consent_log l
                      WHERE l.account_id = t.account_id AND l.phone = t.phone
                        AND l.action = 'start' AND l.at > a.opened_at)
    ORDER BY t.account_id, t.phone, b.attempt_id
), learnt AS (
    UPDATE conversations c
    SET opted_out_at = coalesce(c.opted_out_at, now()),
        opted_out_via = CASE WHEN c.opted_out_via IN ('flag', 'staff') THEN b.provider
                             ELSE coalesce(c.opted_out_via, b.provider) END
    FROM barred b
    WHERE c.account_id = b.account_id AND c.conversation_id = b.conversation_id
), noted AS (
    INSERT INTO consent_log (account_id, phone, event_id, action, word, provider, via)
    SELECT account_id, phone, attempt_id, 'stop', coalesce(code, ''), provider, 'carrier' FROM barred
    ON CONFLICT DO NOTHING
), best_of_message AS ( -- what ended badly after another attempt took over says nothing of the message
    SELECT DISTINCT ON (account_id, message_id) *
    FROM raised WHERE was_last OR message_rank <> 4
    ORDER BY account_id, message_id, message_rank DESC
), moved AS (
    UPDATE messages m
    SET state = b.message_state, rank = b.message_rank, code = b.code,
        reason = CASE WHEN b.message_rank = 4 THEN b.sentence END,
        ended_at = CASE WHEN b.message_rank > 3 THEN from_ms(b.received_ms) END
    FROM best_of_message b
    WHERE m.account_id = b.account_id AND m.message_id = b.message_id AND m.rank < b.message_rank
), unqueued AS ( -- another attempt that is under way is to come to its end first
    DELETE FROM queue q USING best_of_message b
    WHERE NOT b.moved_on AND q.account_id = b.account_id
      AND q.conversation_id = b.conversation_id AND q.message_id = b.message_id
      AND NOT EXISTS (SELECT FROM attempts o
                      WHERE o.account_id = b.account_id AND o.message_id = b.message_id
                        AND o.attempt_id <> b.attempt_id AND o.state IN ('intent', 'ambiguous'))
)
SELECT DISTINCT ordinal, was, (SELECT count(*) FROM woken) FROM matched
WHERE $1::text IS NOT NULL AND $2::bigint IS NOT NULL
ORDER BY ordinal

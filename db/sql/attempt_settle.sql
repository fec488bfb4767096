-- Records what attempts came to, and what follows for their messages. A callback may have been
-- faster: then the attempt keeps what the callback said, and only the carrier's id is filled in.
-- $1 batch id, $2 now (ms), then arrays: account_id, message_id, attempt_id, state, carrier_id,
-- http_status, code, handling, sentence, message_state, message_rank, reason, next, delay_ms, opt_out.
-- next: 'end' (nothing more to send), 'again' (due after delay_ms).
-- Returns ordinal, the attempt's state now.
WITH input AS (
    SELECT * FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[],
                         $9::text[], $10::text[], $11::text[], $12::text[], $13::bigint[],
                         $14::text[], $15::text[], $16::bigint[], $17::bigint[])
        WITH ORDINALITY AS i (account_id, message_id, attempt_id, state, carrier_id, http_status,
                              code, handling, sentence, message_state, message_rank, reason, next,
                              delay_ms, opt_out, ordinal)
), locked AS MATERIALIZED (
    SELECT i.ordinal, m.account_id, m.message_id, m.phone
    FROM messages m JOIN input i ON m.account_id = i.account_id AND m.message_id = i.message_id
    ORDER BY m.account_id, m.message_id
    FOR UPDATE OF m
), answered AS (
    UPDATE attempts a
    SET state = CASE WHEN a.state IN ('intent', 'ambiguous') THEN i.state ELSE a.state END,
        carrier_id = coalesce(a.carrier_id, i.carrier_id),
        http_status = i.http_status,
        code = coalesce(a.code, i.code),
        handling = i.handling,
        sentence = i.sentence,
        answered_at = now(),
        ended_at = CASE WHEN a.state IN ('intent', 'ambiguous') AND i.state = 'rejected' THEN now()
                        ELSE a.ended_at END
    FROM input i JOIN locked l USING (ordinal)
    WHERE a.account_id = i.account_id AND a.attempt_id = i.attempt_id
    RETURNING i.*, l.phone, a.provider, a.state AS state_now
), follows AS (
    SELECT * FROM answered WHERE state_now = state
), moved AS (
    UPDATE messages m
    SET state = f.message_state, rank = f.message_rank, code = f.code, reason = f.reason,
        ended_at = CASE WHEN f.message_rank > 3 THEN now() END
    FROM follows f
    WHERE m.account_id = f.account_id AND m.message_id = f.message_id AND m.rank < f.message_rank
), again AS (
    INSERT INTO queue (account_id, message_id, due_at)
    SELECT account_id, message_id, now() + delay_ms * interval '1 millisecond'
    FROM follows WHERE next = 'again'
    ON CONFLICT (account_id, message_id) DO UPDATE
        SET due_at = excluded.due_at, claimed_by = NULL
), unqueued AS (
    DELETE FROM queue q USING answered f
    WHERE (f.next = 'end' OR f.state_now <> f.state)
      AND q.account_id = f.account_id AND q.message_id = f.message_id
), learnt AS (
    INSERT INTO opt_outs (account_id, phone, provider)
    SELECT DISTINCT ON (account_id, phone) account_id, phone, provider
    FROM follows WHERE opt_out = 1
    ON CONFLICT DO NOTHING
)
SELECT ordinal, state_now FROM answered
WHERE $1::text IS NOT NULL AND $2::bigint IS NOT NULL
ORDER BY ordinal

-- Ends messages of which eight claims in a row, the last six of them alone, ran out with their process gone
-- (queue_claim.sql): handling them ends whoever does it. What may have gone out is not said to be unsent.
-- $1 how many at most.
-- Returns one row: how many, and which.
WITH parked AS MATERIALIZED (
    SELECT q.account_id, q.conversation_id, q.message_id, l.attempt_id,
           CASE WHEN m.ended_at IS NOT NULL OR m.rank > 3 THEN 'ended'
                WHEN l.state = 'accepted' THEN 'sent'
                WHEN l.state IS NOT NULL THEN 'uncertain'
                WHEN m.cancel_reason IS NOT NULL THEN 'cancelled'
                ELSE 'failed' END AS so
    FROM queue q
    JOIN messages m ON m.account_id = q.account_id AND m.message_id = q.message_id
    LEFT JOIN attempts l ON l.account_id = m.account_id AND l.message_id = m.message_id
                        AND l.state IN ('intent', 'ambiguous', 'accepted')
    WHERE q.lapses > 6 AND q.claimed_by IS NOT NULL AND q.due_at <= now()
    ORDER BY q.turn_at LIMIT $1::bigint
    FOR UPDATE OF q, m SKIP LOCKED
), told AS (
    UPDATE attempts a
    SET state = CASE a.state WHEN 'accepted' THEN 'finalised' ELSE 'ambiguous' END,
        sentence = coalesce(a.sentence, 'The gateway stopped while it was being sent.'),
        ended_at = CASE a.state WHEN 'accepted' THEN now() ELSE a.ended_at END
    FROM parked p
    WHERE a.account_id = p.account_id AND a.attempt_id = p.attempt_id
      AND a.state IN ('intent', 'ambiguous', 'accepted')
), moved AS (
    UPDATE messages m
    SET state = p.so,
        rank = CASE WHEN p.so IN ('failed', 'cancelled') THEN 4 WHEN p.so = 'sent' THEN 3 ELSE greatest(m.rank, 2) END,
        code = CASE p.so WHEN 'failed' THEN 'parked' WHEN 'cancelled' THEN 'cancelled' ELSE m.code END,
        reason = CASE p.so
            WHEN 'sent' THEN 'It was sent; whether it arrived was never reported.'
            WHEN 'uncertain' THEN 'It may have been sent: asking for it stopped our software several times. '
                                  || 'Send it again if the guest does not come.'
            WHEN 'cancelled' THEN m.cancel_reason
            ELSE 'Sending it stopped our software several times; it was not tried again.' END,
        ended_at = now()
    FROM parked p
    WHERE p.so <> 'ended' AND m.account_id = p.account_id AND m.message_id = p.message_id
), unqueued AS (
    DELETE FROM queue q USING parked p
    WHERE q.account_id = p.account_id AND q.conversation_id = p.conversation_id
      AND q.message_id = p.message_id
)
SELECT count(*), string_agg(message_id, ' ') FROM parked

-- History was lost, as when an asynchronous standby took over: attempts may have been made that nobody
-- remembers. Each message that is still to be sent, and of which no attempt is live, gets one that stands
-- for them at its account's first number: the carrier is asked for it until it can have no such text any
-- more, and then the others, before anything is sent.
-- $1 the epoch that was seen last, $2 for how long a text may still leave a carrier (ms), $3 the carriers
-- we have, joined by commas, $4 who, $5 event id.
-- Returns how many messages are in doubt; no row when another worker has seen to it.
WITH fallen AS (
    UPDATE epoch SET n = $1::bigint + 1, lost_at = now()
    WHERE n < $1::bigint
    RETURNING n
), doubtful AS (
    SELECT q.account_id, q.conversation_id, q.message_id, m.created_at, n.provider, n.phone,
           (SELECT coalesce(max(a.ordinal), 0) FROM attempts a
            WHERE a.account_id = q.account_id AND a.message_id = q.message_id) AS nth
    FROM fallen CROSS JOIN queue q JOIN messages m USING (account_id, message_id)
    CROSS JOIN LATERAL (
        SELECT n.provider, n.phone FROM numbers n
        WHERE n.account_id = q.account_id AND n.provider = ANY (string_to_array($3::text, ','))
        ORDER BY array_position(string_to_array($3::text, ','), n.provider), n.number_id
        LIMIT 1) n
    WHERE NOT EXISTS (SELECT FROM attempts a
                      WHERE a.account_id = q.account_id AND a.message_id = q.message_id
                        AND a.state IN ('intent', 'ambiguous', 'accepted'))
), doubted AS (
    INSERT INTO attempts (account_id, attempt_id, message_id, ordinal, provider, number, state,
                          sentence, answered_at, opened_at, dead_at, doubt)
    SELECT account_id, replace(message_id, 'msg_', 'att_'), message_id, nth + 1, provider, phone,
           'ambiguous', 'The database lost its last moments: it may have been sent in them.', now(),
           created_at, now() + $2::bigint * interval '1 millisecond', true
    FROM doubtful
    ON CONFLICT DO NOTHING
    RETURNING account_id, message_id
), moved AS (
    UPDATE messages m
    SET state = 'unknown', rank = 1,
        reason = 'It may have been sent before the database lost its last moments; the carriers are asked.'
    FROM doubted d
    WHERE m.account_id = d.account_id AND m.message_id = d.message_id AND m.rank < 1
), freed AS (
    UPDATE queue q SET due_at = now(), turn_at = now(), claimed_by = NULL, holds = false
    FROM doubtful d
    WHERE q.account_id = d.account_id AND q.conversation_id = d.conversation_id
      AND q.message_id = d.message_id
), kept AS (
    INSERT INTO carrier_events (provider, event_id, operation, what, who, reason)
    SELECT 'database', $5::text, 'send', 'lost', $4::text,
           'The epoch fell: what was committed last is gone.' FROM fallen
    ON CONFLICT DO NOTHING
)
SELECT (SELECT count(*) FROM doubted) FROM fallen

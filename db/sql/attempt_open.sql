-- Opens attempts: commits each one's row before a byte leaves. A message that may not be sent any
-- more ends here, with its reason.
-- $1 batch id, $2 now (ms), then arrays: account_id, message_id, attempt_id, ordinal, provider, number,
-- dead_after_ms; provider and number are NULL when there is none to send through.
-- Returns ordinal, verdict: opened, opted_out, expired, exhausted (each carrier has refused), no_carrier
-- (there is none), live (another attempt is), ended.
WITH input AS (
    SELECT * FROM unnest($3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[], $8::text[],
                         $9::bigint[])
        WITH ORDINALITY AS i (account_id, message_id, attempt_id, nth, provider, number,
                              dead_after_ms, ordinal)
), locked AS MATERIALIZED (
    SELECT i.ordinal, m.rank, m.expires_at, c.opted_out_at
    FROM input i
    JOIN messages m ON m.account_id = i.account_id AND m.message_id = i.message_id
    JOIN conversations c ON c.account_id = m.account_id AND c.conversation_id = m.conversation_id
    ORDER BY m.account_id, m.phone, m.message_id
    FOR UPDATE OF m FOR SHARE OF c -- the version of the row that is locked is the one that is read
), judged AS (
    SELECT i.*,
           CASE WHEN m.rank IS NULL OR m.rank > 3 THEN 'ended'
                WHEN EXISTS (SELECT FROM attempts a -- a carrier has said that it has it after all
                             WHERE a.account_id = i.account_id AND a.message_id = i.message_id
                               AND a.status_rank >= 0 AND a.status <> 'failed'
                               AND a.state NOT IN ('intent', 'ambiguous', 'accepted'))
                     THEN 'ended'
                WHEN EXISTS (SELECT FROM attempts a
                             WHERE a.account_id = i.account_id AND a.message_id = i.message_id
                               AND a.state IN ('intent', 'ambiguous', 'accepted')
                               AND a.attempt_id <> i.attempt_id) THEN 'live'
                WHEN m.opted_out_at IS NOT NULL THEN 'opted_out'
                WHEN m.expires_at <= now() THEN 'expired'
                WHEN i.provider IS NULL AND i.nth > 1 THEN 'exhausted'
                WHEN i.provider IS NULL THEN 'no_carrier'
                ELSE 'opened' END AS verdict
    FROM input i LEFT JOIN locked m USING (ordinal)
), opened AS (
    INSERT INTO attempts (account_id, attempt_id, message_id, ordinal, provider, number, state, dead_at)
    SELECT account_id, attempt_id, message_id, nth, provider, number, 'intent',
           now() + dead_after_ms * interval '1 millisecond'
    FROM judged WHERE verdict = 'opened'
    ON CONFLICT DO NOTHING
    RETURNING attempt_id
), moved AS (
    UPDATE messages m
    SET state = CASE j.verdict WHEN 'expired' THEN 'expired' WHEN 'exhausted' THEN 'failed'
                               ELSE 'stopped' END,
        rank = 4,
        code = j.verdict,
        reason = CASE j.verdict
            WHEN 'expired' THEN 'It could not be sent before it expired.'
            WHEN 'exhausted' THEN 'No carrier could send it. Call the guest instead.'
            ELSE 'The guest asked not to be texted, so it was not sent.' END,
        ended_at = now()
    FROM judged j
    WHERE j.verdict IN ('expired', 'exhausted', 'opted_out')
      AND m.account_id = j.account_id AND m.message_id = j.message_id
), unqueued AS (
    DELETE FROM queue q USING judged j
    WHERE j.verdict IN ('expired', 'exhausted', 'opted_out', 'ended')
      AND q.account_id = j.account_id AND q.message_id = j.message_id
)
SELECT j.ordinal,
       CASE WHEN j.verdict = 'opened' AND o.attempt_id IS NULL
             AND NOT EXISTS (SELECT FROM attempts a -- our own, when this is run a second time
                             WHERE a.account_id = j.account_id AND a.attempt_id = j.attempt_id)
            THEN 'live' ELSE j.verdict END
FROM judged j LEFT JOIN opened o USING (attempt_id)
WHERE $1::text IS NOT NULL AND $2::bigint IS NOT NULL
ORDER BY j.ordinal

-- Opens attempts: commits each one's row before a byte leaves. Only the claim that holds the queue row
-- may do it. A message that may not be sent any more ends here, with its reason; one whose number or
-- carrier is at its pace, that no carrier takes just now, or that keeps quiet hours, is due again later.
-- $1 batch id, $2 now (ms), then arrays: account_id, message_id, conversation_id, attempt_id, ordinal,
-- claim, provider, number, dead_after_ms, number_pace and carrier_pace (segments per 1000 s, 0: none),
-- wait_ms, zones (of the guest's area code, or NULL); provider and number are NULL when there is none to
-- send through: then, unless wait_ms says when to look again, for good.
-- After history was lost (quarantine.sql) each carrier is asked first: then the row stands for an attempt
-- that may have been made, and is due at once. After a restore that goes for whatever is made within an
-- hour as well, since what is due then may have been done before; and nothing is opened until each carrier
-- has told what guests wrote meanwhile (heard_claim.sql), or an operator lets it go.
-- Returns ordinal, verdict: opened, doubt (one that may have been made), lost (another has claimed it), live (another attempt is), later,
-- ended, cancelled, opted_out, expired, exhausted (each carrier has refused), no_carrier (there is none).
WITH input AS (
    SELECT * FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::text[],
                         $9::text[], $10::text[], $11::bigint[], $12::bigint[], $13::bigint[],
                         $14::bigint[], $15::text[])
        WITH ORDINALITY AS i (account_id, message_id, conversation_id, attempt_id, nth, claim, provider,
                              number, dead_after_ms, number_pace, carrier_pace, wait_ms, zones, ordinal)
), forgotten AS MATERIALIZED ( -- one row, as the planner knows: of NULLs, unless there was a restore
    SELECT max(lost_from) AS lost_from, max(restored_at) AS restored_at,
           bool_or(trusted_at IS NULL AND EXISTS (SELECT FROM heard h WHERE h.until < restored_at)) AS deaf
    FROM epoch WHERE restored_at IS NOT NULL
), threads AS MATERIALIZED (
    SELECT i.ordinal, c.opted_out_at, c.opted_out_via
    FROM input i JOIN conversations c
      ON c.account_id = i.account_id AND c.conversation_id = i.conversation_id
    ORDER BY c.account_id, c.phone
    FOR SHARE OF c -- the version of the row that is locked is the one that is read
), locked AS MATERIALIZED (
    SELECT i.ordinal, m.rank > 3 OR m.ended_at IS NOT NULL AS ended, m.expires_at, m.cancel_reason,
           m.kind, m.channel, m.created_at, m.segments, t.opted_out_at, t.opted_out_via, q.claimed_by, q.priority
    FROM threads t JOIN input i USING (ordinal)
    JOIN messages m ON m.account_id = i.account_id AND m.message_id = i.message_id
                   AND m.conversation_id = i.conversation_id -- so that the whole key of the queue comes from one row
    JOIN queue q ON q.account_id = i.account_id AND q.conversation_id = i.conversation_id
                AND q.message_id = i.message_id
    ORDER BY m.account_id, m.message_id
    FOR UPDATE OF m, q
), quiet AS MATERIALIZED (
    SELECT m.ordinal, quiet_until(now(), concat_ws(' ', a.zone, i.zones), a.quiet_from,
                                  a.quiet_until) AS until
    FROM locked m JOIN input i USING (ordinal) JOIN accounts a ON a.account_id = i.account_id
    WHERE keeps_quiet(m.kind)
), judged AS MATERIALIZED (
    SELECT i.*, q.until AS quiet_until, f.lost_from, f.restored_at, f.deaf, d.provider AS asked, d.phone AS asked_for, m.channel, m.segments, m.priority, m.expires_at, m.cancel_reason, m.created_at, m.opted_out_via,
           CASE WHEN m.ordinal IS NULL THEN 'ended'
                WHEN m.claimed_by IS DISTINCT FROM i.claim THEN 'lost'
                WHEN m.ended THEN 'ended'
                WHEN EXISTS (SELECT FROM attempts a -- a carrier has said that it has it after all
                             WHERE a.account_id = i.account_id AND a.message_id = i.message_id
                               AND a.status_rank >= 0 AND a.status <> 'failed'
                               AND a.state NOT IN ('intent', 'ambiguous', 'accepted'))
                     THEN 'ended'
                WHEN EXISTS (SELECT FROM attempts a
                             WHERE a.account_id = i.account_id AND a.message_id = i.message_id
                               AND a.state IN ('intent', 'ambiguous', 'accepted')
                               AND a.attempt_id <> i.attempt_id) THEN 'live'
                WHEN m.cancel_reason IS NOT NULL THEN 'cancelled'
                WHEN m.opted_out_at IS NOT NULL THEN 'opted_out'
                WHEN m.expires_at <= now() THEN 'expired'
                WHEN (SELECT a.state FROM attempts a -- our own, when this is run a second time
                      WHERE a.account_id = i.account_id AND a.attempt_id = i.attempt_id) = 'intent'
                     THEN 'again'
                WHEN q.until IS NOT NULL THEN 'later'
                WHEN i.provider IS NULL AND i.wait_ms > 0 THEN 'later'
                WHEN i.provider IS NULL AND i.nth > 1 THEN 'exhausted'
                WHEN i.provider IS NULL THEN 'no_carrier'
                WHEN f.deaf THEN 'later'
                WHEN d.provider IS NOT NULL THEN 'doubt'
                ELSE 'open' END AS verdict
    FROM input i LEFT JOIN locked m USING (ordinal) LEFT JOIN quiet q USING (ordinal)
    CROSS JOIN forgotten f
    LEFT JOIN LATERAL ( -- a carrier that has not been asked for what may have been sent and forgotten
        SELECT n.provider, n.phone FROM numbers n JOIN carriers k ON k.provider = n.provider
        WHERE (m.created_at < f.restored_at + interval '1 hour'
               OR EXISTS (SELECT FROM attempts a
                          WHERE a.account_id = i.account_id AND a.message_id = i.message_id AND a.doubt))
          AND n.account_id = i.account_id AND (n.calls OR m.channel = 'sms')
          AND NOT EXISTS (SELECT FROM attempts a
                          WHERE a.account_id = i.account_id AND a.message_id = i.message_id
                            AND a.doubt AND a.provider = n.provider)
        ORDER BY n.number_id LIMIT 1) d ON true
), passing AS ( -- each through the gate of its number and that of its carrier, if they have a pace
    SELECT j.ordinal, g.gate, j.segments, g.pace,
           sum(j.segments) OVER (PARTITION BY g.gate ORDER BY j.priority, j.ordinal) - j.segments AS before
    FROM judged j CROSS JOIN LATERAL
        (VALUES (j.provider || ' ' || j.number, j.number_pace), 
                (CASE j.channel WHEN 'voice' THEN j.provider || ' voice' ELSE j.provider END, j.carrier_pace)) g (gate, pace)
    WHERE j.verdict = 'open' AND g.pace > 0
), gates AS MATERIALIZED (
    SELECT p.gate, p.free_at FROM paces p WHERE p.gate IN (SELECT gate FROM passing)
    ORDER BY p.gate FOR UPDATE OF p
), waits AS ( -- a second's worth may go at once: the queue is looked at once a second
    SELECT p.ordinal,
           max(greatest(g.free_at, now()) + p.before * 1000.0 / p.pace * interval '1 second'
               - now() - interval '1 second') AS wait
    FROM passing p LEFT JOIN gates g USING (gate)
    GROUP BY p.ordinal
), decided AS MATERIALIZED (
    SELECT j.*, w.wait,
           CASE WHEN j.verdict = 'open' AND w.wait > interval '0' THEN 'later'
                WHEN j.verdict IN ('open', 'again') THEN 'opened' ELSE j.verdict END AS so
    FROM judged j LEFT JOIN waits w USING (ordinal)
), opened AS (
    INSERT INTO attempts (account_id, attempt_id, message_id, ordinal, provider, number, state, opened_at,
                          dead_at, doubt)
    SELECT account_id, attempt_id, message_id, nth,
           CASE so WHEN 'doubt' THEN asked ELSE provider END,
           CASE so WHEN 'doubt' THEN asked_for ELSE number END,
           CASE so WHEN 'doubt' THEN 'ambiguous' ELSE 'intent' END,
           CASE so WHEN 'doubt' THEN least(created_at, lost_from) ELSE now() END,
           CASE so WHEN 'doubt' THEN greatest(now(), restored_at + dead_after_ms * interval '1 millisecond')
                   ELSE now() + dead_after_ms * interval '1 millisecond' END,
           so = 'doubt'
    FROM decided WHERE so IN ('opened', 'doubt') AND verdict <> 'again'
    ON CONFLICT DO NOTHING
    RETURNING attempt_id
), taken AS (
    INSERT INTO paces AS p (gate, free_at)
    SELECT e.gate, now() + sum(e.segments) * 1000.0 / e.pace * interval '1 second'
    FROM passing e JOIN decided d USING (ordinal)
    WHERE d.attempt_id IN (SELECT attempt_id FROM opened)
    GROUP BY e.gate, e.pace ORDER BY e.gate
    ON CONFLICT (gate) DO UPDATE
        SET free_at = greatest(p.free_at, now()) + (excluded.free_at - now())
), never_written AS (
    UPDATE attempts a
    SET state = 'rejected', sentence = 'It was never written.', answered_at = now(), ended_at = now()
    FROM decided d
    WHERE d.so IN ('cancelled', 'opted_out', 'expired')
      AND a.account_id = d.account_id AND a.message_id = d.message_id
      AND a.attempt_id = d.attempt_id AND a.state = 'intent'
), lives AS ( -- what a carrier has after all, when the one tried since is over: to its end
    UPDATE attempts a SET state = 'accepted'
    FROM (SELECT DISTINCT ON (d.ordinal) b.account_id, b.attempt_id
          FROM decided d
          JOIN messages m ON m.account_id = d.account_id AND m.message_id = d.message_id
          JOIN attempts b ON b.account_id = d.account_id AND b.message_id = d.message_id
          WHERE d.so = 'ended' AND m.ended_at IS NULL
            AND b.state = 'abandoned' AND b.status_rank >= 0 AND b.status <> 'failed'
            AND NOT EXISTS (SELECT FROM attempts o
                            WHERE o.account_id = d.account_id AND o.message_id = d.message_id
                              AND o.state IN ('intent', 'ambiguous', 'accepted'))
          ORDER BY d.ordinal, b.status_rank DESC, b.ordinal) l
    WHERE a.account_id = l.account_id AND a.attempt_id = l.attempt_id
), moved AS (
    UPDATE messages m
    SET state = CASE d.so WHEN 'expired' THEN 'expired' WHEN 'exhausted' THEN 'failed'
                          WHEN 'cancelled' THEN 'cancelled' ELSE 'stopped' END,
        rank = 4,
        code = d.so,
        reason = CASE d.so
            WHEN 'expired' THEN 'It could not be sent before it expired.'
            WHEN 'exhausted' THEN 'No carrier could send it. Call the guest instead.'
            WHEN 'cancelled' THEN d.cancel_reason
            ELSE CASE d.opted_out_via WHEN 'flag'
                 THEN 'The guest may have asked not to be texted, so it was not sent. Look at the '
                      || 'thread, then clear the flag or confirm it.'
                 ELSE 'The guest asked not to be texted, so it was not sent.' END END,
        ended_at = now()
    FROM decided d
    WHERE d.so IN ('expired', 'exhausted', 'cancelled', 'opted_out')
      AND m.account_id = d.account_id AND m.message_id = d.message_id
), put_back AS (
    UPDATE queue q
    SET claimed_by = NULL, due_at = l.due_at, turn_at = l.due_at, why = l.why
    FROM (SELECT d.*, least(d.expires_at, coalesce(d.quiet_until, now() + CASE WHEN d.deaf THEN interval '3 seconds'
                     ELSE least(interval '1 minute',
                                coalesce(d.wait, d.wait_ms * interval '1 millisecond')) END)) AS due_at,
                 CASE WHEN d.quiet_until IS NOT NULL THEN 'It goes out when the quiet hours are over.'
                      WHEN d.deaf THEN 'The database was restored: carriers are asked what guests wrote meanwhile.'
                      WHEN d.wait IS NULL THEN 'No carrier takes texts at the moment.'
                      ELSE 'Its number sends at a limited pace.' END AS why
          FROM decided d WHERE d.so IN ('later', 'doubt')) l
    WHERE q.account_id = l.account_id AND q.conversation_id = l.conversation_id
      AND q.message_id = l.message_id
), unqueued AS (
    DELETE FROM queue q USING decided d
    WHERE d.so IN ('expired', 'exhausted', 'cancelled', 'opted_out', 'ended')
      AND q.account_id = d.account_id AND q.conversation_id = d.conversation_id
      AND q.message_id = d.message_id
)
SELECT d.ordinal,
       CASE WHEN d.verdict = 'open' AND d.so = 'opened'
             AND d.attempt_id NOT IN (SELECT attempt_id FROM opened)
            THEN 'live' ELSE d.so END
FROM decided d
WHERE $1::text IS NOT NULL AND $2::bigint IS NOT NULL
ORDER BY d.ordinal

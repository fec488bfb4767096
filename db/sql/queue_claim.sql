-- Claims due messages: each becomes due again when the lease is over. A guest's younger text waits
-- while an older one holds: it is due or claimed, and its outcome is not known yet.
-- A claim that ran out, and whose process is not the one that asks now, may have ended that process. Twice
-- may be bad luck, of whatever else it did; from then on a message is claimed alone, and while no other such
-- one is under way anywhere, so that the innocent are found to be so, and those of fewer lapses first. After
-- six more queue_park.sql ends it: bad luck hardly ever comes to so many, even where carriers hang and
-- processes are killed all the time.
-- $1 the claim: who, and a number of theirs; $2 how many, $3 lease (ms).
-- Returns what choosing and sending need; numbers as "provider phone kind pace,..." (pace in segments
-- per 1000 s, or -), earlier attempts as "provider state handling,..." in their order; then the attempt
-- that is live, if one is: its id, state, provider, number, when it was opened and is dead (Unix ms),
-- how often it was looked for, the carrier's ids of other texts to that guest since, its own, and whether
-- it is only a doubt; the channel; last the time now (Unix ms).
WITH suspect AS MATERIALIZED (
    SELECT d.account_id, d.conversation_id, d.message_id, d.priority, d.turn_at FROM queue d
    WHERE d.lapses > 0 AND d.lapses < 7 AND d.claimed_by IS NOT NULL AND d.due_at <= now()
      AND NOT EXISTS (
          SELECT FROM queue e
          WHERE e.lapses > 1 AND e.claimed_by IS NOT NULL AND e.due_at > now())
    ORDER BY d.lapses, d.turn_at LIMIT 1
    FOR UPDATE SKIP LOCKED
), due AS MATERIALIZED (
    SELECT account_id, conversation_id, message_id FROM suspect
    UNION ALL
    (SELECT q.account_id, q.conversation_id, q.message_id
    FROM (VALUES (0::smallint), (1::smallint)) AS p (priority)
    CROSS JOIN LATERAL (
        SELECT d.account_id, d.conversation_id, d.message_id, d.turn_at FROM queue d
        WHERE d.priority = p.priority AND d.due_at <= now()
          AND (d.lapses = 0 OR d.claimed_by IS NULL)
          AND d.turn_at <= now() + interval '1 minute' -- turns are given out no further ahead
          AND NOT EXISTS (
              SELECT FROM queue e
              WHERE e.account_id = d.account_id AND e.conversation_id = d.conversation_id
                AND e.message_id < d.message_id AND e.holds
                AND (e.due_at <= now() OR e.claimed_by IS NOT NULL))
        ORDER BY d.turn_at LIMIT $2::bigint
        FOR UPDATE SKIP LOCKED) q
    WHERE NOT EXISTS (SELECT FROM suspect)
    ORDER BY p.priority, q.turn_at LIMIT $2::bigint)
), claimed AS (
    UPDATE queue q
    SET due_at = now() + $3::bigint * interval '1 millisecond', claimed_by = $1::text,
        lapses = CASE WHEN q.claimed_by IS NULL THEN 0
                      WHEN starts_with(q.claimed_by, rtrim($1::text, '0123456789')) THEN q.lapses
                      ELSE q.lapses + 1 END
    FROM due
    WHERE q.account_id = due.account_id AND q.conversation_id = due.conversation_id
      AND q.message_id = due.message_id
    RETURNING q.account_id, q.message_id, q.priority, q.turn_at
)
SELECT m.account_id, m.message_id, m.conversation_id, m.phone, m.body, m.number,
       CASE WHEN m.cancel_reason IS NULL -- else it is not sent again in order to be there in time
            THEN (extract(epoch FROM m.arrive_by) * 1000)::bigint END, a.carrier,
       (SELECT string_agg(format('%s %s %s %s', n.provider, n.phone, n.kind,
                                 coalesce((n.segments_per_s * 1000)::bigint::text, '-')), ','
                          ORDER BY n.number_id)
        FROM numbers n WHERE n.account_id = m.account_id AND n.sends AND (n.calls OR m.channel = 'sms')),
       (SELECT string_agg(concat_ws(' ', a.provider, a.state, coalesce(a.handling, '-')), ','
                          ORDER BY a.ordinal)
        FROM attempts a WHERE a.account_id = m.account_id AND a.message_id = m.message_id),
       l.attempt_id, l.state, l.provider, l.number,
       (extract(epoch FROM l.opened_at) * 1000)::bigint,
       (extract(epoch FROM l.dead_at) * 1000)::bigint,
       l.looks,
       CASE WHEN l.state = 'ambiguous' THEN
           (SELECT string_agg(o.carrier_id, ',')
            FROM messages om JOIN attempts o USING (account_id, message_id)
            WHERE om.account_id = m.account_id AND om.conversation_id = m.conversation_id
              AND o.provider = l.provider AND o.attempt_id <> l.attempt_id
              AND o.opened_at > l.opened_at - interval '1 minute')
       END,
       l.carrier_id, l.doubt::integer,
       m.channel,
       (extract(epoch FROM now()) * 1000)::bigint
FROM claimed c JOIN messages m USING (account_id, message_id) JOIN accounts a USING (account_id)
LEFT JOIN attempts l ON l.account_id = m.account_id AND l.message_id = m.message_id
                    AND l.state IN ('intent', 'ambiguous', 'accepted')
ORDER BY c.priority, c.turn_at

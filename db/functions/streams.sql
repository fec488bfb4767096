-- What streams of events need.

-- sql/streams_check.sql. A function for its plan: there are many of them in a second, and making one takes
-- longer than it takes.
CREATE OR REPLACE FUNCTION streams_check(numbers text, kinds text, callers text, accounts text, xids text, seqs text)
RETURNS TABLE (stream bigint, why text)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    RETURN QUERY
    WITH open AS MATERIALIZED (
        SELECT * FROM unnest(string_to_array(numbers, ' ')::bigint[], string_to_array(kinds, ' '),
                             string_to_array(callers, ' '), string_to_array(accounts, ' '),
                             string_to_array(xids, ' ')::xid8[],
                             string_to_array(seqs, ' ')::bigint[])
            AS o (number, kind, id, account_id, xid, seq)
    ), judged AS MATERIALIZED (
        SELECT o.*, CASE
            WHEN o.kind = 'key' AND NOT EXISTS (
                SELECT FROM api_keys k
                WHERE k.hash = o.id AND k.revoked_at IS NULL AND 'read' = ANY (k.scopes))
                THEN 'key_revoked'
            WHEN o.kind = 'key' THEN NULL
            ELSE coalesce((
                SELECT CASE WHEN s.ended_at IS NOT NULL THEN 'session_ended'
                            WHEN u.disabled_at IS NOT NULL THEN 'user_disabled'
                            WHEN s.expires_at <= now()
                                 OR s.last_seen_at <= now() - interval '24 hours' THEN 'session_expired'
                            WHEN NOT EXISTS (SELECT FROM memberships m
                                             WHERE m.account_id = o.account_id AND m.user_id = s.user_id)
                                THEN 'membership_removed'
                            ELSE '' END
                FROM sessions s JOIN users u USING (organisation_id, user_id)
                WHERE s.session_id = o.id), 'session_ended') END AS why
        FROM open o
    )
    SELECT j.number, nullif(j.why, '')
    FROM judged j
    WHERE nullif(j.why, '') IS NOT NULL
       -- no EXISTS: it would become a join with all events
       OR (SELECT true FROM events e
           WHERE e.account_id = j.account_id AND (e.xid, e.seq) > (j.xid, j.seq)
           ORDER BY e.xid, e.seq LIMIT 1)
    ORDER BY j.number;
END $$;

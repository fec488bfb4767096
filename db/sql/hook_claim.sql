-- Claims deliveries of events that are due; each becomes due again when the lease is over. Of one
-- endpoint only a few are under way at once, so that a slow one does not take all the room.
-- $1 the claim: who, and a number of theirs; $2 how many, $3 lease (ms), $4 how many of one endpoint.
-- Returns account, delivery, endpoint, URL, version of its secret, whether the one before still
-- signs, how often it was tried, and the body: what the event is about as it is now,
-- or only its id, when that or the event is gone.
WITH RECURSIVE wanted AS ( -- endpoints with deliveries that wait, from one to the next by the index
    (SELECT account_id, endpoint_id FROM deliveries WHERE state = 'waiting'
     ORDER BY account_id, endpoint_id LIMIT 1)
    UNION ALL
    SELECT n.account_id, n.endpoint_id
    FROM wanted w CROSS JOIN LATERAL (
        SELECT d.account_id, d.endpoint_id FROM deliveries d
        WHERE d.state = 'waiting'
          AND (d.account_id, d.endpoint_id) > (w.account_id, w.endpoint_id)
        ORDER BY d.account_id, d.endpoint_id LIMIT 1) n
), receivers AS (
    SELECT e.account_id, e.endpoint_id,
           (SELECT count(*) FROM deliveries b
            WHERE b.account_id = e.account_id AND b.endpoint_id = e.endpoint_id
              AND b.claimed_by IS NOT NULL AND b.due_at > now()) AS busy
    FROM wanted JOIN endpoints e USING (account_id, endpoint_id)
    WHERE e.disabled_at IS NULL
), due AS MATERIALIZED (
    SELECT d.account_id, d.delivery_id
    FROM receivers r CROSS JOIN LATERAL (
        SELECT d.account_id, d.delivery_id, d.due_at FROM deliveries d
        WHERE d.account_id = r.account_id AND d.endpoint_id = r.endpoint_id
          AND d.state = 'waiting' AND d.due_at <= now()
        ORDER BY d.due_at LIMIT greatest($4::bigint - r.busy, 0)
        FOR UPDATE SKIP LOCKED) d
    ORDER BY d.due_at LIMIT $2::bigint
), claimed AS (
    UPDATE deliveries d
    SET due_at = now() + $3::bigint * interval '1 millisecond', claimed_by = $1::text
    FROM due WHERE d.account_id = due.account_id AND d.delivery_id = due.delivery_id
    RETURNING d.account_id, d.delivery_id, d.endpoint_id, d.type, d.subject, d.xid, d.seq,
              d.occurred_at, d.tries, event_id(d) AS event_id
)
SELECT c.account_id, c.delivery_id, c.endpoint_id, e.url, e.secret_version,
       coalesce(e.previous_until > now(), false)::integer, c.tries,
       json_build_object('id', c.event_id, 'type', c.type, 'timestamp', rfc3339(c.occurred_at),
                         'data', coalesce(CASE WHEN v.account_id IS NOT NULL THEN event_data(v) END,
                                          json_build_object('id', c.subject)))::text
FROM claimed c JOIN endpoints e USING (account_id, endpoint_id)
LEFT JOIN events v ON v.account_id = c.account_id AND v.xid = c.xid AND v.seq = c.seq
ORDER BY c.delivery_id

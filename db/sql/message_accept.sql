-- Accepts messages, one row each, in one commit: the caller, the guest's opt-out, the sending
-- number and the Idempotency-Key are checked, then message, thread and queue row are written.
-- $1 batch id, $2 now (ms), then arrays: key_hash (or NULL), message_id, conversation_id,
-- phone, body, number, kind, encoding, segments, expires_ms, key, request_hash, send_ms, arrive_ms (both
-- or NULL), session_id and session_account (or both NULL), channel.
-- Returns ordinal, verdict, message_id (the first request's, when replayed).
WITH input AS (
    SELECT * FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
                         $9::text[], $10::text[], $11::bigint[], $12::bigint[], $13::text[],
                         $14::text[], $15::bigint[], $16::bigint[], $17::text[], $18::text[],
                         $19::text[])
        WITH ORDINALITY AS i (key_hash, message_id, conversation_id, phone, body, number, kind,
                              encoding, segments, expires_ms, key, request_hash, send_ms, arrive_ms,
                              session_id, session_account, channel, ordinal)
), known AS (
    SELECT i.*, coalesce(k.account_id, m.account_id) AS account_id,
           coalesce('write' = ANY (k.scopes), true) AS may
    FROM input i
    LEFT JOIN api_keys k ON k.hash = i.key_hash AND k.revoked_at IS NULL
    LEFT JOIN (sessions s JOIN users u ON u.user_id = s.user_id AND u.disabled_at IS NULL
               JOIN memberships m ON m.user_id = u.user_id)
        ON s.session_id = i.session_id AND m.account_id = i.session_account
       AND s.ended_at IS NULL AND s.expires_at > now()
       AND s.last_seen_at > now() - interval '24 hours'
), bars AS MATERIALIZED ( -- once for each account: it is a function that cannot be taken apart
    SELECT account_id, barred(account_id) AS barred FROM (SELECT DISTINCT account_id FROM known) k
), caller AS (
    SELECT i.*,
           coalesce((SELECT consent_state(c.opted_out_at, c.opted_out_via)
                     FROM conversations c
                     WHERE c.account_id = i.account_id AND c.phone = i.phone),
                    -- only for a guest we do not know, where some were erased: the hash costs
                    CASE WHEN EXISTS (SELECT FROM opt_outs n WHERE n.account_id = i.account_id)
                         THEN (SELECT consent_state(o.at, o.via) FROM opt_outs o
                               WHERE o.account_id = i.account_id
                                 AND o.phone_hash = ANY (phone_hashes(i.phone))
                               ORDER BY o.via = 'flag', o.at LIMIT 1)
                    END, 'open') AS consent,
           EXISTS (SELECT FROM numbers n
                   WHERE n.account_id = i.account_id AND n.sends
                     AND (i.number IS NULL OR n.phone = i.number)
                     AND (n.calls OR i.channel = 'sms')) AS has_number,
           b.barred,
           h.message_id AS held_id, h.request_hash AS held_hash
    FROM known i LEFT JOIN bars b ON b.account_id = i.account_id
    LEFT JOIN idempotency_keys h ON h.account_id = i.account_id AND h.key = i.key
), keyed AS (
    INSERT INTO idempotency_keys AS held (account_id, key, request_hash, message_id)
    SELECT DISTINCT ON (account_id, key) account_id, key, request_hash, message_id FROM caller
    WHERE account_id IS NOT NULL AND may AND key IS NOT NULL AND held_id IS NULL
      AND consent = 'open' AND has_number AND barred IS NULL
    ORDER BY account_id, key, ordinal -- asked twice at once: the first counts
    ON CONFLICT (account_id, key) DO UPDATE SET key = held.key -- to read what another one holds
    RETURNING account_id, key, request_hash, message_id
), judged AS (
    SELECT c.*, coalesce(c.held_id, n.message_id, c.message_id) AS answer_id,
           CASE WHEN c.account_id IS NULL THEN 'unauthorized'
                WHEN NOT c.may THEN 'forbidden'
                WHEN coalesce(c.held_hash, n.request_hash) <> c.request_hash THEN 'key_reused'
                WHEN coalesce(c.held_id, n.message_id) <> c.message_id THEN 'replayed'
                WHEN c.barred IS NOT NULL THEN c.barred
                WHEN c.consent = 'stopped' THEN 'opted_out'
                WHEN c.consent = 'flagged' THEN 'flagged'
                WHEN NOT c.has_number THEN 'no_number'
                ELSE 'accepted' END AS verdict
    FROM caller c LEFT JOIN keyed n ON n.account_id = c.account_id AND n.key = c.key
), fit AS ( -- a bare boolean: the planner takes half of the rows for fit, and hashes them below
    SELECT * FROM (SELECT *, verdict = 'accepted' AS is_fit FROM judged OFFSET 0) j WHERE is_fit
), threads AS (
    INSERT INTO conversations (account_id, conversation_id, phone, last_message_id)
    SELECT DISTINCT ON (account_id, phone) account_id, conversation_id, phone, message_id
    FROM fit
    ORDER BY account_id, phone, message_id DESC
    ON CONFLICT (account_id, phone) DO UPDATE
        SET last_message_id = greatest(conversations.last_message_id, excluded.last_message_id)
    RETURNING account_id, phone, conversation_id
), stored AS (
    INSERT INTO messages (account_id, message_id, conversation_id, direction, channel, kind, phone, number,
                          body, encoding, segments, state, rank, expires_at, send_at, arrive_by)
    SELECT j.account_id, j.message_id, t.conversation_id, 'out', j.channel, j.kind, j.phone, j.number,
           j.body, j.encoding, j.segments, 'queued', 0, from_ms(j.expires_ms), from_ms(j.send_ms),
           coalesce(from_ms(j.arrive_ms),
                    (SELECT coalesce(from_ms(j.send_ms), now()) + k.arrive_within_s * interval '1 second'
                     FROM kind_settings k
                     WHERE k.account_id = j.account_id AND k.kind = j.kind))
    FROM fit j JOIN threads t USING (account_id, phone)
    ON CONFLICT (account_id, message_id) DO NOTHING
    RETURNING account_id, message_id, conversation_id, kind, send_at
), waiting AS ( -- each after the other, so that one account's many do not keep out another's few
    SELECT s.*, row_number() OVER (PARTITION BY account_id, in_turn ORDER BY message_id) AS place,
           count(*) OVER (PARTITION BY account_id, in_turn) AS num
    FROM (SELECT *, priority_of(kind) > 0 AND send_at IS NULL AS in_turn FROM stored) s
), given AS (
    INSERT INTO turns AS t (account_id, turn_at)
    SELECT account_id, now() + num * interval '10 milliseconds'
    FROM waiting WHERE in_turn AND place = 1 ORDER BY account_id
    ON CONFLICT (account_id) DO UPDATE
        SET turn_at = least(greatest(t.turn_at, now()) + (excluded.turn_at - now()),
                            now() + interval '1 minute')
    RETURNING account_id, turn_at
), queued AS (
    INSERT INTO queue (account_id, conversation_id, message_id, priority, due_at, turn_at, holds)
    SELECT w.account_id, w.conversation_id, w.message_id, priority_of(w.kind),
           coalesce(w.send_at, now()),
           CASE WHEN w.in_turn
                THEN greatest(g.turn_at - (w.num - w.place + 1) * interval '10 milliseconds', now())
                ELSE coalesce(w.send_at, now()) END,
           w.send_at IS NULL
    FROM waiting w LEFT JOIN given g ON g.account_id = w.account_id AND w.in_turn
    ON CONFLICT DO NOTHING
), seen AS ( -- to the minute: see enter()
    UPDATE sessions s SET last_seen_at = now() FROM known i
    WHERE i.account_id IS NOT NULL AND s.session_id = i.session_id
      AND s.last_seen_at < now() - interval '1 minute'
), used AS (
    UPDATE api_keys k SET last_used_at = now() FROM known i
    WHERE i.account_id IS NOT NULL AND k.hash = i.key_hash
      AND coalesce(k.last_used_at, '-infinity') < now() - interval '1 minute'
), woken AS (
    SELECT pg_notify('maitred_queue', '') WHERE EXISTS (SELECT FROM stored)
)
SELECT ordinal, verdict, answer_id, (SELECT count(*) FROM woken)
FROM judged WHERE $1::text IS NOT NULL AND $2::bigint IS NOT NULL
ORDER BY ordinal

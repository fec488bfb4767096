-- Queues answers to HELP. The guest's row is locked and read again: an opt-out or another answer may have
-- come in between.
-- $1 batch id, $2 now (ms), then arrays: account_id, message_id, phone, number, body, encoding, segments.
-- Returns ordinal for each that was queued.
WITH input AS (
    SELECT DISTINCT ON (account_id, phone) *
    FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::bigint[])
        WITH ORDINALITY AS i (account_id, message_id, phone, number, body, encoding, segments,
                              ordinal)
    ORDER BY account_id, phone, ordinal
), threads AS (
    UPDATE conversations c
    SET helped_at = now(), last_message_id = greatest(c.last_message_id, i.message_id)
    FROM input i
    WHERE c.account_id = i.account_id AND c.phone = i.phone AND c.opted_out_at IS NULL
      AND (c.helped_at IS NULL OR c.helped_at < now() - interval '10 minutes')
    RETURNING i.*, c.conversation_id
), stored AS (
    INSERT INTO messages (account_id, message_id, conversation_id, direction, kind, phone, number,
                          body, encoding, segments, state, rank, expires_at)
    SELECT account_id, message_id, conversation_id, 'out', 'help', phone, number, body, encoding,
           segments, 'queued', 0, now() + interval '10 minutes'
    FROM threads
    ON CONFLICT DO NOTHING
), queued AS (
    INSERT INTO queue (account_id, conversation_id, message_id, priority)
    SELECT account_id, conversation_id, message_id, priority_of('help') FROM threads
    ON CONFLICT DO NOTHING
), woken AS (
    SELECT pg_notify('maitred_queue', '') WHERE EXISTS (SELECT FROM threads)
)
SELECT ordinal, (SELECT count(*) FROM woken) FROM threads
WHERE $1::text IS NOT NULL AND $2::bigint IS NOT NULL
ORDER BY ordinal

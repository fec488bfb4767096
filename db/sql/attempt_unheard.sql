-- Texts that a carrier accepted and has not reported on for long are due to be asked for, ever more
-- rarely; in the end they stay as sent, unconfirmed.
-- $1 after how long (ms), $2 when to give up (ms), $3 how many at most.
-- Returns how many are due to be asked for.
WITH silent AS (
    SELECT a.account_id, a.attempt_id, a.message_id, m.conversation_id, m.ended_at, m.kind,
           a.opened_at <= now() - $2::bigint * interval '1 millisecond' AS too_long
    FROM attempts a JOIN messages m USING (account_id, message_id)
    WHERE a.state = 'accepted' AND a.opened_at <= now() - $1::bigint * interval '1 millisecond'
      AND (a.looked_at IS NULL OR now() - a.looked_at >= a.looked_at - a.opened_at
           OR a.opened_at <= now() - $2::bigint * interval '1 millisecond')
    ORDER BY a.opened_at LIMIT $3::bigint
    FOR UPDATE OF m, a SKIP LOCKED
), closed AS (
    UPDATE attempts a SET state = 'finalised', ended_at = now()
    FROM silent s
    WHERE s.too_long AND a.account_id = s.account_id AND a.attempt_id = s.attempt_id
), ended AS (
    UPDATE messages m
    SET ended_at = now(), reason = 'It was sent; whether it arrived was never reported.'
    FROM silent s
    WHERE s.too_long AND s.ended_at IS NULL
      AND m.account_id = s.account_id AND m.message_id = s.message_id
), due AS (
    INSERT INTO queue (account_id, conversation_id, message_id, holds)
    SELECT account_id, conversation_id, message_id, false FROM silent WHERE NOT too_long
    ON CONFLICT DO NOTHING
    RETURNING 1
)
SELECT count(*) FROM due

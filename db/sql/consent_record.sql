-- Records what staff were told, or decide: stop (the guest asked them), clear (a flag that meant
-- nothing), start (takes back their own stop). What the guest stopped by text only the guest starts.
-- $1 SHA-256 of the caller's key (hexadecimal), $2 conversation id, $3 action, $4 words or NULL,
-- $5 event id.
-- Returns one row: is the key ours, the verdict (done, stopped, flagged, or NULL: there is no such
-- conversation), the state now as JSON.
WITH caller AS (
    SELECT account_id, key_id FROM api_keys WHERE hash = $1::text AND revoked_at IS NULL
), thread AS MATERIALIZED (
    SELECT c.*, caller.key_id FROM conversations c JOIN caller USING (account_id)
    WHERE c.conversation_id = $2::text
    FOR UPDATE OF c
), judged AS MATERIALIZED (
    SELECT t.*,
           CASE WHEN $3::text = 'stop' OR opted_out_at IS NULL
                  OR ($3::text = 'clear' AND opted_out_via = 'flag')
                  OR ($3::text = 'start' AND opted_out_via = 'staff') THEN 'done'
                WHEN opted_out_via = 'flag' THEN 'flagged' ELSE 'stopped' END AS verdict
    FROM thread t
), logged AS (
    INSERT INTO consent_log (account_id, phone, event_id, action, word, via, key_id)
    SELECT account_id, phone, $5::text, $3::text, coalesce($4::text, ''), 'staff', key_id
    FROM judged WHERE verdict = 'done'
    ON CONFLICT DO NOTHING
), changed AS (
    UPDATE conversations c
    SET opted_out_at = CASE $3::text WHEN 'stop' THEN coalesce(c.opted_out_at, now()) END,
        opted_out_via = CASE WHEN $3::text <> 'stop' THEN NULL
                             WHEN c.opted_out_via = 'flag' THEN 'staff'
                             ELSE coalesce(c.opted_out_via, 'staff') END
    FROM judged j
    WHERE j.verdict = 'done'
      AND c.account_id = j.account_id AND c.conversation_id = j.conversation_id
    RETURNING c.*
)
SELECT EXISTS (SELECT FROM caller), (SELECT verdict FROM judged),
       (SELECT json_build_object('id', conversation_id,
                                 'state', consent_state(opted_out_at, opted_out_via),
                                 'since', rfc3339(opted_out_at), 'via', opted_out_via)
        FROM changed)

-- Records what staff were told, or decide: stop (the guest asked them), clear (a flag that meant
-- nothing), start (takes back their own stop). What the guest stopped by text only the guest starts:
-- the carriers block until then as well.
-- $1 conversation id, $2 action, $3 words or NULL, $4 event id.
-- Returns status and body.
WITH thread AS MATERIALIZED (
    SELECT * FROM conversations WHERE account_id = scope() AND conversation_id = $1::text
    FOR UPDATE
), judged AS MATERIALIZED (
    SELECT t.*,
           CASE WHEN $2::text = 'stop' OR opted_out_at IS NULL
                  OR ($2::text = 'clear' AND opted_out_via = 'flag')
                  OR ($2::text = 'start' AND opted_out_via = 'staff') THEN 'done'
                WHEN opted_out_via = 'flag' THEN 'flagged' ELSE 'stopped' END AS verdict
    FROM thread t
), logged AS (
    INSERT INTO consent_log (account_id, phone, event_id, action, word, via, key_id, user_id)
    SELECT account_id, phone, $4::text, $2::text, coalesce($3::text, ''), 'staff',
           CASE WHEN actor() LIKE 'key%' THEN actor() END,
           CASE WHEN actor() LIKE 'usr%' THEN actor() END
    FROM judged WHERE verdict = 'done'
    ON CONFLICT DO NOTHING
), changed AS (
    UPDATE conversations c
    SET opted_out_at = CASE $2::text WHEN 'stop' THEN coalesce(c.opted_out_at, now()) END,
        opted_out_via = CASE WHEN $2::text <> 'stop' THEN NULL
                             WHEN c.opted_out_via = 'flag' THEN 'staff'
                             ELSE coalesce(c.opted_out_via, 'staff') END
    FROM judged j
    WHERE j.verdict = 'done'
      AND c.account_id = scope() AND c.conversation_id = j.conversation_id
    RETURNING c.*
), told AS (
    SELECT audit('consent.' || $2::text, $1::text, '{}') FROM judged WHERE verdict = 'done'
), outcome AS (
    SELECT 200 AS status,
           json_build_object('id', conversation_id,
                             'state', consent_state(opted_out_at, opted_out_via),
                             'since', rfc3339(opted_out_at), 'via', opted_out_via) AS body
    FROM changed
    UNION ALL
    SELECT 409, CASE verdict
        WHEN 'flagged' THEN problem('conflict', 'action',
            'The guest''s words are flagged. Read them, then clear the flag, or confirm it with stop.')
        ELSE problem('conflict', 'action',
            'The guest stopped the texts. Only they can start them again, by texting START.') END
    FROM judged WHERE verdict <> 'done'
    UNION ALL
    SELECT 404, nothing_here() WHERE NOT EXISTS (SELECT FROM thread)
)
SELECT a.*, (SELECT count(*) FROM told) FROM outcome o, answer(o.status, o.body) a

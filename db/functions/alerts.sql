-- What is wrong now at the caller's account, by its causes, and what to do about it.

-- A reason without what the carrier's answer was called: "Twilio refused it (21608): ".
CREATE OR REPLACE FUNCTION plain_reason(reason text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN regexp_replace(
    regexp_replace(reason, '^(\w+ could not be reached): .*', '\1.'),
    '^\w+ (refused it \([^)]*\):|could not send it\.|sent it, but it did not reach the phone\.'
    || '|could not call\.|called\.) (?=.)', '');

-- Its first sentence says what happened, the rest what to do.
CREATE OR REPLACE FUNCTION reason_title(reason text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN coalesce(substring(plain_reason(reason) FROM '^(.*?[.])(?: |$)'), plain_reason(reason));
CREATE OR REPLACE FUNCTION reason_fix(reason text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE substr(plain_reason(reason), length(reason_title(reason)) + 2)
    WHEN '' THEN 'Speak to the guest in person, or call.'
    WHEN 'Nothing is wrong with the number.' THEN 'Try again in a few minutes, or call the guest.'
    ELSE substr(plain_reason(reason), length(reason_title(reason)) + 2) END;

-- The bounds of the ids that were made in the last day. Both, as a plan for any values takes one alone
-- for a third of the table.
CREATE OR REPLACE FUNCTION ids_of_today(prefix text, OUT first text, OUT after text)
LANGUAGE sql STABLE PARALLEL SAFE
RETURN (id_of(prefix, now() - interval '1 day', 0), id_of(prefix, now() + interval '1 day', 0));

-- What guests were to be sent in the last day and, as far as we know, did not get. Who has got something
-- since, or had this by text before nobody took the call, is reached. Who asked for no texts gets none, and
-- that is as it should be.
CREATE OR REPLACE FUNCTION messages_in_trouble() RETURNS SETOF messages LANGUAGE sql STABLE AS $$
    WITH ids AS MATERIALIZED (
        SELECT * FROM ids_of_today('msg')
    ), due AS (
        SELECT m.* FROM messages m
        WHERE m.account_id = scope() AND m.message_id >= (SELECT first FROM ids)
          AND m.message_id < (SELECT after FROM ids)
        UNION ALL
        SELECT m.* FROM messages m
        WHERE m.account_id = scope() AND m.send_at >= now() - interval '1 day' AND m.send_at < now()
          AND m.message_id < (SELECT first FROM ids)
    )
    SELECT d.* FROM due d
    WHERE d.direction = 'out'
      AND d.state IN ('failed', 'undelivered', 'expired', 'unknown', 'uncertain')
      AND NOT EXISTS (SELECT FROM messages n
                      WHERE n.account_id = scope() AND n.conversation_id = d.conversation_id
                        AND n.message_id >= (SELECT first FROM ids)
                        AND (n.message_id > d.message_id OR (n.visit = d.visit AND n.kind = d.kind))
                        AND n.direction = 'out' AND n.state = 'delivered')
$$;

CREATE OR REPLACE FUNCTION message_alerts()
RETURNS TABLE (cause text, code text, carrier text, level text, title text, fix text, at timestamptz,
               id text)
LANGUAGE sql STABLE AS $$
    SELECT CASE m.state WHEN 'unknown' THEN 'message_unknown' WHEN 'uncertain' THEN 'message_uncertain'
                        ELSE 'message_failed' END,
           CASE WHEN m.state NOT IN ('unknown', 'uncertain') THEN m.code END, NULL,
           CASE m.state WHEN 'unknown' THEN 'warning' ELSE 'error' END,
           CASE WHEN m.state = 'unknown' THEN 'It is not known whether it was sent.'
                WHEN m.state = 'uncertain' THEN 'It may have been sent, and the carrier could not be asked.'
                WHEN m.code = 'expired' THEN 'It could not be sent in time.'
                ELSE coalesce(reason_title(m.reason), 'It did not arrive.') END,
           CASE m.state WHEN 'unknown' THEN 'The carrier is asked. Ask the guest before you send it again.'
                        WHEN 'uncertain' THEN 'Send it again if the guest does not come.'
                        ELSE coalesce(reason_fix(m.reason), reason_fix('')) END,
           coalesce(m.ended_at, m.created_at), m.message_id
    FROM messages_in_trouble() m
$$;

-- Carriers that refuse our account or a number of ours, so that another one sends. One that takes texts
-- from that number again is well. "manager": that is how providers/codes.tsv says whose fault it is.
CREATE OR REPLACE FUNCTION refusal_alerts()
RETURNS TABLE (cause text, code text, carrier text, level text, title text, fix text, at timestamptz,
               id text)
LANGUAGE sql STABLE AS $$
    WITH ids AS MATERIALIZED (
        SELECT * FROM ids_of_today('att')
    ), tries AS MATERIALIZED (
        SELECT a.*, a.handling = 'other-carrier' AND (a.state = 'rejected' OR a.status = 'failed') AS refused
        FROM attempts a
        WHERE a.account_id = scope() AND a.attempt_id >= (SELECT first FROM ids)
          AND a.attempt_id < (SELECT after FROM ids)
    ), last_good AS (
        SELECT t.provider, t.number, max(t.opened_at) AS at FROM tries t
        WHERE t.status IN ('sent', 'unconfirmed', 'delivered')
        GROUP BY t.provider, t.number
    ), refused AS (
        SELECT t.*, CASE t.state WHEN 'rejected' THEN t.sentence
                        ELSE (SELECT r.sentence FROM receipts r
                              WHERE r.account_id = scope() AND r.attempt_id = t.attempt_id
                                AND r.status = 'failed' LIMIT 1) END AS reason
        FROM tries t LEFT JOIN last_good g USING (provider, number)
        WHERE t.refused AND (g.at IS NULL OR t.opened_at > g.at)
    )
    SELECT 'carrier_refuses', r.code, r.provider, 'warning', reason_title(r.reason),
           reason_fix(r.reason) || ' Another carrier sends meanwhile.', r.opened_at, r.message_id
    FROM refused r WHERE r.reason LIKE '%manager%'
$$;

-- Carriers of the account's numbers that take no texts, or not all, or whose callbacks do not come.
CREATE OR REPLACE FUNCTION carrier_alerts()
RETURNS TABLE (cause text, code text, carrier text, level text, title text, fix text, at timestamptz,
               id text)
LANGUAGE sql STABLE AS $$
    WITH ours AS MATERIALIZED (
        SELECT c.provider, initcap(c.provider) AS name, c.drained_at, c.drained_why, c.alarmed_at,
               b.state = 'open' AS out, b.shift, b.changed_at,
               bool_or(c.drained_at IS NULL AND b.state = 'closed') OVER () AS one_works
        FROM carriers c JOIN breakers b ON b.provider = c.provider AND b.operation = 'send'
        WHERE c.provider IN (SELECT n.provider FROM numbers n WHERE n.account_id = scope())
    )
    SELECT CASE WHEN o.drained_at IS NOT NULL THEN 'carrier_drained' WHEN o.out THEN 'carrier_out'
                ELSE 'carrier_recovering' END,
           NULL, o.provider, CASE WHEN o.one_works THEN 'warning' ELSE 'error' END,
           CASE WHEN o.drained_at IS NOT NULL
                THEN format('An operator has switched %s off: %s', o.name, o.drained_why)
                WHEN o.out THEN format('%s takes no texts at the moment.', o.name)
                ELSE format('%s has failed of late, and gets fewer of the texts.', o.name) END,
           CASE WHEN NOT o.one_works THEN 'Nothing can be sent: it waits, and goes out by itself later. '
                                          || 'Speak to guests in person, or call.'
                WHEN o.drained_at IS NULL AND NOT o.out THEN 'Another carrier sends the rest. There is nothing to do.'
                ELSE 'Another carrier sends. There is nothing to do.' END,
           coalesce(o.drained_at, o.changed_at), NULL
    FROM ours o WHERE o.drained_at IS NOT NULL OR o.out OR o.shift > 0
    UNION ALL
    SELECT 'carrier_silent', NULL, o.provider, 'warning',
           format('%s does not tell us what became of texts.', o.name),
           'They arrive, but show it late. Tell your manager: the address for its callbacks may be wrong.',
           o.alarmed_at, NULL
    FROM ours o WHERE o.alarmed_at IS NOT NULL
$$;

-- What staff have to look at themselves.
CREATE OR REPLACE FUNCTION staff_alerts()
RETURNS TABLE (cause text, code text, carrier text, level text, title text, fix text, at timestamptz,
               id text)
LANGUAGE sql STABLE AS $$
    SELECT 'guest_flagged', NULL, NULL, 'warning', 'A guest may have asked not to be texted.',
           'Read what they wrote, then clear the flag or confirm it. Until then they get no texts.',
           c.opted_out_at, c.conversation_id
    FROM conversations c WHERE c.account_id = scope() AND c.opted_out_via = 'flag'
    UNION ALL
    SELECT 'webhook_off', NULL, NULL, 'error', format('A webhook was switched off. %s', e.disabled_why),
           'Mend what receives it, switch it on again, and replay what it missed.', e.disabled_at,
           e.endpoint_id
    FROM endpoints e
    WHERE e.account_id = scope() AND e.disabled_at IS NOT NULL
      AND e.disabled_why <> 'Somebody switched it off.'
    UNION ALL
    SELECT 'webhook_failing', NULL, NULL, 'warning', 'What a webhook goes to takes nothing.',
           'See what it answers. It is tried for three days, and switched off after five.',
           e.failing_since, e.endpoint_id
    FROM endpoints e
    WHERE e.account_id = scope() AND e.disabled_at IS NULL AND e.failing_since IS NOT NULL
    UNION ALL
    SELECT 'mail_failed', NULL, NULL, 'warning', 'An invitation could not be mailed.',
           CASE l.mail WHEN 'failed' THEN 'Look at the address, and send it again.'
                       ELSE 'It is tried again for a day. Look at the address.' END,
           l.created_at, l.link_id
    FROM links l
    WHERE l.account_id = scope() AND l.kind = 'invitation' AND l.mail IN ('queued', 'failed')
      AND l.mail_why IS NOT NULL AND l.used_at IS NULL AND l.revoked_at IS NULL AND l.expires_at > now()
$$;

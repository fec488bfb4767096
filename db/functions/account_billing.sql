-- Billing: what a subscription bars, and what is metered. The settings of the connection say whether
-- there is any billing at all.

-- What the account may not do now: 'texting_off' (no new texts and calls), 'read_only' (the board does not
-- change either), or NULL. What was accepted before still goes out; what guests say is taken in, always.
CREATE OR REPLACE FUNCTION barred(account text) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN CASE WHEN current_setting('maitred.billing', true) = 'on' THEN
        (SELECT CASE WHEN b.state = 'paused' THEN 'texting_off'
                     WHEN b.state IN ('expired', 'failed') AND b.until <= now() THEN 'read_only' END
         FROM billing b WHERE b.account_id = account) END;
END $$;

-- The end of the service day: the next 5 in the morning where the venue is.
CREATE OR REPLACE FUNCTION service_day_end(zone text, at timestamptz) RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE
RETURN (date_trunc('day', at AT TIME ZONE zone - interval '5 hours') + interval '1 day 5 hours') AT TIME ZONE zone;

CREATE OR REPLACE FUNCTION billing_message(state text, over boolean) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE state
    WHEN 'none' THEN 'There is no subscription. Nothing is switched off.'
    WHEN 'future' THEN 'The subscription has not begun yet. Nothing is switched off.'
    WHEN 'active' THEN 'All is well.'
    WHEN 'past_due' THEN 'A payment is overdue. Nothing is switched off: see to it by the subscription''s page.'
    WHEN 'paused' THEN 'The subscription is paused: the board works, but no texts or calls go out. Resume it, and they do.'
    WHEN 'canceled' THEN 'The subscription was cancelled, and everything works until it ends.'
    ELSE CASE WHEN over THEN 'The subscription has ended, so the board is read-only, and nothing is texted. Renew it, and all is as before.'
              ELSE 'The subscription has ended. The board becomes read-only when this service day is over. Renew it, and nothing happens.' END END;

-- Hosts are told only of what they cannot do. NULL: nothing to tell.
CREATE OR REPLACE FUNCTION billing_json(account text) RETURNS json LANGUAGE plpgsql STABLE AS $$
DECLARE
    bars text := barred(account);
    host boolean := EXISTS (SELECT FROM memberships m WHERE m.account_id = account AND m.user_id = actor()
                                                        AND m.role = 'host');
BEGIN
    IF current_setting('maitred.billing', true) IS DISTINCT FROM 'on' OR (host AND bars IS NULL) THEN
        RETURN NULL;
    END IF;
    RETURN (SELECT json_build_object(
                'state', CASE WHEN NOT host THEN b.state END, 'effect', coalesce(bars, 'none'),
                'since', CASE WHEN NOT host THEN rfc3339(b.since) END, 'until', CASE WHEN NOT host THEN rfc3339(b.until) END,
                'message', billing_message(b.state, bars IS NOT NULL))
            FROM billing b WHERE b.account_id = account);
END $$;

-- What Recurly says of a subscription, if this is still the claim's. What came after the claim was made
-- (hints) makes it due again. An account whose subscription Recurly has forgotten stays as it was. Returns
-- the state before, or NULL: it was not the claim's any more.
CREATE OR REPLACE FUNCTION billing_told(account text, claim text, hints_then bigint, now_state text, began timestamptz,
                                        from_then timestamptz, till timestamptz, subscription text, page text)
RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    b     billing;
    ended boolean := now_state IN ('expired', 'failed');
    lost  boolean;
BEGIN
    SELECT * INTO b FROM billing v WHERE v.account_id = account AND v.claimed_by = claim FOR UPDATE;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    lost := now_state = 'none' AND b.state <> 'none';
    IF lost THEN
        now_state := b.state;
    END IF;
    UPDATE billing v
    SET state = now_state,
        since = CASE WHEN lost THEN b.since ELSE coalesce(from_then, CASE b.state WHEN now_state THEN b.since ELSE now() END) END,
        until = CASE WHEN lost OR (ended AND b.state IN ('expired', 'failed')) THEN b.until
                     WHEN ended THEN (SELECT service_day_end(a.zone, now()) FROM accounts a
                                      WHERE a.account_id = account)
                     ELSE till END,
        subscription_id = coalesce(subscription, b.subscription_id),
        began_at = coalesce(began, b.began_at),
        manage_url = coalesce(page, b.manage_url),
        claimed_by = NULL, tries = 0, fetched_at = now(),
        why = CASE WHEN lost THEN 'Recurly knows no subscription of this account any more.' END,
        due_at = CASE WHEN b.hints > hints_then THEN now()
                      ELSE least(now() + interval '1 day' - random() * interval '1 hour', -- a lost webhook is mended
                                 CASE WHEN till > now() THEN till + interval '1 minute' END) END
    WHERE v.account_id = account;
    IF b.state <> now_state THEN
        PERFORM audit_append(account, 'recurly', 'billing.' || now_state, subscription,
                             jsonb_build_object('before', b.state));
    END IF;
    RETURN b.state;
END $$;

-- ---- what is metered ----

-- Segments of texts that a carrier took, and calls that somebody or something answered, by the day on
-- which they were accepted. Of those that are gone the totals are kept.
CREATE OR REPLACE FUNCTION usage_of(account text, first date)
RETURNS TABLE (day date, kind text, amount bigint) LANGUAGE sql STABLE AS $$
    SELECT (u.at AT TIME ZONE 'UTC')::date, CASE u.channel WHEN 'voice' THEN 'call' ELSE 'sms' END, sum(u.n)::bigint
    FROM (SELECT m.created_at AS at, m.channel, m.state, m.segments AS n FROM messages m
          WHERE m.account_id = account AND m.direction = 'out'
            AND m.message_id >= id_of('msg', first::timestamp AT TIME ZONE 'UTC' - interval '1 hour', 0)
          UNION ALL
          SELECT t.hour, t.channel, t.state, t.segments FROM message_totals t
          WHERE t.account_id = account AND t.direction = 'out' AND t.hour >= first::timestamp AT TIME ZONE 'UTC') u
    WHERE CASE u.channel WHEN 'voice' THEN u.state = 'delivered'
                         ELSE u.state IN ('sent', 'uncertain', 'delivered', 'undelivered') END
      AND u.at >= first::timestamp AT TIME ZONE 'UTC'
    GROUP BY 1, 2
$$;

-- Adds up the days that are over since the subscription began, at most 100 back, and puts down what is to
-- be posted of each: what is not yet, or what it turned out to be more or less. Returns how many.
CREATE OR REPLACE FUNCTION usage_count(b billing, kinds text[]) RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    over  date := (now() AT TIME ZONE 'UTC' - interval '1 hour')::date; -- the first day that is not
    first date := greatest((b.began_at AT TIME ZONE 'UTC')::date, over - 100);
    n     bigint;
BEGIN
    INSERT INTO usage_posts (account_id, day, seq, kind, amount, subscription_id)
    SELECT b.account_id, d.day,
           (SELECT count(*) FROM usage_posts p WHERE p.account_id = b.account_id AND p.day = d.day)
               + row_number() OVER (PARTITION BY d.day ORDER BY d.kind DESC),
           d.kind, d.amount, b.subscription_id
    FROM (SELECT day, kind, sum(v.amount)::bigint AS amount
          FROM (SELECT u.day, u.kind, u.amount FROM usage_of(b.account_id, first) u
                UNION ALL
                SELECT p.day, p.kind, -p.amount FROM usage_posts p
                WHERE p.account_id = b.account_id AND p.day >= first) v
          WHERE v.day >= first AND v.day < over AND v.kind = ANY (kinds)
          GROUP BY 1, 2 HAVING sum(v.amount) <> 0) d;
    GET DIAGNOSTICS n = ROW_COUNT;
    UPDATE billing v SET counted_at = now() WHERE v.account_id = b.account_id;
    RETURN n;
END $$;

-- Accounts get their row; those whose subscription runs are added up, each once a UTC day and at most
-- `most` at a time. Returns how many were.
CREATE OR REPLACE FUNCTION billing_sweep(most bigint, kinds text[]) RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    b billing;
    n bigint := 0;
BEGIN
    INSERT INTO billing (account_id)
    SELECT a.account_id FROM accounts a
    WHERE NOT EXISTS (SELECT FROM billing v WHERE v.account_id = a.account_id)
    ON CONFLICT DO NOTHING;
    FOR b IN SELECT * FROM billing v
             WHERE v.counted_at < date_trunc('day', now() - interval '1 hour', 'UTC') + interval '1 hour'
               AND v.subscription_id IS NOT NULL AND v.state NOT IN ('none', 'future') AND kinds <> '{}'
             ORDER BY v.counted_at LIMIT most FOR NO KEY UPDATE SKIP LOCKED LOOP
        PERFORM usage_count(b, kinds);
        n := n + 1;
    END LOOP;
    RETURN n;
END $$;

-- The pages of guests: their own, behind the token in its address, and the one where they put themselves
-- down. Nobody has signed in: each function finds the account first, and narrows its scope to it.

-- Whose token it is; the scope is that account's from here on. A visit that ended yesterday has no page.
CREATE OR REPLACE FUNCTION page_enter(secret text, OUT account text, OUT visit text, OUT what text)
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    SELECT v.* INTO account, visit, what FROM (
        SELECT account_id, party_id, 'party' FROM parties
        WHERE token = secret AND coalesce(ended_at, now()) > now() - interval '1 day'
        UNION ALL
        SELECT account_id, booking_id, 'booking' FROM bookings
        WHERE token = secret AND coalesce(ended_at, now()) > now() - interval '1 day'
          AND starts_at > now() - interval '1 day') v;
    PERFORM scope_to(coalesce(account, ''));
END $$;

CREATE OR REPLACE FUNCTION venue_json(a accounts) RETURNS json LANGUAGE sql STABLE
RETURN json_build_object('name', a.name, 'phone', a.phone, 'language', a.language, 'zone', a.zone);

CREATE OR REPLACE FUNCTION page_json(account text, id text) RETURNS json LANGUAGE plpgsql STABLE AS $$
DECLARE
    a accounts;
    p parties;
    b bookings;
BEGIN
    SELECT * INTO a FROM accounts WHERE account_id = account;
    SELECT * INTO p FROM parties WHERE account_id = account AND party_id = id;
    IF FOUND THEN
        RETURN json_build_object(
            'venue', venue_json(a), 'what', 'party', 'state', p.state, 'name', p.name, 'size', p.size,
            'language', p.language, 'ahead', parties_ahead(p), 'starts_at', NULL,
            'ready_by', CASE WHEN a.show_wait AND p.state IN ('waiting', 'almost')
                             THEN rfc3339(p.quoted_at + p.quote_max * interval '1 minute') END,
            'held_until', CASE WHEN p.ended_at IS NULL THEN rfc3339(p.held_until) END,
            'may', (SELECT json_agg(m) FROM unnest('{coming,more_time,leave}'::text[]) m
                    WHERE party_may(p, CASE m WHEN 'leave' THEN 'cancel' ELSE m END) = 'yes'));
    END IF;
    SELECT * INTO b FROM bookings WHERE account_id = account AND booking_id = id;
    RETURN json_build_object(
        'venue', venue_json(a), 'what', 'booking', 'state', b.state, 'name', b.name, 'size', b.size,
        'language', b.language, 'ahead', NULL, 'starts_at', rfc3339(b.starts_at), 'ready_by', NULL,
        'held_until', NULL,
        'may', (SELECT json_agg(m) FROM unnest('{coming,leave}'::text[]) m
                WHERE booking_may(b, CASE m WHEN 'leave' THEN 'cancel' ELSE 'confirm' END) = 'yes'));
END $$;

-- What a guest sees, after what they did, if they did something. Who taps sees the answer at once, so
-- none is texted.
CREATE OR REPLACE FUNCTION guest_page(secret text, action text, OUT status int, OUT body json)
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    at record;
BEGIN
    SELECT * INTO at FROM page_enter(secret);
    IF at.visit IS NULL THEN
        status := 404;
        body := problem('not_found', 'token', 'This page is no more. Ask the host.');
        RETURN;
    ELSIF at.what = 'booking' AND action = 'more_time' THEN
        status := 409;
        body := problem('conflict', NULL, 'A booking has its time. Call to move it.');
        RETURN;
    ELSIF at.what = 'party' AND action IS NOT NULL THEN
        SELECT d.status, d.body INTO status, body
        FROM party_do(at.account, 'guest', at.visit, CASE action WHEN 'leave' THEN 'cancel' ELSE action END,
                      NULL, false, '{}') d;
    ELSIF action IS NOT NULL THEN
        SELECT d.status, d.body INTO status, body
        FROM booking_do(at.account, 'guest', at.visit, CASE action WHEN 'leave' THEN 'cancel' ELSE 'confirm' END,
                        NULL, false, '{}') d;
    END IF;
    IF status >= 400 THEN
        RETURN;
    END IF;
    status := 200;
    body := page_json(at.account, at.visit);
END $$;

-- The same for a page of HTML: times as the guest reads them where the venue is, and the minutes that are
-- left of what they were told.
CREATE OR REPLACE FUNCTION guest_view(secret text, OUT status int, OUT body json)
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    zone     text;
    language text;
BEGIN
    SELECT g.status, g.body INTO status, body FROM guest_page(secret, NULL) g;
    IF status = 200 THEN
        zone := body -> 'venue' ->> 'zone';
        language := body ->> 'language';
        body := body::jsonb || jsonb_build_object(
            'when', when_text((body ->> 'starts_at')::timestamptz, zone, language),
            'held', clock_text((body ->> 'held_until')::timestamptz, zone, language),
            'ready', clock_text((body ->> 'ready_by')::timestamptz, zone, language),
            'minutes', ceil(extract(epoch FROM (body ->> 'ready_by')::timestamptz - now()) / 60)::int);
    END IF;
END $$;

-- The venue behind a code, with how long the line is; NULL when it lets nobody put themselves down.
CREATE OR REPLACE FUNCTION venue_enter(code text) RETURNS accounts LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    a accounts;
BEGIN
    SELECT * INTO a FROM accounts WHERE check_in_code = code AND check_in
                                     AND barred(account_id) IS DISTINCT FROM 'read_only';
    PERFORM scope_to(coalesce(a.account_id, ''));
    RETURN a;
END $$;

CREATE OR REPLACE FUNCTION venue_page(code text, OUT status int, OUT body json)
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    a accounts := venue_enter(code);
BEGIN
    status := CASE WHEN a.account_id IS NULL THEN 404 ELSE 200 END;
    body := CASE WHEN a.account_id IS NULL
                 THEN problem('not_found', 'code', 'Nobody can put themselves down here. Ask the host.')
                 ELSE json_build_object(
                     'venue', venue_json(a),
                     'waiting', (SELECT count(*) FROM parties p
                                 WHERE p.account_id = a.account_id AND p.ended_at IS NULL
                                   AND p.state <> 'pending'),
                     'wait_minutes', CASE WHEN a.show_wait THEN
                         (SELECT minutes FROM wait_estimate(a.account_id, 2, now())) END) END;
END $$;

-- A guest puts themselves down. They are in the line when staff have accepted; what is not accepted is
-- bounded, as anybody may knock.
CREATE OR REPLACE FUNCTION check_in(code text, id text, f jsonb, OUT status int, OUT body json)
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    a accounts := venue_enter(code);
    p parties;
BEGIN
    IF a.account_id IS NULL THEN
        SELECT v.status, v.body INTO status, body FROM venue_page(code) v;
        RETURN;
    ELSIF (SELECT count(*) FROM parties t
           WHERE t.account_id = a.account_id AND t.ended_at IS NULL AND t.state = 'pending') >= 100 THEN
        status := 409;
        body := problem('conflict', NULL, 'Too many wait to be let in. Ask the host.');
        RETURN;
    END IF;
    SELECT o.status, o.body INTO status, body
    FROM party_add(a.account_id, 'guest', id, f || jsonb_build_object('source', 'self')) o;
    IF status < 300 THEN
        SELECT * INTO p FROM parties WHERE account_id = a.account_id AND party_id = id;
        body := json_build_object('token', p.token, 'link', guest_link(p.token),
                                  'page', page_json(a.account_id, id));
    END IF;
END $$;

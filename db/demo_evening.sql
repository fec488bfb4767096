-- An evening at the demo restaurant of `maitred dev`: who can sign in, what staff say often, and, when it
-- has no party yet, a line and two bookings. By the API's own functions, so that guests are texted as
-- ever. Run again, it changes nothing.

-- Logins demo and host, both with the password Good-evening-2 (bcrypt, cost 12: see gateway/password.h).
INSERT INTO users (organisation_id, user_id, login, name, password_hash)
VALUES ('org_00000000000000000000000000', 'usr_00000000000000000000000001', 'demo', 'Dana',
        '$2b$12$SejlPSXfs/mltW4XMHPMnOUCErz4WGyM1gagk2WwWeC5IVXZ7.1my'),
       ('org_00000000000000000000000000', 'usr_00000000000000000000000002', 'host', 'Hugo',
        '$2b$12$YxsW/OwUUY6pXRuj/SShgOFT2ipeTkX31ci.FuRVJhxCrWidB7ChG')
ON CONFLICT DO NOTHING;

INSERT INTO memberships (account_id, user_id, role)
SELECT 'acc_00000000000000000000000000', m.user_id, m.role
FROM (VALUES ('usr_00000000000000000000000001', 'manager'),
             ('usr_00000000000000000000000002', 'host')) m (user_id, role)
JOIN users USING (user_id)
ON CONFLICT DO NOTHING;

INSERT INTO quick_replies (account_id, quick_reply_id, label, body)
SELECT 'acc_00000000000000000000000000', random_id('qrp'), label, body
FROM (VALUES ('Parking', 'You can park behind the house; tell the host your plate.'),
             ('Running late', 'We are running about 10 minutes late. Sorry, and thank you for waiting!'),
             ('High chair', 'A high chair is ready for you.')) r (label, body)
WHERE NOT EXISTS (SELECT FROM quick_replies WHERE account_id = 'acc_00000000000000000000000000');

DO $$
DECLARE
    account text := 'acc_00000000000000000000000000';
    staff   text := 'usr_00000000000000000000000002';
    today   date := (now() AT TIME ZONE (SELECT zone FROM accounts WHERE account_id = account))::date;
    g       record;
    id      text;
BEGIN
    PERFORM set_config('maitred.account', account, true);
    IF EXISTS (SELECT FROM parties WHERE account_id = account) THEN
        RETURN;
    END IF;
    UPDATE accounts SET check_in = true, phone = '+12125550100' WHERE account_id = account;
    FOR g IN SELECT * FROM (VALUES
        (24, 'Maria Lopez', 4, '+12125550101', 25, 'window', 'es'),
        (17, 'Sam Carter', 2, '+12125550102', 20, '', 'en'),
        (11, 'Chloé Martin', 3, '+12125550103', 30, 'stroller', 'fr'),
        (6, 'Priya Shah', 6, '+12125550104', 40, 'birthday', 'en'),
        (2, 'Tom Becker', 2, '+12125550105', 25, '', 'en')) v (ago, name, size, phone, quote, tags, language)
    LOOP
        id := random_id('pty');
        PERFORM party_add(account, staff, id, jsonb_build_object(
            'name', g.name, 'size', g.size, 'phone', g.phone, 'quote_max', g.quote, 'tags', nullif(g.tags, ''),
            'language', g.language, 'consent', 'verbal', 'source', 'host'));
        UPDATE parties SET created_at = now() - g.ago * interval '1 minute',
                           joined_at = now() - g.ago * interval '1 minute',
                           quoted_at = now() - g.ago * interval '1 minute'
        WHERE account_id = account AND party_id = id;
    END LOOP;
    FOR g IN SELECT * FROM (VALUES
        (date_trunc('hour', now()) + interval '3 hours', 'Elena Rossi', 5, '+12125550106', 'anniversary'),
        ((today + 1 + time '19:30') AT TIME ZONE (SELECT zone FROM accounts WHERE account_id = account),
         'Noah Kim', 2, '+12125550107', '')) v (at, name, size, phone, tags)
    LOOP
        PERFORM booking_add(account, staff, random_id('bkg'), jsonb_build_object(
            'name', g.name, 'size', g.size, 'phone', g.phone, 'tags', nullif(g.tags, ''),
            'starts_at', extract(epoch FROM g.at)::bigint * 1000, 'consent', 'verbal'));
    END LOOP;
END $$;

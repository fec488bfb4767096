-- The demo restaurant of `maitred dev`: one account, a number at each carrier, and a key that is
-- printed at start; and numbers for those who sign up. Run again, it changes nothing.
INSERT INTO organisations (organisation_id, name)
VALUES ('org_00000000000000000000000000', 'Chez Demo')
ON CONFLICT DO NOTHING;

-- no quiet hours: who tries it at night sees each text at once
INSERT INTO accounts (account_id, organisation_id, name, region, quiet_from, quiet_until)
VALUES ('acc_00000000000000000000000000', 'org_00000000000000000000000000', 'Chez Demo', 'US', '00:00', '00:00')
ON CONFLICT DO NOTHING;

INSERT INTO numbers (account_id, number_id, provider, phone)
VALUES ('acc_00000000000000000000000000', 'num_00000000000000000000000001', 'twilio', '+13125550002'),
       ('acc_00000000000000000000000000', 'num_00000000000000000000000002', 'telnyx', '+17735550002')
ON CONFLICT DO NOTHING;

INSERT INTO number_pool (provider, phone)
SELECT provider, phone
FROM generate_series(3, 99) i,
     LATERAL (VALUES ('twilio', '+131255500' || lpad(i::text, 2, '0')),
                     ('telnyx', '+177355500' || lpad(i::text, 2, '0'))) p (provider, phone)
WHERE phone NOT IN (SELECT n.phone FROM numbers n)
ON CONFLICT DO NOTHING;

-- SHA-256 of mk_demo_0000000000000000000000000000
INSERT INTO api_keys (account_id, key_id, name, hash)
VALUES ('acc_00000000000000000000000000', 'key_00000000000000000000000000', 'demo',
        '72c8cfc1960b64f64df8117e0b805b71853d91ee8ade37f489e1eb9b002eda7d')
ON CONFLICT DO NOTHING;

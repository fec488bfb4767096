CREATE OR REPLACE FUNCTION wait_estimate(account text, size int, at timestamptz, OUT minutes int, OUT basis text)
LANGUAGE sql STABLE BEGIN ATOMIC SELECT a.default_wait_minutes::int, 'default' FROM accounts a WHERE a.account_id = account; END;

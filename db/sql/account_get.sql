-- The account and its settings.
-- Returns status and body.
SELECT 200, account_json(a) FROM accounts a WHERE account_id = scope()

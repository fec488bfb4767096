-- The accounts that the caller may enter.
-- Returns status and body.
SELECT 200, json_build_object('data', my_accounts())

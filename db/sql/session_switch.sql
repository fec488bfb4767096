-- The caller's session, at another account that they may enter.
-- $1 account id.
-- Returns status and body.
WITH there AS (
    SELECT my_session_at($1::text) AS body
)
SELECT CASE WHEN body IS NULL THEN 404 ELSE 200 END,
       coalesce(body, problem('not_found', 'account_id', 'You have no such account.'))
FROM there

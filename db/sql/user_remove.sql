-- Takes somebody off the account; what they did stays theirs.
-- $1 user id.
-- Returns status and body.
WITH one AS MATERIALIZED (
    SELECT m.*, m.role = 'manager' AND NOT EXISTS (
               SELECT FROM memberships n JOIN users u USING (user_id)
               WHERE n.account_id = scope() AND n.role = 'manager' AND n.user_id <> m.user_id
                 AND u.disabled_at IS NULL) AS is_last
    FROM memberships m WHERE m.account_id = scope() AND m.user_id = $1::text FOR UPDATE
), gone AS (
    DELETE FROM memberships m USING one o
    WHERE m.account_id = o.account_id AND m.user_id = o.user_id AND NOT o.is_last
    RETURNING m.user_id
), told AS (
    SELECT audit('user.removed', user_id, '{}') FROM gone
), outcome AS (
    SELECT 200 AS status, json_build_object('id', user_id, 'state', 'removed') AS body FROM gone
    UNION ALL
    SELECT 409, problem('conflict', 'id', 'Nobody else manages this account.') FROM one WHERE is_last
    UNION ALL
    SELECT 404, nothing_here() WHERE NOT EXISTS (SELECT FROM one)
)
SELECT status, body, (SELECT count(*) FROM told) FROM outcome

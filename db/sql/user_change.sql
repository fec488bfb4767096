-- Changes one of the account's people; who is disabled is out at once. Somebody has to manage it.
-- $1 user id, $2 name, $3 role, $4 'true' or 'false': disabled; each or NULL.
-- Returns status and body.
WITH one AS MATERIALIZED (
    SELECT u.*, m.role FROM memberships m JOIN users u USING (user_id)
    WHERE m.account_id = scope() AND m.user_id = $1::text FOR UPDATE OF m, u
), judged AS MATERIALIZED (
    SELECT o.*, coalesce($3::text, role) AS new_role,
           coalesce($4::text::boolean, disabled_at IS NOT NULL) AS off,
           (coalesce($3::text, role) = 'host' OR coalesce($4::text::boolean, false))
           AND o.role = 'manager' AND NOT EXISTS (
               SELECT FROM memberships m JOIN users u USING (user_id)
               WHERE m.account_id = scope() AND m.role = 'manager' AND m.user_id <> o.user_id
                 AND u.disabled_at IS NULL) AS is_last
    FROM one o
), person AS (
    UPDATE users u SET name = coalesce($2::text, u.name),
                       disabled_at = CASE WHEN j.off THEN coalesce(u.disabled_at, now()) END
    FROM judged j WHERE u.user_id = j.user_id AND NOT j.is_last
    RETURNING u.*
), membership AS (
    UPDATE memberships m SET role = j.new_role FROM judged j
    WHERE m.account_id = scope() AND m.user_id = j.user_id AND NOT j.is_last
), out AS (
    SELECT sessions_end(user_id, NULL, 'disabled') FROM judged WHERE off AND NOT is_last
), told AS (
    SELECT audit(CASE WHEN off AND disabled_at IS NULL THEN 'user.disabled'
                      WHEN NOT off AND disabled_at IS NOT NULL THEN 'user.enabled'
                      ELSE 'user.changed' END, user_id,
                 json_build_object('role', new_role)) FROM judged WHERE NOT is_last
), outcome AS (
    SELECT 200 AS status, json_build_object(
        'id', p.user_id, 'login', p.login, 'name', p.name, 'role', j.new_role,
        'state', CASE WHEN p.disabled_at IS NULL THEN 'active' ELSE 'disabled' END) AS body
    FROM person p, judged j
    UNION ALL
    SELECT 409, problem('conflict', CASE WHEN off THEN 'disabled' ELSE 'role' END,
                        'Nobody else manages this account.') FROM judged WHERE is_last
    UNION ALL
    SELECT 404, nothing_here() WHERE NOT EXISTS (SELECT FROM one)
)
SELECT status, body, (SELECT count(*) FROM told), (SELECT count(*) FROM out) FROM outcome

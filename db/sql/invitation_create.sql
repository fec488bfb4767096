-- Invites somebody: a personal link goes to their address, for 30 days.
-- $1 address, $2 name, $3 role, $4 link id.
-- Returns status and body.
WITH written AS (
    INSERT INTO links (link_id, kind, account_id, organisation_id, login, name, role, invited_by,
                       expires_at)
    SELECT $4::text, 'invitation', scope(), scope_organisation(), $1::text, $2::text, $3::text,
           coalesce((SELECT name FROM users WHERE user_id = actor()), 'maitred'),
           now() + interval '30 days'
    WHERE scope_organisation() IS NOT NULL
    ON CONFLICT DO NOTHING
    RETURNING *
), told AS (
    SELECT pg_notify('maitred_mail', ''), audit('invitation.made', link_id, json_build_object('role', role))
    FROM written
)
SELECT a.*, (SELECT count(*) FROM told)
FROM answer(CASE WHEN scope_organisation() IS NULL THEN 409 ELSE 201 END,
            CASE WHEN scope_organisation() IS NULL
                 THEN problem('conflict', NULL, 'This account belongs to no organisation.')
                 ELSE json_build_object(
                     'id', $4::text, 'email', $1::text, 'name', $2::text, 'role', $3::text,
                     'state', 'waiting', 'mail', 'queued',
                     'expires_at', rfc3339(now() + interval '30 days')) END) a

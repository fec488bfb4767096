-- Takes an invitation back: its link works no more.
-- $1 link id.
-- Returns status and body.
WITH revoked AS (
    UPDATE links SET revoked_at = coalesce(revoked_at, now()), hash = NULL,
                     mail = CASE mail WHEN 'queued' THEN 'none' ELSE mail END
    WHERE account_id = scope() AND kind = 'invitation' AND link_id = $1::text AND used_at IS NULL
    RETURNING link_id
), told AS (
    SELECT audit('invitation.revoked', link_id, '{}') FROM revoked
)
SELECT CASE WHEN EXISTS (SELECT FROM revoked) THEN 200 ELSE 404 END,
       CASE WHEN EXISTS (SELECT FROM revoked)
            THEN (SELECT json_build_object('id', link_id, 'state', 'revoked') FROM revoked)
            ELSE problem('not_found', 'id', 'There is no open invitation with this id.') END,
       (SELECT count(*) FROM told)

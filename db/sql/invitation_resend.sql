-- Sends an invitation once more, with a new link for 30 days; the one before works no more.
-- $1 link id.
-- Returns status and body.
WITH one AS MATERIALIZED (
    SELECT *, mail <> 'none' AND used_at IS NULL AND revoked_at IS NULL
              AND gate_wait('mail ' || login, interval '5 min', 3) IS NULL AS may
    FROM links
    WHERE account_id = scope() AND kind = 'invitation' AND link_id = $1::text FOR UPDATE
), again AS (
    UPDATE links l SET hash = NULL, mail = 'queued', mail_due_at = now(), mail_tries = 0, mail_why = NULL,
                       expires_at = now() + interval '30 days'
    FROM one o WHERE l.link_id = o.link_id AND o.may
    RETURNING l.link_id
), told AS (
    SELECT pg_notify('maitred_mail', ''), audit('invitation.resent', link_id, '{}') FROM again
), outcome AS (
    SELECT CASE WHEN may THEN 200 ELSE 409 END AS status,
           CASE WHEN may THEN json_build_object('id', link_id, 'state', 'waiting', 'mail', 'queued')
                ELSE problem('conflict', NULL, 'It was used, revoked, or sent a moment ago.') END AS body
    FROM one
    UNION ALL
    SELECT 404, nothing_here() WHERE NOT EXISTS (SELECT FROM one)
)
SELECT a.*, (SELECT count(*) FROM told) FROM outcome o, answer(o.status, o.body) a

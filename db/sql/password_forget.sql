-- Somebody has forgotten their password: a link goes to their address, if it is a user's. Whether it
-- is, nobody learns: a row is written either way.
-- $1 link id, $2 address, $3 client's address.
-- Returns status and body.
WITH gate AS MATERIALIZED (
    SELECT greatest(gate_wait('forgot ' || coalesce($3::text, ''), interval '20 s', 20),
                    gate_wait('mail ' || $2::text, interval '5 min', 3)) AS busy
), person AS (
    SELECT * FROM users WHERE login = $2::text AND disabled_at IS NULL
), written AS (
    INSERT INTO links (link_id, kind, organisation_id, user_id, login, name, expires_at, mail)
    SELECT $1::text, 'reset', p.organisation_id, p.user_id, $2::text, coalesce(p.name, ''),
           now() + interval '30 minutes', CASE WHEN p.user_id IS NULL THEN 'none' ELSE 'queued' END
    FROM gate LEFT JOIN person p ON true WHERE busy IS NULL
    ON CONFLICT DO NOTHING
    RETURNING link_id
), told AS (
    SELECT pg_notify('maitred_mail', '') FROM written
)
SELECT CASE WHEN busy IS NULL THEN 202 ELSE 429 END,
       CASE WHEN busy IS NULL THEN json_build_object('mail', 'queued')
            ELSE problem('rate_limited', NULL, 'Too many requests from here, or for this address. '
                         'Wait a few minutes.') END,
       (SELECT count(*) FROM told)
FROM gate

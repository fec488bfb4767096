-- Somebody wants an account: a link goes to their address. When it has a user already, they are told
-- so there, and nobody else is; the answer is the same.
-- $1 link id, $2 address, $3 name, $4 venue, $5 zone or NULL, $6 region or NULL, $7 password's hash,
-- $8 client's address.
-- Returns status and body.
WITH gate AS MATERIALIZED (
    SELECT greatest(gate_wait('signup ' || coalesce($8::text, ''), interval '20 s', 20),
                    gate_wait('mail ' || $2::text, interval '5 min', 3)) AS busy
), known AS (
    SELECT EXISTS (SELECT FROM users WHERE login = $2::text) AS known
), written AS (
    INSERT INTO links (link_id, kind, login, name, venue, password_hash, expires_at)
    SELECT $1::text, CASE WHEN known THEN 'notice' ELSE 'signup' END, $2::text, $3::text,
           jsonb_build_object('name', $4::text, 'zone', coalesce($5::text, 'America/New_York'),
                              'region', coalesce($6::text, 'US')),
           CASE WHEN NOT known THEN $7::text END, now() + interval '24 hours'
    FROM known WHERE (SELECT busy FROM gate) IS NULL
    ON CONFLICT DO NOTHING
    RETURNING link_id
), told AS (
    SELECT pg_notify('maitred_mail', '') FROM written
)
SELECT CASE WHEN busy IS NULL THEN 202 ELSE 429 END,
       CASE WHEN busy IS NULL THEN json_build_object('mail', 'queued')
            ELSE problem('rate_limited', NULL, 'Too many sign-ups from here, or for this address. '
                         'Wait a few minutes.') END,
       (SELECT count(*) FROM told)
FROM gate

-- Somebody tries a password: may they now, and what is it held against? An unknown login is treated
-- like a known one. Where the user has come in before, tries from elsewhere do not count.
-- $1 login, $2 client's address.
-- Returns seconds to wait (0: none), user id and password's hash, or NULL.
WITH person AS (
    SELECT * FROM users
    WHERE login = lower($1::text) AND disabled_at IS NULL AND password_hash IS NOT NULL
), place AS (
    SELECT CASE WHEN EXISTS (SELECT FROM sessions s JOIN person p USING (user_id)
                             WHERE s.ip = $2::text AND s.created_at > now() - interval '30 days')
                THEN 'login ' || lower($1::text) || ' ' || $2::text
                ELSE 'login ' || lower($1::text) END AS gate
), gate AS MATERIALIZED (
    SELECT greatest(gate_wait('address ' || coalesce($2::text, ''), interval '3 s', 60),
                    gate_wait(gate, interval '90 s', 10)) AS busy
    FROM place
)
SELECT CASE WHEN busy IS NULL THEN 0 ELSE ceil(extract(epoch FROM busy))::bigint END,
       p.user_id, p.password_hash
FROM gate LEFT JOIN person p ON true

-- Changes the account's settings.
-- $1 name, $2 zone, $3 quiet from, $4 quiet until, $5 help; each or NULL.
-- Returns status and body.
WITH fit AS (
    SELECT $2::text IS NULL OR EXISTS (SELECT FROM pg_timezone_names WHERE name = $2::text) AS zone
), changed AS (
    UPDATE accounts SET name = coalesce($1::text, name), zone = coalesce($2::text, zone),
                        quiet_from = coalesce($3::text::time, quiet_from),
                        quiet_until = coalesce($4::text::time, quiet_until),
                        help = coalesce($5::text, help)
    WHERE account_id = scope() AND (SELECT zone FROM fit)
    RETURNING accounts
), told AS (
    SELECT audit('account.changed', scope(), json_strip_nulls(json_build_object(
               'name', $1::text, 'zone', $2::text, 'quiet_from', $3::text, 'quiet_until', $4::text)))
    FROM changed
)
SELECT CASE WHEN zone THEN 200 ELSE 422 END,
       CASE WHEN zone THEN (SELECT account_json(accounts) FROM changed)
            ELSE problem('invalid_field', 'zone', 'It must be a time zone like America/Chicago.') END,
       (SELECT count(*) FROM told)
FROM fit

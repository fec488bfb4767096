-- What a link is for, before its password is chosen.
-- $1 SHA-256 of its secret.
-- Returns a row: kind, login, name, venue; or none.
SELECT kind, login, l.name, coalesce(a.name, venue ->> 'name', '')
FROM links l LEFT JOIN accounts a USING (account_id)
WHERE hash = $1::text AND used_at IS NULL AND revoked_at IS NULL AND expires_at > now()

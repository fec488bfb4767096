-- The account prefers this carrier.
-- $1 SHA-256 of the caller's key (hexadecimal), $2 the carrier, or NULL for the deployment's order.
-- Returns one row: is the key ours, what holds now as JSON.
WITH changed AS (
    UPDATE accounts a SET carrier = $2::text
    FROM api_keys k
    WHERE k.hash = $1::text AND k.revoked_at IS NULL AND a.account_id = k.account_id
    RETURNING a.carrier
)
SELECT EXISTS (SELECT FROM changed), (SELECT json_build_object('carrier', carrier) FROM changed)

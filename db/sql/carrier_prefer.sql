-- The account prefers this carrier.
-- $1 the carrier, or 'none' for the deployment's order.
-- Returns status and body.
WITH changed AS (
    UPDATE accounts SET carrier = nullif($1::text, 'none') WHERE account_id = scope()
    RETURNING carrier
)
SELECT a.*, audit('carrier.preferred', NULL, json_build_object('carrier', carrier))
FROM changed, answer(200, json_build_object('carrier', carrier)) a

-- A number sends from this carrier now, and from no other; there it still listens.
-- $1 carrier, $2 number.
-- Returns one row: how many there are at this carrier.
WITH switched AS (
    UPDATE numbers n SET sends = (n.provider = $1::text)
    WHERE n.phone = $2::text
      AND EXISTS (SELECT FROM numbers o WHERE o.account_id = n.account_id AND o.phone = n.phone
                                          AND o.provider = $1::text)
    RETURNING n.sends
)
SELECT count(*) FROM switched WHERE sends

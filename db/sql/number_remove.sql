-- A number is at this carrier no more. One that sends stays.
-- $1 carrier, $2 number.
-- Returns one row: how many went; how many there are that send.
WITH gone AS (
    DELETE FROM numbers WHERE provider = $1::text AND phone = $2::text AND NOT sends RETURNING phone
)
SELECT (SELECT count(*) FROM gone),
       (SELECT count(*) FROM numbers WHERE provider = $1::text AND phone = $2::text AND sends)

-- One of our numbers, for an account to come.
-- $1 carrier, $2 number, $3 kind.
-- Returns one row: 1 when an account has it already, else 0; how many wait at that carrier.
WITH taken AS (
    SELECT EXISTS (SELECT FROM numbers WHERE provider = $1::text AND phone = $2::text) AS known
), added AS (
    INSERT INTO number_pool (provider, phone, kind)
    SELECT $1::text, $2::text, $3::text FROM taken WHERE NOT known
    ON CONFLICT (provider, phone) DO UPDATE SET kind = excluded.kind
    RETURNING phone
)
SELECT known::int, (SELECT count(*) FROM number_pool p
                    WHERE p.provider = $1::text AND p.phone <> $2::text)
                   + (SELECT count(*) FROM added)
FROM taken

-- A number of an account that is to move to another carrier: from now on it listens there as well.
-- $1 carrier, $2 number, $3 an id for it.
-- Returns one row: how many accounts have the number; 1 when it was added now.
WITH ours AS (
    SELECT DISTINCT ON (account_id) * FROM numbers WHERE phone = $2::text ORDER BY account_id, sends DESC
), added AS (
    INSERT INTO numbers (account_id, number_id, provider, phone, kind, segments_per_s, calls, sends)
    SELECT account_id, $3::text, $1::text, phone, kind, segments_per_s, calls, false FROM ours
    ON CONFLICT (provider, phone) DO NOTHING
    RETURNING phone
)
SELECT (SELECT count(*) FROM ours), (SELECT count(*) FROM added)

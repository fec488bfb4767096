-- Erases again whoever has a number with this hash, after a restore; not who came back since.
-- $1 account, $2 hash, $3 when they were erased (Unix ms) or NULL, $4 the erasure's id.
-- Returns how many there were: 0 or 1.
SELECT erase_again($1::text, $2::text, from_ms($3::bigint), $4::text)

-- Erases again whoever has a number with this hash, after a restore.
-- $1 account, $2 hash, $3 the erasure's id.
-- Returns how many there were: 0 or 1.
SELECT erase_again($1::text, $2::text, $3::text)

-- Lets a party in that put itself down.
-- $1 party id, $2 version that the caller saw, $3 text the guest, $4 quote from and $5 to
-- (minutes); each but the id may be NULL.
-- Returns status and body.
SELECT a.*
FROM party_do(scope(), actor(), $1::text, 'accept', $2::bigint, $3::text::boolean, jsonb_strip_nulls(
         jsonb_build_object('quote_min', $4::bigint, 'quote_max', $5::bigint))) o,
     answer(o.status, o.body) a

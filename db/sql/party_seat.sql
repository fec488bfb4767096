-- The party is seated.
-- $1 party id, $2 version that the caller saw, $3 text the guest, $4 where; each but the id may be NULL.
-- Returns status and body.
SELECT a.*
FROM party_do(scope(), actor(), $1::text, 'seat', $2::bigint, $3::text::boolean, jsonb_strip_nulls(
         jsonb_build_object('seat', $4::text))) o,
     answer(o.status, o.body) a

-- The party gets more time.
-- $1 party id, $2 version that the caller saw, $3 text the guest, $4 minutes; each but the id may be NULL.
-- Returns status and body.
SELECT a.*
FROM party_do(scope(), actor(), $1::text, 'more_time', $2::bigint, $3::text::boolean, jsonb_strip_nulls(
         jsonb_build_object('minutes', $4::bigint))) o,
     answer(o.status, o.body) a

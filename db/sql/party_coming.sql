-- The party is on its way.
-- $1 party id, $2 version that the caller saw, $3 text the guest, $4 who said so; each but the id may be NULL.
-- Returns status and body.
SELECT a.*
FROM party_do(scope(), actor(), $1::text, 'coming', $2::bigint, $3::text::boolean, jsonb_strip_nulls(
         jsonb_build_object('by', $4::text))) o,
     answer(o.status, o.body) a

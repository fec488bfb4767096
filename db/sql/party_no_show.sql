-- The party did not come when called.
-- $1 party id, $2 version that the caller saw, $3 text the guest; each but the id may be NULL.
-- Returns status and body.
SELECT a.*
FROM party_do(scope(), actor(), $1::text, 'no_show', $2::bigint, $3::text::boolean, '{}') o,
     answer(o.status, o.body) a

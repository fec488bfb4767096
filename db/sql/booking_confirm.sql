-- The guest has confirmed to staff.
-- $1 booking id, $2 version that the caller saw, $3 text the guest; each but the id may be NULL.
-- Returns status and body.
SELECT a.*
FROM booking_do(scope(), actor(), $1::text, 'confirm', $2::bigint, $3::text::boolean, '{}') o,
     answer(o.status, o.body) a

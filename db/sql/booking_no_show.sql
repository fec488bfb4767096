-- The guest of a booking did not come.
-- $1 booking id, $2 version that the caller saw, or NULL.
-- Returns status and body.
SELECT a.*
FROM booking_do(scope(), actor(), $1::text, 'no_show', $2::bigint, NULL, '{}') o,
     answer(o.status, o.body) a

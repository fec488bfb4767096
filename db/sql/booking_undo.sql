-- Takes back the last thing that was done with a booking.
-- $1 booking id, $2 version that the caller saw, or NULL.
-- Returns status and body.
SELECT a.*
FROM booking_do(scope(), actor(), $1::text, 'undo', $2::bigint, NULL, '{}') o,
     answer(o.status, o.body) a

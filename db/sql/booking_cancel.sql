-- Cancels a booking.
-- $1 booking id, $2 version that the caller saw, $3 text the guest, $4 whose wish it was; each but the id may be NULL.
-- Returns status and body.
SELECT a.*
FROM booking_do(scope(), actor(), $1::text, 'cancel', $2::bigint, $3::text::boolean, jsonb_strip_nulls(
         jsonb_build_object('by', $4::text))) o,
     answer(o.status, o.body) a

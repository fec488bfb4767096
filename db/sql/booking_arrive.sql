-- The guest of a booking is here, and a party of the waitlist.
-- $1 booking id, $2 version that the caller saw, $3 text the guest; both may be NULL; $4 the party's id.
-- Returns status and body.
SELECT a.*
FROM booking_arrive(scope(), actor(), $1::text, $2::bigint, $3::text::boolean, $4::text) o,
     answer(o.status, o.body) a

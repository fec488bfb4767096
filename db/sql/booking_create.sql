-- A booking.
-- $1 when (Unix ms), $2 size, $3 name, $4 phone, $5 notes, $6 tags, $7 language, $8 how the guest agreed to be
-- texted, $9 text them; from $3 each may be NULL; $10 its id.
-- Returns status and body.
SELECT a.*
FROM booking_add(scope(), actor(), $10::text, jsonb_strip_nulls(jsonb_build_object(
         'starts_at', $1::bigint, 'size', $2::bigint, 'name', $3::text, 'phone', $4::text,
         'notes', $5::text, 'tags', $6::text, 'language', $7::text, 'consent', $8::text,
         'text', $9::text::boolean))) o,
     answer(o.status, o.body) a

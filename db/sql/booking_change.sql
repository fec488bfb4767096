-- Changes or moves a booking.
-- $1 booking id, $2 version that the caller saw, $3 when (Unix ms), $4 size, $5 name, $6 notes, $7 tags,
-- $8 language, $9 texts are welcome, $10 text them now; each or NULL.
-- Returns status and body.
SELECT a.*
FROM booking_edit(scope(), actor(), $1::text, jsonb_strip_nulls(jsonb_build_object(
         'version', $2::bigint, 'starts_at', $3::bigint, 'size', $4::bigint, 'name', $5::text,
         'notes', $6::text, 'tags', $7::text, 'language', $8::text, 'texts', $9::text::boolean,
         'text', $10::text::boolean))) o,
     answer(o.status, o.body) a

-- Changes what is known of a party.
-- $1 party id, $2 version that the caller saw, $3 name, $4 size, $5 phone, $6 quote from and $7 to (minutes),
-- $8 notes, $9 tags, $10 language, $11 seat, $12 texts are welcome, $13 text them now; each or NULL.
-- Returns status and body.
SELECT a.*
FROM party_edit(scope(), actor(), $1::text, jsonb_strip_nulls(jsonb_build_object(
         'version', $2::bigint, 'name', $3::text, 'size', $4::bigint, 'phone', $5::text,
         'quote_min', $6::bigint, 'quote_max', $7::bigint, 'notes', $8::text, 'tags', $9::text,
         'language', $10::text, 'seat', $11::text, 'texts', $12::text::boolean,
         'text', $13::text::boolean))) o,
     answer(o.status, o.body) a

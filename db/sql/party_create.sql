-- A party for the waitlist.
-- $1 name, $2 size, $3 phone, $4 quote from and $5 to (minutes), $6 notes, $7 tags, $8 language, $9 seat,
-- $10 how the guest agreed to be texted, $11 text them; all but the size may be NULL; $12 its id.
-- Returns status and body.
SELECT a.*
FROM party_add(scope(), actor(), $12::text, jsonb_strip_nulls(jsonb_build_object(
         'name', $1::text, 'size', $2::bigint, 'phone', $3::text, 'quote_min', $4::bigint,
         'quote_max', $5::bigint, 'notes', $6::text, 'tags', $7::text, 'language', $8::text,
         'seat', $9::text, 'consent', $10::text, 'text', $11::text::boolean,
         'source', CASE WHEN actor() LIKE 'key%' THEN 'api' ELSE 'host' END))) o,
     answer(o.status, o.body) a

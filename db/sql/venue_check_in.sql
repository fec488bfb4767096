-- A guest puts themselves down; they are let in by staff.
-- $1 code of the venue, $2 name, $3 size, $4 phone or NULL, $5 language or NULL, $6 whether they agree to be
-- texted, or NULL, $7 the party's id.
-- Returns status and body.
SELECT status, body
FROM check_in($1::text, $7::text, jsonb_strip_nulls(jsonb_build_object(
         'name', $2::text, 'size', $3::bigint, 'phone', $4::text, 'language', $5::text,
         'consent', CASE $6::text WHEN 'true' THEN 'web' ELSE 'none' END)))

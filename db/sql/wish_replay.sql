-- Does again, after a restore, what a guest had wished for: erases whoever has a number with this hash,
-- or notes what they said about being texted; not what is known, nor of who came back or spoke since.
-- A text of an erased guest is not fetched again from the carrier's list.
-- $1 account, $2 hash, or the carrier's id of a text, $3 when (Unix ms) or NULL, $4 an id for it, $5 what: erased, stop, start, flag, clear,
-- text;-- $6 by whom: staff, or a carrier.
-- Returns how often that changed something: 0 or 1.
SELECT CASE $5::text WHEN 'erased' THEN erase_again($1::text, $2::text, from_ms($3::bigint), $4::text)
       WHEN 'text' THEN not_missed($1::text, $6::text, $2::text, from_ms($3::bigint))
       ELSE said_again($1::text, $2::text, from_ms($3::bigint), $4::text, $5::text,
                       $6::text) END

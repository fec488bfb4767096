-- Calls the next party that fits: two who ask at once get two.
-- $1 at most, $2 at least so many people, $3 tell them, $4 how: sms, voice, auto, $5 after how many
-- seconds the text leaves; each may be NULL.
-- Returns status and body.
SELECT a.*
FROM party_next(scope(), actor(), $1::bigint, $2::bigint, $3::text::boolean,
                jsonb_strip_nulls(jsonb_build_object('channel', $4::text, 'undo_s', $5::bigint))) o,
     answer(o.status, o.body) a

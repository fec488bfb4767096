-- Tells a party that its table is ready, or that it is still held.
-- $1 party id, $2 version that the caller saw, $3 tell the guest, $4 how: sms, voice, auto, $5 after how
-- many seconds the text leaves; each but the id may be NULL.
-- Returns status and body.
SELECT a.*
FROM party_do(scope(), actor(), $1::text, 'notify', $2::bigint, $3::text::boolean,
              jsonb_strip_nulls(jsonb_build_object('channel', $4::text, 'undo_s', $5::bigint))) o,
     answer(o.status, o.body) a

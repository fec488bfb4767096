-- Takes back the last thing that was done with a party.
-- $1 party id, $2 version that the caller saw, or NULL.
-- Returns status and body.
SELECT a.*
FROM party_do(scope(), actor(), $1::text, 'undo', $2::bigint, NULL, '{}') o,
     answer(o.status, o.body) a

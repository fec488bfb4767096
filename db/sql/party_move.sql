-- Puts a party behind another in the line, or first.
-- $1 party id, $2 the one it is behind, or NULL: first.
-- Returns status and body.
SELECT a.* FROM party_move(scope(), actor(), $1::text, $2::text) o, answer(o.status, o.body) a

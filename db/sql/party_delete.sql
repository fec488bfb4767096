-- Takes a party off as if it had never been there.
-- $1 party id.
-- Returns status and body.
SELECT a.* FROM party_delete(scope(), $1::text) o, answer(o.status, o.body) a

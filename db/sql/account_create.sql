-- One more account for the organisation, managed by the caller.
-- $1 name, $2 zone or NULL, $3 region or NULL, $4 account id.
-- Returns status and body.
SELECT a.* FROM account_add($1::text, $2::text, $3::text, $4::text) o, answer(o.status, o.body) a

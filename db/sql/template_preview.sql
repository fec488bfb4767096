-- What a guest would read. Nothing is kept of it, not even for an Idempotency-Key.
-- $1 event, $2 language, $3 body or NULL: the account's, $4 the guest's name or NULL, $5 size or NULL.
-- Returns status and body.
SELECT p.status, p.reply FROM template_preview($1::text, $2::text, $3::text, $4::text, $5::bigint) p

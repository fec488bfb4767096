-- Changes what guests are told of an event, in a language; what is NULL stays.
-- $1 event, $2 language, $3 body or NULL, $4 'true': it goes out by itself, 'false' or NULL.
-- Returns status and body.
SELECT a.* FROM template_change($1::text, $2::text, $3::text, $4::text::boolean) c, answer(c.status, c.reply) a

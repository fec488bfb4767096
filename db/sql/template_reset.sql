-- Back to the default words for an event, in a language.
-- $1 event, $2 language.
-- Returns status and body.
SELECT a.* FROM template_reset($1::text, $2::text) c, answer(c.status, c.reply) a

-- What staff write to a guest, in the thread: about their open visit, if they have one.
-- $1 conversation id, $2 words, $3 the message's id.
-- Returns status and body.
SELECT a.* FROM say_freely(scope(), $1::text, $2::text, $3::text) o, answer(o.status, o.body) a

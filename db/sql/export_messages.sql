-- A page of a CSV file of messages, in the order in which they were made. Not what was said: the file
-- is about what became of it.
-- $1 since and $2 until when (ms), $3 the last id of the page before, or NULL, $4 how many.
-- Returns the place behind each row, then its cells.
-- The last id is a value of its own, so that the index leads to it.
SELECT m.message_id, m.message_id, local_time(m.created_at, a.zone), m.direction, m.channel, m.kind,
       masked_phone(m.phone), m.visit, m.segments, m.state, m.code, m.reason, m.provider,
       local_time(m.ended_at, a.zone)
FROM messages m JOIN accounts a USING (account_id)
WHERE m.account_id = scope() AND m.message_id >= id_of('msg', from_ms($1::bigint), 0)
  AND m.message_id < id_of('msg', from_ms($2::bigint), 0)
  AND m.message_id > (SELECT coalesce($3::text, ''))
ORDER BY m.message_id LIMIT $4::bigint

-- A page of a CSV file of bookings, in the order of the times that they are for.
-- $1 since and $2 until when (ms), $3 the place behind the last row of the page before, or NULL,
-- $4 how many.
-- Returns the place behind each row, then its cells.
-- The place is a value of its own, so that the index leads to it.
SELECT place_text(b.starts_at, b.booking_id), b.booking_id, local_time(b.starts_at, a.zone),
       local_time(b.created_at, a.zone), local_time(b.ended_at, a.zone), b.name,
       (SELECT masked_phone(c.phone) FROM conversations c
        WHERE c.account_id = scope() AND c.conversation_id = b.conversation_id),
       b.size, b.language, b.source, b.state, b.ended_by, local_time(b.asked_at, a.zone),
       local_time(b.answered_at, a.zone), array_to_string(b.tags, ' '), b.party_id
FROM bookings b JOIN accounts a USING (account_id)
WHERE b.account_id = scope() AND b.starts_at >= from_ms($1::bigint) AND b.starts_at < from_ms($2::bigint)
  AND (b.starts_at, b.booking_id) > ((SELECT place_time($3::text)), (SELECT place_id($3::text)))
ORDER BY b.starts_at, b.booking_id LIMIT $4::bigint

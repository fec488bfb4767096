-- A page of a CSV file of parties, in the order in which they were put down.
-- $1 since and $2 until when (ms), $3 the place behind the last row of the page before, or NULL,
-- $4 how many.
-- Returns the place behind each row, then its cells.
-- The place is a value of its own, so that the index leads to it.
SELECT place_text(p.created_at, p.party_id), p.party_id, local_time(p.created_at, a.zone),
       local_time(p.joined_at, a.zone), local_time(p.ended_at, a.zone), p.name,
       (SELECT masked_phone(c.phone) FROM conversations c
        WHERE c.account_id = scope() AND c.conversation_id = p.conversation_id),
       p.size, p.language, p.source, p.state, p.ended_by, p.quote_min, p.quote_max,
       local_time(p.quoted_at, a.zone), p.notices, local_time(p.notified_at, a.zone),
       local_time(p.asked_at, a.zone), local_time(p.answered_at, a.zone),
       CASE p.state WHEN 'seated' THEN round(extract(epoch FROM p.ended_at - p.joined_at)) END,
       p.seat, array_to_string(p.tags, ' '), p.booking_id
FROM parties p JOIN accounts a USING (account_id)
WHERE p.account_id = scope() AND p.created_at >= from_ms($1::bigint) AND p.created_at < from_ms($2::bigint)
  AND (p.created_at, p.party_id) > ((SELECT place_time($3::text)), (SELECT place_id($3::text)))
ORDER BY p.created_at, p.party_id LIMIT $4::bigint

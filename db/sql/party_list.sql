-- The waitlist, in the order of the line; or what has ended, the latest first.
-- $1 'open' or 'ended', or NULL: open, $2 the last id of the page before, or NULL, $3 limit, or NULL.
-- Returns status and body.
SELECT 200, CASE WHEN $1::text = 'ended' THEN
    (SELECT page_text(array_agg(id), array_agg(text), coalesce($3::bigint, 50))
     FROM (SELECT p.party_id AS id, party_json(p)::text AS text
           FROM parties p
           WHERE p.account_id = scope() AND p.ended_at IS NOT NULL AND p.party_id < (SELECT coalesce($2::text, '~'))
           ORDER BY p.party_id DESC LIMIT coalesce($3::bigint, 50) + 1) f)
ELSE
    (SELECT page_text(array_agg(id), array_agg(text), coalesce($3::bigint, 50))
     FROM (SELECT p.party_id AS id, party_json(p)::text AS text
           FROM parties p
           WHERE p.account_id = scope() AND p.ended_at IS NULL
             AND ($2::text IS NULL OR (p.place, p.party_id) >
                  (SELECT b.place, b.party_id FROM parties b
                   WHERE b.account_id = scope() AND b.party_id = $2::text))
           ORDER BY p.place, p.party_id LIMIT coalesce($3::bigint, 50) + 1) f)
END

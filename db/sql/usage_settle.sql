-- What became of posting a usage. What Recurly refuses is tried again, and dropped after 30 days.
-- $1 account, $2 day, $3 seq, $4 the claim, $5 Recurly's id; or NULL: not posted, or not known; $6 after how
-- long (ms; NULL: by how often it was tried, 30 s to an hour) again, $7 why, or NULL.
-- Returns its state; no row: it was another's by then.
UPDATE usage_posts
SET claimed_by = NULL, usage_id = $5::text, why = $7::text,
    state = CASE WHEN $5::text IS NOT NULL THEN 'posted'
                 WHEN made_at < now() - interval '30 days' THEN 'dropped' ELSE 'waiting' END,
    posted_at = CASE WHEN $5::text IS NOT NULL THEN now() END,
    due_at = now() + coalesce($6::bigint * interval '1 millisecond',
                              least(30 * 2 ^ least(tries - 1, 7), 3600) * interval '1 second')
WHERE account_id = $1::text AND day = $2::text::date AND seq = $3::bigint AND claimed_by = $4::text
  AND state = 'waiting'
RETURNING state

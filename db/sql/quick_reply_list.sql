-- The account's quick replies, by their labels: at most fifty, so there is one page.
-- No parameters.
-- Returns status and body.
SELECT 200, json_build_object(
    'data', coalesce((SELECT json_agg(quick_reply_json(q) ORDER BY q.label, q.quick_reply_id)
                      FROM quick_replies q WHERE q.account_id = scope()), '[]'),
    'next_cursor', NULL)

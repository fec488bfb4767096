-- The account's endpoints for webhooks, newest first: at most ten, so there is one page.
-- No parameters.
SELECT a.*
FROM answer(200, json_build_object(
    'data', coalesce((SELECT json_agg(shown_endpoint(e) ORDER BY e.endpoint_id DESC)
                      FROM endpoints e WHERE e.account_id = scope()), '[]'),
    'next_cursor', NULL)) a

-- The subscription as managers see it, the page to manage it, and what was posted of late.
-- Returns status and body.
SELECT 200, json_build_object(
    'billing', billing_json(scope()),
    'manage_url', CASE WHEN billing_json(scope()) IS NOT NULL AND actor() LIKE 'usr%' THEN
        (SELECT manage_url FROM billing WHERE account_id = scope()) END,
    'usage', (SELECT coalesce(json_agg(json_build_object(
                  'day', p.day, 'kind', p.kind, 'amount', p.amount, 'state', p.state, 'why', p.why)
                  ORDER BY p.day DESC, p.seq DESC), '[]')
              FROM (SELECT * FROM usage_posts WHERE account_id = scope()
                    ORDER BY day DESC, seq DESC LIMIT 62) p))

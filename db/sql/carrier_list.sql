-- How the carriers are, and what happened to them lately.
-- Returns status and body.
WITH described AS (
    SELECT c.provider, json_build_object(
        'carrier', c.provider,
        'state', CASE WHEN c.drained_at IS NOT NULL THEN 'drained'
                      WHEN s.state = 'open' THEN 'out'
                      WHEN s.shift > 0 THEN 'recovering' ELSE 'well' END,
        'preferred', c.provider = (SELECT carrier FROM accounts WHERE account_id = scope()),
        'share_percent', CASE WHEN c.drained_at IS NOT NULL OR s.state = 'open' THEN 0
                              ELSE 100 - s.shift END,
        'out_until', CASE s.state WHEN 'open' THEN rfc3339(s.open_until) END,
        'can_be_asked', k.state = 'closed',
        'drained', CASE WHEN c.drained_at IS NOT NULL THEN
            json_build_object('since', rfc3339(c.drained_at), 'why', c.drained_why) END,
        'webhook_may_be_broken_since', rfc3339(c.alarmed_at),
        'changed_at', rfc3339(s.changed_at),
        'history', (SELECT coalesce(json_agg(json_build_object(
                        'at', rfc3339(e.at), 'operation', e.operation, 'what', e.what,
                        'by', e.who, 'reason', e.reason) ORDER BY e.event_id DESC), '[]')
                    FROM (SELECT * FROM carrier_events e WHERE e.provider = c.provider
                          ORDER BY e.event_id DESC LIMIT 50) e)) AS json
    FROM carriers c
    JOIN breakers s ON s.provider = c.provider AND s.operation = 'send'
    JOIN breakers k ON k.provider = c.provider AND k.operation = 'ask'
)
SELECT 200, json_build_object('data', coalesce(json_agg(json ORDER BY provider), '[]')) FROM described

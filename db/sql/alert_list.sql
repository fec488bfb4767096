-- What is wrong now, by its causes; the worst first, then the latest.
-- No parameters.
-- Returns status and body.
WITH failing AS MATERIALIZED (
    SELECT * FROM message_alerts()
), found AS (
    SELECT * FROM failing
    UNION ALL
    SELECT * FROM refusal_alerts() r WHERE NOT EXISTS (SELECT FROM failing f WHERE f.code = r.code)
    UNION ALL
    SELECT * FROM carrier_alerts()
    UNION ALL
    SELECT * FROM staff_alerts()
), causes AS (
    SELECT cause, code, carrier, level, title, fix, count(*) AS n, min(at) AS first_at,
           max(at) AS last_at, (array_agg(id ORDER BY at DESC) FILTER (WHERE id IS NOT NULL))[:3] AS ids
    FROM found GROUP BY cause, code, carrier, level, title, fix
)
SELECT 200, json_build_object('data', coalesce(json_agg(json_build_object(
    'cause', cause, 'code', code, 'carrier', carrier, 'level', level, 'title', title, 'fix', fix,
    'count', n, 'first_at', rfc3339(first_at), 'last_at', rfc3339(last_at),
    'examples', coalesce(ids, '{}')) ORDER BY level, last_at DESC, cause, code, title), '[]'))
FROM causes

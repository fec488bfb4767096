-- Whether each entry still covers the one before it.
-- Returns status and body.
WITH chain AS (
    SELECT l.ordinal, l.hash,
           l.hash = audit_hash(coalesce(lag(l.hash) OVER w, ''), l)
           AND l.ordinal = coalesce(lag(l.ordinal) OVER w, 0) + 1 AS holds
    FROM audit_log l WHERE l.account_id = scope()
    WINDOW w AS (ORDER BY l.ordinal)
)
SELECT 200, json_build_object(
    'entries', count(*), 'intact', coalesce(bool_and(holds), true),
    'broken_at', min(ordinal) FILTER (WHERE NOT holds),
    'head', (SELECT encode(hash, 'hex') FROM chain ORDER BY ordinal DESC LIMIT 1))
FROM chain

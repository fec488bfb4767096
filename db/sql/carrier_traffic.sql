-- What the account's carriers did of late, step by step; and when another one took over.
-- $1 how many minutes back, or NULL.
-- Returns status and body.
WITH span AS MATERIALIZED ( -- the last step is the one that runs
    SELECT m.minutes, s.step, ceil(m.minutes * 60 / extract(epoch FROM s.step))::int AS points,
           date_bin(s.step, now(), 'epoch') AS until
    FROM (SELECT coalesce($1::bigint, 60) AS minutes) m
    CROSS JOIN LATERAL (SELECT ceil(m.minutes / 60.0) * interval '1 minute' AS step) s
), bounds AS MATERIALIZED (
    SELECT s.*, f.since, id_of('att', f.since - interval '10 minutes', 0) AS first_id,
           id_of('att', now() + interval '1 day', 0) AS end_id
    FROM span s CROSS JOIN LATERAL (SELECT s.until - (s.points - 1) * s.step AS since) f
), tries AS MATERIALIZED (
    -- ids are in the order of time: their index leads to just these, also when a gateway's clock is
    -- some minutes late
    SELECT a.message_id, a.ordinal, a.provider, a.opened_at,
           floor(extract(epoch FROM a.opened_at - b.since) / extract(epoch FROM b.step))::int AS point,
           a.status = 'delivered' AS delivered,
           a.state = 'rejected' OR a.status IN ('failed', 'undelivered') AS failed,
           a.state IN ('ambiguous', 'abandoned') AS unknown,
           CASE WHEN a.http_status BETWEEN 200 AND 299
                THEN extract(epoch FROM a.answered_at - a.opened_at) * 1000 END AS answer_ms,
           CASE WHEN a.status = 'delivered' AND k.message_id IS NULL -- a call lasts as long as it lasts
                THEN greatest(extract(epoch FROM a.ended_at - a.opened_at), 0) * 1000 END AS delivery_ms
    FROM bounds b CROSS JOIN attempts a
    LEFT JOIN calls k ON k.account_id = a.account_id AND k.message_id = a.message_id
    WHERE a.account_id = scope() AND a.opened_at >= b.since
      AND a.attempt_id >= (SELECT first_id FROM bounds) AND a.attempt_id < (SELECT end_id FROM bounds)
), counted AS MATERIALIZED ( -- of each step; and of all, where point is NULL
    SELECT provider, point, count(*) AS attempts, count(*) FILTER (WHERE delivered) AS delivered,
           count(*) FILTER (WHERE failed) AS failed, count(*) FILTER (WHERE unknown) AS unknown,
           percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY answer_ms) AS answer,
           percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY delivery_ms) AS delivery
    FROM tries
    GROUP BY GROUPING SETS ((provider, point), (provider))
), ours AS (
    SELECT provider FROM numbers WHERE account_id = scope() UNION SELECT provider FROM counted
), shown AS (
    SELECT o.provider, json_build_object(
        'carrier', o.provider,
        'attempts', json_agg(coalesce(c.attempts, 0) ORDER BY p.point),
        'delivered', json_agg(coalesce(c.delivered, 0) ORDER BY p.point),
        'failed', json_agg(coalesce(c.failed, 0) ORDER BY p.point),
        'unknown', json_agg(coalesce(c.unknown, 0) ORDER BY p.point),
        'answer_p50_ms', json_agg(round(c.answer[1]) ORDER BY p.point),
        'answer_p95_ms', json_agg(round(c.answer[2]) ORDER BY p.point),
        'delivery_p50_ms', json_agg(round(c.delivery[1]) ORDER BY p.point),
        'delivery_p95_ms', json_agg(round(c.delivery[2]) ORDER BY p.point),
        'total', (SELECT json_build_object(
            'attempts', coalesce(sum(t.attempts), 0), 'delivered', coalesce(sum(t.delivered), 0),
            'failed', coalesce(sum(t.failed), 0), 'unknown', coalesce(sum(t.unknown), 0),
            'delivery_rate', round(sum(t.delivered) / nullif(sum(t.delivered + t.failed + t.unknown), 0), 4),
            'answer_p50_ms', min(round(t.answer[1])), 'answer_p95_ms', min(round(t.answer[2])),
            'delivery_p50_ms', min(round(t.delivery[1])), 'delivery_p95_ms', min(round(t.delivery[2])))
            FROM counted t WHERE t.provider = o.provider AND t.point IS NULL)) AS carrier
    FROM ours o CROSS JOIN (SELECT generate_series(0, points - 1) AS point FROM bounds) p
    LEFT JOIN counted c ON c.provider = o.provider AND c.point = p.point
    GROUP BY o.provider
), failovers AS (
    SELECT t.opened_at, t.message_id, t.provider, a.provider AS failed, a.code,
           CASE WHEN a.status IN ('failed', 'undelivered') -- it had accepted it
                THEN (SELECT r.sentence FROM receipts r
                      WHERE r.account_id = scope() AND r.attempt_id = a.attempt_id
                        AND r.status = a.status LIMIT 1)
                WHEN a.state = 'abandoned' THEN a.look_says ELSE a.sentence END AS reason
    FROM tries t JOIN attempts a ON a.account_id = scope() AND a.message_id = t.message_id
                                AND a.ordinal = t.ordinal - 1 AND a.provider <> t.provider
    WHERE t.ordinal > 1
    ORDER BY t.opened_at DESC, t.message_id DESC LIMIT 50
)
SELECT 200, json_build_object(
    'from', rfc3339(b.since), 'step_s', extract(epoch FROM b.step)::int, 'points', b.points,
    'carriers', (SELECT coalesce(json_agg(carrier ORDER BY provider), '[]') FROM shown),
    'failovers', (SELECT coalesce(json_agg(json_build_object(
                      'at', rfc3339(f.opened_at), 'message_id', f.message_id, 'from', f.failed,
                      'to', f.provider, 'code', f.code, 'reason', f.reason)
                      ORDER BY f.opened_at DESC, f.message_id DESC), '[]')
                  FROM failovers f))
FROM bounds b

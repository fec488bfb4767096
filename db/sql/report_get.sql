-- What came of parties, bookings and messages.
-- $1 first day or NULL, $2 last day or NULL, $3 what each row is about: total (NULL), day, hour, weekday,
-- size.
-- Returns status and body.
WITH span AS MATERIALIZED (
    SELECT * FROM report_span($1::text, $2::text)
), visits AS MATERIALIZED (
    SELECT report_key($3::text, v.at AT TIME ZONE (SELECT zone FROM span), v.size) AS key, v.*,
           v.party AND v.state = 'seated' AS served,
           v.quoted_at + v.quote_max * interval '1 minute' AS promised
    FROM (SELECT true AS party, p.created_at AS at, p.size, p.state, p.ended_by, p.joined_at, p.ended_at,
                 p.quote_max, coalesce(p.quoted_at, p.joined_at) AS quoted_at, p.asked_at, p.answered_at
          FROM parties p
          WHERE p.account_id = scope() AND p.created_at >= (SELECT since FROM span)
            AND p.created_at < (SELECT until FROM span)
          UNION ALL
          SELECT false, b.starts_at, b.size, b.state, b.ended_by, NULL, NULL, NULL, NULL, b.asked_at,
                 b.answered_at
          FROM bookings b
          WHERE b.account_id = scope() AND b.starts_at >= (SELECT since FROM span)
            AND b.starts_at < (SELECT until FROM span)) v
), keys AS (
    SELECT key FROM visits
    UNION SELECT 'total' WHERE coalesce($3::text, 'total') = 'total'
), divided AS (
    SELECT k.key,
           count(*) FILTER (WHERE v.party) AS added,
           count(*) FILTER (WHERE v.served) AS served,
           count(*) FILTER (WHERE v.party AND v.state = 'no_show') AS no_shows,
           count(*) FILTER (WHERE v.party AND v.state = 'cancelled' AND v.ended_by = 'guest')
               AS walk_aways,
           count(*) FILTER (WHERE v.party AND v.state = 'cancelled'
                                  AND v.ended_by IS DISTINCT FROM 'guest') AS cancelled,
           count(*) FILTER (WHERE v.party AND v.state = 'expired') AS expired,
           coalesce(sum(v.size) FILTER (WHERE v.served), 0) AS guests,
           round(avg(extract(epoch FROM v.ended_at - v.joined_at)) FILTER (WHERE v.served))::bigint
               AS wait_s,
           count(v.quote_max) FILTER (WHERE v.served) AS quoted,
           round(avg(v.quote_max * 60) FILTER (WHERE v.served))::bigint AS quoted_s,
           count(*) FILTER (WHERE v.served AND v.ended_at <= v.promised) AS within_quote,
           count(*) FILTER (WHERE NOT v.party) AS bookings,
           count(*) FILTER (WHERE NOT v.party AND v.state = 'no_show') AS booking_no_shows,
           count(*) FILTER (WHERE NOT v.party AND v.state = 'cancelled') AS bookings_cancelled
    FROM keys k LEFT JOIN visits v USING (key)
    GROUP BY k.key
)
SELECT CASE WHEN s.fault IS NULL THEN 200 ELSE 422 END,
       coalesce(s.fault, json_build_object(
           'from', s.first_day, 'to', s.last_day, 'zone', s.zone, 'by', coalesce($3::text, 'total'),
           'rows', (SELECT coalesce(json_agg(d ORDER BY d.key), '[]') FROM divided d),
           'messages', report_messages(
               s.since, s.until, (SELECT count(asked_at) FROM visits),
               (SELECT count(*) FROM visits
                WHERE asked_at IS NOT NULL AND answered_at IS NOT NULL))))
FROM span s

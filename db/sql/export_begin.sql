-- A CSV file is begun: which days it is about; it stands in the audit log, once.
-- $1 first day or NULL, $2 last day or NULL, $3 what it holds, $4 its id.
-- Returns status and a problem or nothing, then from and until when (ms), and the first and last day.
WITH span AS MATERIALIZED (
    SELECT * FROM report_span($1::text, $2::text)
), noted AS (
    SELECT audit('report.exported', $4::text,
                 json_build_object('what', $3::text, 'from', s.first_day, 'to', s.last_day))
    FROM span s
    WHERE s.fault IS NULL
      AND $4::text NOT IN (SELECT coalesce(l.subject, '')
                           FROM (SELECT subject FROM audit_log WHERE account_id = scope()
                                 ORDER BY ordinal DESC LIMIT 100) l)
)
SELECT CASE WHEN s.fault IS NULL THEN 200 ELSE 422 END, s.fault,
       (extract(epoch FROM s.since) * 1000)::bigint, (extract(epoch FROM s.until) * 1000)::bigint,
       s.first_day, s.last_day
FROM span s
WHERE (SELECT count(*) FROM noted) >= 0

-- Deletes an endpoint for webhooks; what is on its way to it is swept away later.
-- $1 its id.
WITH gone AS (
    DELETE FROM endpoints
    WHERE account_id = scope() AND endpoint_id = $1::text
    RETURNING endpoint_id, url
), noted AS (
    SELECT audit('webhook.deleted', endpoint_id, json_build_object('url', url)) FROM gone
)
SELECT a.*
FROM (SELECT EXISTS (SELECT FROM gone) AS known) s
CROSS JOIN LATERAL answer(
    CASE WHEN s.known THEN 200 ELSE 404 END,
    CASE WHEN s.known THEN json_build_object('id', $1::text, 'state', 'deleted')
         ELSE nothing_here() END) a
WHERE (SELECT count(*) FROM noted) >= 0

-- One party, and what was done with it.
-- $1 party id.
-- Returns status and body.
WITH one AS (
    SELECT party_json(p)::jsonb || jsonb_build_object(
               'ahead', parties_ahead(p), 'link', guest_link(p.token),
               'history', visit_history(p.account_id, p.party_id, p.conversation_id)) AS body
    FROM parties p WHERE p.account_id = scope() AND p.party_id = $1::text
)
SELECT CASE WHEN body IS NULL THEN 404 ELSE 200 END, coalesce(body, nothing_here()::jsonb)
FROM (SELECT (SELECT body FROM one) AS body) o

-- One booking, and what was done with it.
-- $1 booking id.
-- Returns status and body.
WITH one AS (
    SELECT booking_json(b)::jsonb || jsonb_build_object(
               'link', guest_link(b.token),
               'history', visit_history(b.account_id, b.booking_id, b.conversation_id)) AS body
    FROM bookings b WHERE b.account_id = scope() AND b.booking_id = $1::text
)
SELECT CASE WHEN body IS NULL THEN 404 ELSE 200 END, coalesce(body, nothing_here()::jsonb)
FROM (SELECT (SELECT body FROM one) AS body) o

-- One guest, and their latest visits.
-- $1 guest.
-- Returns status and body.
SELECT CASE WHEN g IS NULL THEN 404 ELSE 200 END,
       CASE WHEN g IS NULL THEN nothing_here()
            ELSE (g || jsonb_build_object('history', guest_history(scope(), $1::text, 50)))::json END
FROM (SELECT guest_json(scope(), $1::text)::jsonb AS g) o

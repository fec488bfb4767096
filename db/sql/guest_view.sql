-- A guest's own page as HTML shows it: with its times in words.
-- $1 token.
-- Returns status and body.
SELECT status, body FROM guest_view($1::text)

-- A guest's own page.
-- $1 token.
-- Returns status and body.
SELECT status, body FROM guest_page($1::text, NULL)

-- The page where guests put themselves down.
-- $1 code of the venue.
-- Returns status and body.
SELECT status, body FROM venue_page($1::text)

-- Removes a sealed setting.
-- $1 name.
-- Returns its name, if there was one.
DELETE FROM sealed_settings WHERE name = $1::text RETURNING name

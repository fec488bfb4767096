-- Puts a sealed setting in the place of the one before.
-- $1 name, $2 id of the key, $3 sealed value.
-- Returns its name.
INSERT INTO sealed_settings (name, key_id, sealed) VALUES ($1::text, $2::text, $3::text)
ON CONFLICT (name) DO UPDATE SET key_id = excluded.key_id, sealed = excluded.sealed, at = now()
RETURNING name

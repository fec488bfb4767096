-- The settings that are sealed here.
-- No parameters.
-- Returns name, id of the key, sealed value, and since when.
SELECT name, key_id, sealed, rfc3339(at) FROM sealed_settings ORDER BY name

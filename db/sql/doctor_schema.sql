-- The migrations that this database has, for `maitred doctor`.
-- No parameters.
-- Returns a name.
SELECT name FROM schema_migrations ORDER BY name

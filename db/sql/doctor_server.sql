-- What `maitred doctor` asks of any PostgreSQL, whether our tables are there or not.
-- No parameters.
-- Returns a name and its value.
WITH used AS (
    SELECT application_name, extract(epoch FROM now() - xact_start)::bigint AS age_s, pid, backend_xmin IS NOT NULL AS holds
    FROM pg_stat_activity
    WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
), oldest AS (
    SELECT pid, age_s, application_name FROM used WHERE age_s IS NOT NULL AND holds ORDER BY age_s DESC LIMIT 1
), slot AS (
    SELECT slot_name, greatest(age(xmin), age(catalog_xmin)) AS behind FROM pg_replication_slots
    WHERE xmin IS NOT NULL OR catalog_xmin IS NOT NULL ORDER BY 2 DESC LIMIT 1
), app AS (
    SELECT oid, rolbypassrls OR rolsuper AS bypasses FROM pg_roles WHERE rolname = 'maitred_app'
), open_tables AS (
    SELECT c.relname FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'account_id' AND NOT a.attisdropped
    WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND NOT (c.relrowsecurity AND c.relforcerowsecurity)
)
SELECT name, setting FROM pg_settings
WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit', 'max_connections',
               'superuser_reserved_connections', 'server_version')
UNION ALL SELECT 'clock_ms', (extract(epoch FROM clock_timestamp()) * 1000)::bigint::text
UNION ALL SELECT 'standby', pg_is_in_recovery()::text
UNION ALL SELECT 'size', pg_size_pretty(pg_database_size(current_database()))
UNION ALL SELECT 'limit', least(nullif(r.rolconnlimit, -1), nullif(d.datconnlimit, -1))::text
          FROM pg_roles r, pg_database d WHERE r.rolname = session_user AND d.datname = current_database()
UNION ALL SELECT 'ours', count(*) FILTER (WHERE application_name = 'maitred')::text FROM used
UNION ALL SELECT 'others', count(*) FILTER (WHERE application_name <> 'maitred')::text FROM used
UNION ALL SELECT 'oldest_s', age_s::text FROM oldest
UNION ALL SELECT 'oldest_pid', pid::text FROM oldest
UNION ALL SELECT 'oldest_name', application_name FROM oldest
UNION ALL SELECT 'slot', slot_name::text FROM slot WHERE behind > 10000000
UNION ALL SELECT 'app', pg_has_role(oid, 'member')::text FROM app
UNION ALL SELECT 'app_bypasses', bypasses::text FROM app
UNION ALL SELECT 'we_bypass', (rolbypassrls OR rolsuper)::text FROM pg_roles WHERE rolname = current_user
UNION ALL SELECT 'unguarded', string_agg(relname, ', ' ORDER BY relname) FROM open_tables

-- An operator lets texts go although a carrier has not told what guests wrote before the restore.
-- Returns when the restore was; no row when nothing waits.
UPDATE epoch SET trusted_at = now()
WHERE restored_at IS NOT NULL AND trusted_at IS NULL
RETURNING rfc3339(restored_at)

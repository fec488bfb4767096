-- The queue is empty most of the time, and may be so when autovacuum looks at it: then the planner takes it for one
-- row, compares each message with each, and a burst of thousands comes to a stand. Whether more than `most` rows are
-- there that its statistics do not know of: then they are taken anew, 300 * 100 rows at most. Somebody else who does it
-- now is not waited for.
CREATE OR REPLACE FUNCTION queue_measure(most bigint) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '20ms' AS $$
DECLARE
    believed float8 := (SELECT reltuples / greatest(relpages, 1) * pg_relation_size(oid)
                               / current_setting('block_size')::int
                        FROM pg_class WHERE oid = 'queue'::regclass); -- below 0 where nobody has ever looked
BEGIN
    IF believed > most / 10.0
       OR NOT EXISTS (SELECT FROM queue ORDER BY priority, turn_at OFFSET most LIMIT 1) THEN
        RETURN false;
    END IF;
    ANALYZE queue;
    RETURN true;
EXCEPTION WHEN lock_not_available THEN
    RETURN false;
END $$;

-- Makes a stretch of the journal due again. $1 from, $2 until (Unix ms, until not included).
-- Returns how many batches and how many callbacks.
WITH stretch AS (
    SELECT batch_at, batch_id, count(*) AS callbacks FROM callbacks
    WHERE batch_at >= from_ms($1::bigint) AND batch_at < from_ms($2::bigint)
    GROUP BY batch_at, batch_id
), due AS (
    INSERT INTO pending (batch_at, batch_id) SELECT batch_at, batch_id FROM stretch
    ON CONFLICT DO NOTHING
)
SELECT count(*), coalesce(sum(callbacks), 0) FROM stretch

-- An operator takes a carrier out, or back in.
-- $1 the carrier, $2 why, $3 who, $4 event id, $5 1: out, 0: in.
-- Returns the carrier; no row when no gateway has used it yet.
WITH changed AS (
    UPDATE carriers
    SET drained_at = CASE $5::bigint WHEN 1 THEN coalesce(drained_at, now()) END,
        drained_why = CASE $5::bigint WHEN 1 THEN $2::text END
    WHERE provider = $1::text
    RETURNING provider
), kept AS (
    INSERT INTO carrier_events (provider, event_id, operation, what, who, reason)
    SELECT provider, $4::text, 'send', CASE $5::bigint WHEN 1 THEN 'drained' ELSE 'undrained' END,
           $3::text, $2::text
    FROM changed
    ON CONFLICT DO NOTHING
)
SELECT provider, pg_notify('maitred_carriers', '') FROM changed

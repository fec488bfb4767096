-- A worker's breaker changed: unless another was first, all learn of it, and history keeps it.
-- $1 provider, $2 operation, $3 the version it knew, $4 state, $5 open for (ms), $6 times, $7 shift,
-- $8 who, $9 what, $10 the reason, $11 event id.
-- Returns the version now; no row when another was first.
WITH changed AS (
    UPDATE breakers
    SET state = $4::text, open_until = now() + $5::bigint * interval '1 millisecond',
        times = $6::bigint, shift = $7::bigint, version = version + 1, changed_at = now(),
        probe_by = NULL, probe_until = NULL
    WHERE provider = $1::text AND operation = $2::text AND version = $3::bigint
    RETURNING version
), kept AS (
    INSERT INTO carrier_events (provider, event_id, operation, what, who, reason)
    SELECT $1::text, $11::text, $2::text, $9::text, $8::text, $10::text FROM changed
    ON CONFLICT DO NOTHING
)
SELECT version, pg_notify('maitred_carriers', '') FROM changed

-- A carrier's list has been compared. $1 provider, $2 until when (Unix ms), $3 when it is due again (in
-- ms).
UPDATE heard
SET until = greatest(until, from_ms($2::bigint)), leased_until = NULL,
    due_at = now() + $3::bigint * interval '1 millisecond'
WHERE provider = $1::text
RETURNING provider

-- Claims the comparing of a carrier's list of guests' texts with ours, when it is due: from a while
-- before the last comparison, at most a slice of time. A carrier that was never compared starts now.
-- $1 provider, $2 1: we were away, so it is due a minute after it was last done; lengths in ms: $3 lease,
-- $4 how much is compared again, $5 slice, $6 the most that carriers keep.
-- Returns from when and until when (Unix ms), and whether that is not up to now; no row when not due.
WITH first AS (
    INSERT INTO heard (provider, until, due_at) VALUES ($1::text, now(), now() + interval '5 minutes')
    ON CONFLICT DO NOTHING
), claimed AS (
    UPDATE heard
    SET leased_until = now() + $3::bigint * interval '1 millisecond',
        due_at = least(due_at, now()) -- until it is done
    WHERE provider = $1::text AND (leased_until IS NULL OR leased_until < now())
      AND (due_at <= now() OR ($2::bigint = 1 AND until < now() - interval '1 minute'))
    RETURNING greatest(until, now() - $6::bigint * interval '1 millisecond') AS known
), soon AS (
    UPDATE heard SET due_at = until + interval '1 minute'
    WHERE provider = $1::text AND $2::bigint = 1 AND until >= now() - interval '1 minute'
      AND due_at > until + interval '1 minute'
), stretch AS (
    SELECT greatest(known - $4::bigint * interval '1 millisecond',
                    now() - $6::bigint * interval '1 millisecond') AS since,
           least(known + $5::bigint * interval '1 millisecond', now()) AS until
    FROM claimed
)
SELECT (extract(epoch FROM since) * 1000)::bigint, (extract(epoch FROM until) * 1000)::bigint,
       (until < now())::integer
FROM stretch

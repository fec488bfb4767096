-- Once a second: what all know of the carriers; who gets to try one that is out, when its time is over;
-- and the epoch, counted up: whoever sees it fall knows that history was lost.
-- $1 who asks, $2 the carriers it has, joined by commas; $3 "provider operation" it would like to try,
-- joined by commas.
-- Returns provider, operation, state, how long it is still open (ms), times, shift, version, whether the
-- asker may try it, whether it is drained, the epoch.
WITH ours AS MATERIALIZED (
    SELECT provider FROM string_to_table($2::text, ',') AS o (provider)
), new_carriers AS (
    INSERT INTO carriers (provider)
    SELECT provider FROM ours o
    WHERE NOT EXISTS (SELECT FROM carriers c WHERE c.provider = o.provider)
    ON CONFLICT DO NOTHING
), new_breakers AS (
    INSERT INTO breakers (provider, operation)
    SELECT provider, operation FROM ours o CROSS JOIN (VALUES ('send'), ('ask')) AS p (operation)
    WHERE NOT EXISTS (SELECT FROM breakers b WHERE b.provider = o.provider)
    ON CONFLICT DO NOTHING
), trying AS (
    UPDATE breakers SET probe_by = $1::text, probe_until = now() + interval '15 seconds'
    WHERE state = 'open' AND open_until <= now() AND coalesce(probe_until <= now(), true)
      AND provider || ' ' || operation = ANY (string_to_array($3::text, ','))
    RETURNING provider, operation
), beat AS (
    UPDATE epoch SET n = n + 1, at = now() RETURNING n
)
SELECT b.provider, b.operation, b.state,
       (extract(epoch FROM b.open_until - now()) * 1000)::bigint, b.times, b.shift, b.version,
       EXISTS (SELECT FROM trying t
               WHERE t.provider = b.provider AND t.operation = b.operation)::integer,
       (c.drained_at IS NOT NULL)::integer, beat.n
FROM breakers b JOIN carriers c USING (provider) JOIN ours USING (provider) CROSS JOIN beat

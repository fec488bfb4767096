-- How long a party waits: the average gap between servings of its size, times those of that size in
-- line and one more. So it is with twos that are served every 5 minutes, and five of them waiting: 30.

-- Sizes above 8 are seldom, and wait for the same tables.
CREATE OR REPLACE FUNCTION wait_size(size int) RETURNS smallint LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN least(size, 9)::smallint;

-- The night that a refresh belongs to: it changes at 4 in the morning, when venues are closed.
CREATE OR REPLACE FUNCTION wait_night(at timestamptz, zone text) RETURNS date
LANGUAGE sql STABLE PARALLEL SAFE
RETURN ((at AT TIME ZONE zone) - interval '4 hours')::date;

-- Parties in line that are served before one of this size.
CREATE OR REPLACE FUNCTION wait_ahead(account text, size int) RETURNS bigint
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN (SELECT count(*) FROM parties p
            WHERE p.account_id = account AND p.ended_at IS NULL AND p.state <> 'pending'
              AND wait_size(p.size) = wait_size(wait_ahead.size));
END $$;

-- Makes the account's gaps anew, from the 8 weeks before `at`.
-- A gap is between two servings that follow each other within one service: over 3 hours it is the time
-- between lunch and dinner, or the night. An average needs 8 gaps: it is then right to about a third,
-- and an hour of one weekday has one of them a week.
CREATE OR REPLACE FUNCTION estimate_refresh(account text, at timestamptz DEFAULT now()) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    venue accounts;
BEGIN
    SELECT * INTO venue FROM accounts a WHERE a.account_id = account FOR NO KEY UPDATE;
    DELETE FROM wait_gaps g WHERE g.account_id = account;
    WITH servings AS MATERIALIZED (
        SELECT wait_size(p.size) AS size, p.ended_at AT TIME ZONE venue.zone AS there,
               p.ended_at - lag(p.ended_at) OVER (PARTITION BY wait_size(p.size)
                                                  ORDER BY p.ended_at, p.party_id) AS gap
        FROM parties p -- who is served in these weeks was put down not long before
        WHERE p.account_id = account AND p.state = 'seated'
          AND p.created_at > at - interval '58 days' AND p.created_at < at
          AND p.ended_at > at - interval '56 days' AND p.ended_at <= at
    ), averages AS (
        INSERT INTO wait_gaps (account_id, size, weekday, hour, gaps, average_s)
        SELECT account, coalesce(s.size, 0), coalesce(s.weekday, 0), coalesce(s.hour, -1), count(*),
               avg(extract(epoch FROM s.gap))
        FROM (SELECT size, extract(isodow FROM there)::smallint AS weekday,
                     extract(hour FROM there)::smallint AS hour, gap
              FROM servings WHERE gap <= interval '3 hours') s
        GROUP BY GROUPING SETS ((s.size, s.weekday, s.hour), (s.size, s.hour), (s.size), ())
        HAVING count(*) >= 8
    )
    INSERT INTO wait_refreshes AS r (account_id, night, served)
    SELECT account, wait_night(at, venue.zone), count(*) FROM servings
    HAVING venue.account_id IS NOT NULL
    ON CONFLICT (account_id) DO UPDATE SET night = excluded.night, served = excluded.served;
END $$;

-- Refreshes one account whose night has come; NULL: there is none. One that another process has at hand
-- is left to it.
CREATE OR REPLACE FUNCTION estimate_next(at timestamptz DEFAULT now()) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    due text;
BEGIN
    SELECT a.account_id INTO due
    FROM accounts a LEFT JOIN wait_refreshes r USING (account_id)
    WHERE coalesce(r.night, '-infinity') < wait_night(at, a.zone)
    ORDER BY a.account_id LIMIT 1
    FOR NO KEY UPDATE OF a SKIP LOCKED;
    PERFORM estimate_refresh(due, at) WHERE due IS NOT NULL;
    RETURN due;
END $$;

-- What a party of this size is told that is put down at `at`. basis: 'history', or 'default' when the
-- venue wants no estimates or has too few servings to make one.
-- The gaps that fit most closely: of the size at this hour of this weekday; of any weekday; at any time;
-- at last those of all sizes, each between two of one size, for they too are multiplied by those of
-- one size.
CREATE OR REPLACE FUNCTION wait_estimate(account text, size int, at timestamptz, OUT minutes int,
                                         OUT basis text)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    venue record;
    gap   real;
BEGIN
    SELECT a.default_wait_minutes, a.estimates AND r.served >= 50 AS known,
           at AT TIME ZONE a.zone AS there
    INTO venue
    FROM accounts a LEFT JOIN wait_refreshes r USING (account_id) WHERE a.account_id = account;
    IF venue.known THEN
        SELECT g.average_s INTO gap FROM wait_gaps g
        WHERE g.account_id = account AND g.size IN (wait_size(wait_estimate.size), 0)
          AND g.weekday IN (extract(isodow FROM venue.there), 0)
          AND g.hour IN (extract(hour FROM venue.there), -1)
        ORDER BY g.size DESC, g.weekday DESC, g.hour DESC LIMIT 1;
    END IF;
    basis := CASE WHEN gap IS NULL THEN 'default' ELSE 'history' END;
    minutes := coalesce(ceil(gap * (wait_ahead(account, size) + 1) / 300) * 5,
                        venue.default_wait_minutes);
END $$;

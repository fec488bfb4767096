-- What reports and exports count, and how they show it.

-- The days that a report is about, of the caller's account: from midnight to midnight in the venue's
-- zone, the last seven unless said. fault: a problem; then the bounds are NULL, and nothing is found.
CREATE OR REPLACE FUNCTION report_span(first text, last text, OUT zone text, OUT first_day date,
                                       OUT last_day date, OUT since timestamptz,
                                       OUT until timestamptz, OUT fault json)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    today date;
BEGIN
    SELECT a.zone, (now() AT TIME ZONE a.zone)::date INTO zone, today
    FROM accounts a WHERE a.account_id = scope();
    last_day := coalesce(last::date, greatest(today, first::date));
    first_day := coalesce(first::date, last_day - 6);
    IF first_day > last_day THEN
        fault := problem('invalid_field', 'to', 'It must not be before from.');
    ELSIF last_day - first_day >= 400 THEN
        fault := problem('invalid_field', CASE WHEN first IS NULL THEN 'to' ELSE 'from' END,
                         'A report is about 400 days at most.');
    ELSE
        since := first_day::timestamp AT TIME ZONE zone;
        until := (last_day + 1)::timestamp AT TIME ZONE zone;
    END IF;
END $$;

-- Which row of a report something belongs to: a key that sorts.
CREATE OR REPLACE FUNCTION report_key(divided text, there timestamp, size int) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE divided WHEN 'day' THEN to_char(there, 'YYYY-MM-DD') WHEN 'hour' THEN to_char(there, 'HH24')
                    WHEN 'weekday' THEN to_char(there, 'ID')
                    WHEN 'size' THEN CASE WHEN size > 8 THEN '9+' ELSE size::text END
                    ELSE 'total' END;

-- Everything that was texted and called in a time, counted, at the caller's account; with what is deleted
-- and only counted, to the hour.
CREATE OR REPLACE FUNCTION message_counts(since timestamptz, until timestamptz)
RETURNS TABLE (direction text, channel text, state text, code text, reason text, n bigint,
               segments bigint)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    -- ids are in the order of time: their index leads to just these
    SELECT m.direction, m.channel, m.state, m.code,
           min(m.reason) FILTER (WHERE m.state <> 'cancelled'), count(*), sum(m.segments)
    FROM messages m
    WHERE m.account_id = scope() AND m.message_id >= id_of('msg', since, 0)
      AND m.message_id < id_of('msg', until, 0)
    GROUP BY m.direction, m.channel, m.state, m.code
    UNION ALL
    SELECT t.direction, t.channel, t.state, nullif(t.code, ''), NULL, sum(t.n)::bigint, sum(t.segments)::bigint
    FROM message_totals t
    WHERE t.account_id = scope() AND t.hour >= since AND t.hour < until
    GROUP BY t.direction, t.channel, t.state, t.code
$$;

-- The part of a report that is about messages; asked and answered are of parties and bookings.
CREATE OR REPLACE FUNCTION report_messages(since timestamptz, until timestamptz, asked bigint,
                                           answered bigint) RETURNS json
LANGUAGE sql STABLE AS $$
    WITH counts AS MATERIALIZED (
        SELECT * FROM message_counts(since, until)
    ), channels AS (
        SELECT v.channel, json_build_object(
            'messages', coalesce(sum(c.n), 0),
            'waiting', coalesce(sum(c.n) FILTER (WHERE c.state IN ('queued', 'unknown')), 0),
            'sent', coalesce(sum(c.n) FILTER (WHERE c.state = 'sent'), 0),
            'delivered', coalesce(sum(c.n) FILTER (WHERE c.state = 'delivered'), 0),
            'failed', coalesce(sum(c.n) FILTER (WHERE c.state = 'failed'), 0),
            'undelivered', coalesce(sum(c.n) FILTER (WHERE c.state = 'undelivered'), 0),
            'stopped', coalesce(sum(c.n) FILTER (WHERE c.state = 'stopped'), 0),
            'expired', coalesce(sum(c.n) FILTER (WHERE c.state = 'expired'), 0),
            'cancelled', coalesce(sum(c.n) FILTER (WHERE c.state = 'cancelled'), 0),
            'uncertain', coalesce(sum(c.n) FILTER (WHERE c.state = 'uncertain'), 0),
            'segments', coalesce(sum(c.segments), 0)) AS shown
        FROM (VALUES ('all'), ('sms'), ('voice')) v (channel)
        LEFT JOIN counts c ON c.direction = 'out' AND v.channel IN (c.channel, 'all')
        GROUP BY v.channel
    ), reasons AS (
        SELECT code, min(reason) AS reason, sum(n) AS count FROM counts
        WHERE direction = 'out' AND state IN ('failed', 'undelivered', 'stopped', 'expired')
        GROUP BY code ORDER BY count DESC, code LIMIT 50
    )
    SELECT json_build_object(
        'all', (SELECT shown FROM channels WHERE channel = 'all'),
        'sms', (SELECT shown FROM channels WHERE channel = 'sms'),
        'voice', (SELECT shown FROM channels WHERE channel = 'voice'),
        'reasons', (SELECT coalesce(json_agg(r), '[]') FROM reasons r),
        'replies', (SELECT coalesce(sum(n), 0) FROM counts WHERE direction = 'in'),
        'asked', asked, 'answered', answered,
        'reply_rate', round(answered::numeric / nullif(asked, 0), 4),
        'opt_outs', (SELECT count(DISTINCT l.phone) FROM consent_log l
                     WHERE l.account_id = scope() AND l.action = 'stop' AND l.at >= since
                       AND l.at < until))
$$;

-- ---- what stands in a CSV file ----

-- A time as the venue's clocks show it, with their offset: the hour that comes twice stays two. Written
-- so that the planner takes it apart: it stands in each row of a file more than once.
CREATE OR REPLACE FUNCTION local_time(t timestamptz, zone text) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
RETURN to_char(t AT TIME ZONE zone, 'YYYY-MM-DD"T"HH24:MI:SS') || CASE
    WHEN t AT TIME ZONE zone < t AT TIME ZONE 'UTC'
        THEN '-' || to_char((t AT TIME ZONE 'UTC') - (t AT TIME ZONE zone), 'HH24:MI')
    ELSE '+' || to_char((t AT TIME ZONE zone) - (t AT TIME ZONE 'UTC'), 'HH24:MI') END;

-- Enough to tell guests apart, and to find one whose number is at hand.
CREATE OR REPLACE FUNCTION masked_phone(phone text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN '...' || right(phone, 4);

-- The place behind a row that is found by a time and an id, as one text; NULL is before all rows.
CREATE OR REPLACE FUNCTION place_text(at timestamptz, id text) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
RETURN (extract(epoch FROM at) * 1000000)::bigint || ' ' || id;
CREATE OR REPLACE FUNCTION place_time(place text) RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE
RETURN coalesce(timestamptz 'epoch' + split_part(place, ' ', 1)::bigint * interval '1 microsecond',
                '-infinity');
CREATE OR REPLACE FUNCTION place_id(place text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN coalesce(split_part(place, ' ', 2), '');

-- What happened at the account behind a place in the order of events, as far as nothing older can
-- still be committed: see events in migration 0004.
-- $1 xid, $2 seq: the last event that the reader has; NULL: it begins now. $3 how many, at most.
-- Returns the account; whether the place is lost, so that the reader begins now, and has to load
-- anew; whether more is there that has to wait; then xid, seq, type and JSON of an event. At least
-- one row: without an event its type is NULL, and its place is where the reader now stands.
WITH horizon AS MATERIALIZED (
    SELECT o.xmin, (o.xmin::text::bigint - 1)::text::xid8 AS last,
           $1::text IS NULL AS begins,
           -- above what can be: the database is an older one, restored
           coalesce($1::text::xid8 >= o.xmin
                    OR o.floor > '0' AND ($1::text::xid8, $2::bigint) < (o.floor, 9223372036854775807),
                    false) AS lost
    FROM (SELECT pg_snapshot_xmin(pg_current_snapshot()) AS xmin,
                 (SELECT xid FROM events_floor) AS floor) o
), place AS MATERIALIZED (
    SELECT xmin, lost,
           CASE WHEN begins OR lost THEN last ELSE $1::text::xid8 END AS xid,
           CASE WHEN begins OR lost THEN 9223372036854775807 ELSE $2::bigint END AS seq
    FROM horizon
), found AS (
    SELECT e.xid, e.seq, e.type,
           json_build_object('id', e.xid || '-' || e.seq, 'type', e.type, 'at', rfc3339(e.at),
                             'data', event_data(e)) AS told
    FROM events e -- single values, so that the index leads to them
    WHERE e.account_id = scope()
      AND (e.xid, e.seq) > ((SELECT xid FROM place), (SELECT seq FROM place))
      AND e.xid < (SELECT xmin FROM place)
    ORDER BY e.xid, e.seq LIMIT $3::bigint
)
SELECT scope(), p.lost::int,
       EXISTS (SELECT FROM events e
               WHERE e.account_id = scope() AND e.xid >= (SELECT xmin FROM place))::int,
       coalesce(f.xid, p.xid)::text, coalesce(f.seq, p.seq), f.type, f.told
FROM place p LEFT JOIN found f ON true
ORDER BY f.xid, f.seq

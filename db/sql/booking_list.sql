-- Bookings from a day of the venue on, in the order of their times.
-- $1 the first day (NULL: today), $2 the last day (NULL: a year later), $3 the last id of the page before,
-- or NULL, $4 limit, or NULL.
-- Returns status and body.
WITH span AS (
    SELECT coalesce($1::text::date, (now() AT TIME ZONE zone)::date)::timestamp AT TIME ZONE zone AS first,
           (coalesce($2::text::date, (now() AT TIME ZONE zone)::date + 366) + 1)::timestamp
               AT TIME ZONE zone AS beyond
    FROM accounts WHERE account_id = scope()
)
SELECT 200, page_text(array_agg(id), array_agg(text), coalesce($4::bigint, 50))
FROM (SELECT b.booking_id AS id, booking_json(b)::text AS text
      FROM bookings b
      WHERE b.account_id = scope()
        AND b.starts_at >= (SELECT first FROM span) AND b.starts_at < (SELECT beyond FROM span)
        AND ($3::text IS NULL OR (b.starts_at, b.booking_id) >
             (SELECT o.starts_at, o.booking_id FROM bookings o
              WHERE o.account_id = scope() AND o.booking_id = $3::text))
      ORDER BY b.starts_at, b.booking_id LIMIT coalesce($4::bigint, 50) + 1) f

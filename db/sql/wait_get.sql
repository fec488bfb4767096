-- How long a party would wait that is put down now.
-- $1 its size.
-- Returns status and body.
SELECT 200, json_build_object('size', $1::bigint, 'minutes', e.minutes, 'basis', e.basis,
                              'parties_ahead', wait_ahead(scope(), $1::bigint::int))
FROM wait_estimate(scope(), $1::bigint::int, now()) e

-- Our numbers, those of accounts and those that wait for one, for `maitred doctor` to look for at the carriers.
-- No parameters.
-- Returns provider, phone, and whether it takes and makes calls.
SELECT provider, phone, calls::integer FROM numbers WHERE sends
UNION
SELECT provider, phone, 1 FROM number_pool
ORDER BY 1, 2

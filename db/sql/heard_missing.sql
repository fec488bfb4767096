-- Which of a carrier's texts from guests to our numbers are not in their threads; those of
-- guests who were erased are not missed.
-- $1 provider, $2 "id number,id number".
-- Returns the ids.
SELECT DISTINCT split_part(t, ' ', 1) AS carrier_id
FROM unnest(string_to_array($2::text, ',')) t
JOIN numbers n ON n.provider = $1::text AND n.phone = split_part(t, ' ', 2)
WHERE NOT EXISTS (SELECT FROM messages m
                  WHERE m.account_id = n.account_id AND m.provider = n.provider
                    AND m.carrier_id = split_part(t, ' ', 1) AND m.direction = 'in')
  AND NOT EXISTS (SELECT FROM erased_texts e
                  WHERE e.account_id = n.account_id AND e.provider = n.provider
                    AND e.carrier_id = split_part(t, ' ', 1))
ORDER BY carrier_id

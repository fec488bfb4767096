-- Takes the calls that are to be ended at their carrier. Each is tried once: who picks up all the same
-- hears that we have their answer.
-- $1 how many at most. Returns provider and carrier's id.
DELETE FROM hang_ups h
USING (SELECT account_id, attempt_id FROM hang_ups LIMIT $1::bigint FOR UPDATE SKIP LOCKED) d
WHERE h.account_id = d.account_id AND h.attempt_id = d.attempt_id
RETURNING h.provider, h.carrier_id

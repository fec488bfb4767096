-- 0017: a message whose handling ends the process that does it holds up no other.

-- How often, before its present claim, a claim of it ran out whose process did not come back, one after the
-- other: queue_claim.sql counts, queue_park.sql ends what comes to too many.
ALTER TABLE queue ADD COLUMN lapses smallint NOT NULL DEFAULT 0;
CREATE INDEX queue_lapsed ON queue (lapses, turn_at) WHERE lapses > 0;

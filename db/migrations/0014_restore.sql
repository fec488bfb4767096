-- A database that was restored has forgotten what was done after its backup.
ALTER TABLE epoch
    ADD COLUMN at          timestamptz, -- the last beat: a gateway worked then
    ADD COLUMN lost_from   timestamptz, -- restored: what was done from here on
    ADD COLUMN restored_at timestamptz, -- until here is forgotten
    ADD COLUMN trusted_at  timestamptz; -- an operator lets texts go before all carriers have been asked

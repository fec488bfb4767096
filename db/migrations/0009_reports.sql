-- 0009: what waits are estimated from, and where reports find what they count.

-- The average gap between two servings of parties of one size, in the last 8 weeks: where there were
-- enough. The row that fits most closely counts: see wait_estimate().
CREATE TABLE wait_gaps (
    account_id ident NOT NULL REFERENCES accounts ON DELETE CASCADE,
    size       smallint NOT NULL, -- 9: nine and more; 0: whatever size both had
    weekday    smallint NOT NULL, -- of the later serving, in the venue's zone: 1 is Monday; 0: any
    hour       smallint NOT NULL, -- likewise; -1: any
    gaps       integer NOT NULL,
    average_s  real NOT NULL,
    PRIMARY KEY (account_id, size, weekday, hour)
);

-- When that was last done, and how many parties were served in those weeks.
CREATE TABLE wait_refreshes (
    account_id ident PRIMARY KEY REFERENCES accounts ON DELETE CASCADE,
    night      date NOT NULL, -- the day that began at 4 in the morning in the venue's zone
    served     integer NOT NULL
);

SELECT guard_account_table(t) FROM unnest(ARRAY['wait_gaps', 'wait_refreshes']) t;

CREATE INDEX parties_by_time ON parties (account_id, created_at, party_id);
CREATE INDEX consent_log_stops ON consent_log (account_id, at) WHERE action = 'stop';

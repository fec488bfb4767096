-- 0013: billing: what Recurly says of each account's subscription, and what was posted to it of the
-- texts and calls that went out.

-- One subscription for each account; its account at Recurly has our account_id as its code. `until`: of a
-- canceled one, when it ends; of a paused one, when it resumes; of an expired or failed one, when the
-- board becomes read-only, which is never in the middle of an evening.
CREATE TABLE billing (
    account_id      ident PRIMARY KEY REFERENCES accounts ON DELETE CASCADE,
    state           text NOT NULL DEFAULT 'none' CHECK (state IN
                    ('none', 'future', 'active', 'past_due', 'paused', 'canceled', 'expired', 'failed')),
    since           timestamptz NOT NULL DEFAULT now(),
    until           timestamptz,
    subscription_id text,
    began_at        timestamptz, -- the subscription
    manage_url      text,        -- for managers only: whoever has it need not sign in at Recurly
    hints           bigint NOT NULL DEFAULT 1, -- how often we were told that something changed
    due_at          timestamptz NOT NULL DEFAULT now(), -- when to fetch it; of a claimed one: the end of the lease
    claimed_by      text,
    tries           integer NOT NULL DEFAULT 0, -- that failed, in a row
    why             text,        -- the last of them failed
    fetched_at      timestamptz,
    counted_at      timestamptz NOT NULL DEFAULT '-infinity' -- when usage was last added up
) WITH (fillfactor = 70);
CREATE INDEX billing_due ON billing (due_at);

-- What was posted, or is to be: the segments of texts, or the calls, of one day of one account, and later
-- what that turned out to be more or less. Only counts: no guest is in here, and erasing one changes nothing.
CREATE TABLE usage_posts (
    account_id      ident NOT NULL REFERENCES accounts ON DELETE CASCADE,
    day             date NOT NULL, -- in UTC
    seq             integer NOT NULL,
    kind            text NOT NULL CHECK (kind IN ('sms', 'call')),
    amount          bigint NOT NULL CHECK (amount <> 0),
    subscription_id text NOT NULL,
    state           text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'posted', 'dropped')),
    usage_id        text, -- Recurly's
    made_at         timestamptz NOT NULL DEFAULT now(),
    due_at          timestamptz NOT NULL DEFAULT now(),
    claimed_by      text,
    tries           integer NOT NULL DEFAULT 0, -- begun: before the second Recurly is asked whether it has it
    why             text,
    posted_at       timestamptz,
    PRIMARY KEY (account_id, day, seq)
) WITH (fillfactor = 70);
CREATE INDEX usage_due ON usage_posts (due_at) WHERE state = 'waiting';

SELECT guard_account_table(t) FROM unnest(ARRAY['billing', 'usage_posts']) t;

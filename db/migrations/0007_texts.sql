-- 0007: what guests are told: an account's own words instead of the default ones, and quick replies.

-- The default ones are in db/functions/default_texts.sql.
CREATE TABLE templates (
    account_id ident NOT NULL REFERENCES accounts,
    event      text COLLATE "C" NOT NULL,
    language   text NOT NULL CHECK (language IN ('en', 'es', 'fr')),
    body       text,    -- NULL: the default one's
    automatic  boolean, -- NULL: as the default one
    changed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, event, language),
    CHECK (body IS NOT NULL OR automatic IS NOT NULL)
);

CREATE TABLE quick_replies (
    account_id     ident NOT NULL REFERENCES accounts,
    quick_reply_id ident NOT NULL,
    label          text NOT NULL,
    body           text NOT NULL,
    changed_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, quick_reply_id)
);

SELECT guard_account_table(t) FROM unnest(ARRAY['templates', 'quick_replies']) t;

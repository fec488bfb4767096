-- 0011: calls that ring for nothing are hung up; what is said in a second call is not kept, since nobody
-- reads it.

CREATE TABLE hang_ups (
    account_id ident,
    attempt_id ident,
    provider   text NOT NULL,
    carrier_id text NOT NULL,
    PRIMARY KEY (account_id, attempt_id)
);
SELECT guard_account_table('hang_ups');

DROP FUNCTION IF EXISTS call_later(text, text, text, text, json, timestamptz);
ALTER TABLE calls_due DROP COLUMN event;

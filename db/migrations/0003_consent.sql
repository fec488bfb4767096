-- 0003: consent: doubts that staff settle, and the whole ledger; HELP; quiet hours; until when we know
-- what guests wrote.

-- opted_out_at: not to be texted since. opted_out_via says by whose word: a carrier's name (the guest
-- said it there, or the carrier refuses to text them), 'staff' (they asked us in person), or 'flag':
-- their words may mean it, and staff decide.
ALTER TABLE conversations
    ADD COLUMN helped_at timestamptz; -- when HELP was last answered

-- What the API says of it.
CREATE FUNCTION consent_state(opted_out_at timestamptz, opted_out_via text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN opted_out_at IS NULL THEN 'open' WHEN opted_out_via = 'flag' THEN 'flagged'
            ELSE 'stopped' END;

-- Everything that was ever said about texting a guest, by the guest, a carrier or staff.
ALTER TABLE consent_log
    DROP CONSTRAINT consent_log_action_check,
    ADD CONSTRAINT consent_log_action_check
        CHECK (action IN ('stop', 'start', 'help', 'flag', 'clear')),
    ADD COLUMN via text NOT NULL DEFAULT 'guest' CHECK (via IN ('guest', 'carrier', 'staff')),
    ADD COLUMN key_id ident, -- whose key staff used
    ALTER COLUMN provider DROP NOT NULL; -- NULL: staff

ALTER TABLE messages
    ADD COLUMN guest_zone text; -- IANA zones of the guest's area code, separated by spaces

-- The end of quiet time at `at`, if it is quiet then in any of the zones, else NULL: so the stricter
-- zone counts. `zones` are names separated by spaces; one that is not known counts as none. Quiet is
-- from `starts` until `ends`, also over midnight; equal times: never.
CREATE FUNCTION quiet_until(at timestamptz, zones text, starts time, ends time)
RETURNS timestamptz LANGUAGE plpgsql STABLE AS $$
DECLARE
    calm  timestamptz := at; -- not quiet in the zones looked at so far
    last  timestamptz;
    zone  text;
    there timestamp;
    day   date; -- on which it ends; NULL: it is not quiet there
BEGIN
    FOR i IN 1 .. 10 LOOP -- the end in one zone may be quiet in another; never more than a few times
        last := calm;
        FOREACH zone IN ARRAY string_to_array(coalesce(zones, ''), ' ') LOOP
            BEGIN
                there := calm AT TIME ZONE zone;
            EXCEPTION WHEN invalid_parameter_value THEN
                CONTINUE;
            END;
            day := CASE
                WHEN starts < ends AND there::time >= starts AND there::time < ends THEN there::date
                WHEN starts > ends AND there::time < ends THEN there::date
                WHEN starts > ends AND there::time >= starts THEN there::date + 1
                END;
            calm := greatest(calm, (day + ends) AT TIME ZONE zone);
        END LOOP;
        EXIT WHEN calm = last;
    END LOOP;
    RETURN nullif(calm, at);
END $$;

-- Appointments keep quiet hours. A table that is ready does not wait until morning, and an answer
-- belongs to the guest's own question.
CREATE FUNCTION keeps_quiet(kind text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN kind IN ('reminder', 'confirmation');

-- Until when each carrier's list of guests' texts was compared with ours.
CREATE TABLE heard (
    provider     text PRIMARY KEY,
    until        timestamptz NOT NULL,
    due_at       timestamptz NOT NULL DEFAULT now(),
    leased_until timestamptz -- somebody is comparing
) WITH (fillfactor = 50);

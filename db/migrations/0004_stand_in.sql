-- 0004: a stand-in for the migration that is written elsewhere: only what webhooks need of it.

CREATE TABLE events (
    account_id ident NOT NULL,
    xid        xid8 NOT NULL DEFAULT pg_current_xact_id(),
    seq        bigint GENERATED ALWAYS AS IDENTITY,
    at         timestamptz NOT NULL DEFAULT now(),
    type       text NOT NULL,
    subject    ident NOT NULL,
    PRIMARY KEY (account_id, xid, seq)
);

CREATE FUNCTION event_data(e events) RETURNS json LANGUAGE sql STABLE PARALLEL SAFE
RETURN json_build_object('id', e.subject);

-- Here a connection that says nothing is the engine's.
CREATE FUNCTION scope() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
RETURN coalesce(nullif(current_setting('maitred.account', true), ''), '*');

CREATE FUNCTION answer(integer, json) RETURNS TABLE (status integer, body json)
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT $1, $2';

CREATE FUNCTION audit(action text, subject text, detail json) RETURNS void LANGUAGE sql VOLATILE AS '';

CREATE FUNCTION guard_account_table(name text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY one_account ON %I
                    USING (account_id = (SELECT scope()) OR (SELECT scope()) = ''*'')', name);
END $$;

CREATE FUNCTION message_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO events (account_id, type, subject)
    SELECT account_id, 'message.updated', message_id FROM fresh;
    RETURN NULL;
END $$;
CREATE TRIGGER events_of_new AFTER INSERT ON messages
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION message_changed();
CREATE TRIGGER events_of_changed AFTER UPDATE ON messages
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION message_changed();

-- 0015: settings that are sealed in the database: see gateway/vault.h.

-- `sealed` is base64 of AES-256-GCM's nonce, ciphertext and tag; SEAL_KEYS has the key of that id.
CREATE TABLE sealed_settings (
    name   text PRIMARY KEY,
    key_id text NOT NULL,
    sealed text NOT NULL,
    at     timestamptz NOT NULL DEFAULT now()
);

-- Sealed settings are read before the gateway takes its role: whatever staff's requests do, it is not that.
CREATE OR REPLACE FUNCTION grant_app() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    part text;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'maitred_app') THEN
        RETURN;
    END IF;
    GRANT USAGE ON SCHEMA public TO maitred_app;
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO maitred_app;
    GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO maitred_app;
    REVOKE INSERT, UPDATE, DELETE ON schema_migrations FROM maitred_app;
    REVOKE UPDATE, DELETE ON audit_log, consent_log, carrier_events, callbacks FROM maitred_app;
    REVOKE ALL ON sealed_settings FROM maitred_app;
    -- the journal is written through its parent
    FOR part IN SELECT inhrelid::regclass::text FROM pg_inherits
                WHERE inhparent = 'callbacks'::regclass LOOP
        EXECUTE format('REVOKE ALL ON %s FROM maitred_app', part);
    END LOOP;
END $$;

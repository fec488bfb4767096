// witness.mjs - what the judge needs and the product does not keep: when an opening was committed, and
// when a message was decided. Triggers write it into tables of the test.

export const WITNESS = `
CREATE TABLE witness_opened (attempt_id text PRIMARY KEY, message_id text NOT NULL);
CREATE FUNCTION witness_opened() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
  INSERT INTO witness_opened VALUES (NEW.attempt_id, NEW.message_id); RETURN NULL; END $$;
CREATE TRIGGER witness_opened AFTER INSERT ON attempts
  FOR EACH ROW EXECUTE FUNCTION witness_opened();

CREATE TABLE witness_decided (message_id text PRIMARY KEY, at timestamptz NOT NULL);
CREATE FUNCTION witness_decided() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
  INSERT INTO witness_decided VALUES (NEW.message_id, clock_timestamp()) ON CONFLICT DO NOTHING;
  RETURN NULL; END $$;
CREATE TRIGGER witness_decided AFTER UPDATE OF state ON messages
  FOR EACH ROW WHEN (NEW.state NOT IN ('queued', 'unknown')) EXECUTE FUNCTION witness_decided();
`;

const rows = async (sql, text) => JSON.parse(await sql(`SELECT coalesce(json_agg(r), '[]') FROM (${text}) r`));
const ms = (time) => `(extract(epoch FROM ${time}) * 1000)::bigint`;

/** Everything the database knows. */
export async function testimony(sql) {
  return {
    messages: await rows(sql, `
      SELECT m.message_id AS id, m.direction, m.channel, m.phone, m.body, m.state, m.reason, c.phone AS thread,
             q.message_id IS NOT NULL AS queued,
             ${ms('d.at')} - ${ms('m.created_at')} AS decided_after_ms
      FROM messages m LEFT JOIN conversations c USING (account_id, conversation_id)
      LEFT JOIN queue q USING (account_id, message_id)
      LEFT JOIN witness_decided d USING (message_id)`),
    attempts: await rows(sql, `
      SELECT a.attempt_id AS id, a.message_id, a.state, a.carrier_id, a.looks,
             ${ms('pg_xact_commit_timestamp(o.xmin)')} AS committed_ms
      FROM attempts a LEFT JOIN witness_opened o USING (attempt_id)`),
    optOuts: await rows(sql, "SELECT phone, word FROM consent_log WHERE action = 'stop'"),
    keys: await rows(sql, "SELECT message_id, keys FROM calls WHERE keys <> ''"),
    forgedReceipts: await sql("SELECT count(*) FROM receipts WHERE code = '30001'"), // no carrier ever said that
    pending: await sql('SELECT count(*) FROM pending'),
  };
}

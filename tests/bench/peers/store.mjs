// store.mjs - what both Node contenders do with a callback: one row, durable before the answer. As people write
// it with `pg`: its pool, a named prepared statement, and a key that makes a repeated callback harmless.
import pg from 'pg';

const pool = new pg.Pool({ max: Number(process.env.POOL ?? 10) }); // where: PGHOST, PGUSER, PGDATABASE; TABLE
const INSERT = {
  name: 'store',
  text: `INSERT INTO ${process.env.TABLE} (message_sid, message_status, sender, target, form) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (message_sid, message_status) DO NOTHING`,
};

export const store = (target, form) => pool.query({
  ...INSERT, values: [form.MessageSid, form.MessageStatus, form.From, target, JSON.stringify(form)],
});

export const TOKEN = process.env.TWILIO_AUTH_TOKEN;
export const PUBLIC = new URL(process.env.PUBLIC_URL); // the address that Twilio knows and signs
export const PATH = '/webhooks/twilio/status';

/** Says where it listens, and ends when it is told to. */
export const serving = (port) => {
  process.on('SIGTERM', () => process.exit(0));
  console.log(`port ${port}`);
};

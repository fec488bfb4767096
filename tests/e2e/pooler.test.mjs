// pooler.test.mjs - PgBouncer between the gateway and its database, pooling transactions: what is told a session
// must be told each transaction, and nothing of one account may be left for the next.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { ACCOUNT, call, each, guest, house, KEY, maitred, TWILIO_NUMBER, until } from './house.mjs';
import { pooler } from './pooler.mjs';
import { twilioReply, twilioRequest } from './sign.mjs';

const OTHER = { key: 'mk_test_0000000000000000000000000002', account: 'acc_00000000000000000000000002' };
let h, p, g;
before(async () => {
  h = await house({ prism: false });
  h.sql(`INSERT INTO accounts (account_id, organisation_id, name)
           SELECT '${OTHER.account}', organisation_id, 'Other' FROM accounts;
         INSERT INTO api_keys (account_id, key_id, name, hash) VALUES ('${OTHER.account}', 'key_00000000000000000000000002', 'other',
           '${createHash('sha256').update(OTHER.key).digest('hex')}')`);
  p = await pooler(h.env.DATABASE_URL, { pool: 2 }); // fewer than our lanes: each transaction finds another's session
  g = await h.gateway(pooled());
});
after(async () => {
  await h?.close();
  await p?.close();
});
const pooled = (more) => ({ DATABASE_URL: p.url, DATABASE_DIRECT_URL: h.env.DATABASE_URL, ...more });

const post = (key, to, more = {}) => call(`${g.url}/v1/messages`, {
  body: { to, body: 'Your table is ready.' }, headers: { authorization: `Bearer ${key}`, ...more },
});

test('texts, replies and STOP, each guest once, by three connections of the database', async (t) => {
  await each(300, 32, async (i) => assert.equal((await post(KEY, guest(i))).status, 202));
  const url = `${h.gatewayUrl}/webhooks/twilio/sms`;
  const stop = twilioRequest(url, twilioReply(h, guest(0), TWILIO_NUMBER, 'STOP'), h.credentials.TWILIO_AUTH_TOKEN);
  assert.equal((await call(url, stop)).status, 200);
  assert.equal((await post(KEY, guest(0))).status, 409);
  await until('nothing is queued', () => h.sql('SELECT count(*) FROM queue') === '0');
  const s = await h.summary();
  assert.deepEqual([s.doubled, s.most_per_phone <= 2], [0, true], JSON.stringify(s));
  await until('each is on the phone', () => h.states().delivered >= 300);
  const there = Number(h.sql("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'maitred'"));
  t.diagnostic(`${there} connections at the database, 7 of the gateway`);
  assert.ok(there <= 3, `${there}`);
});

test('one account never sees another, though they share sessions of the database', async () => {
  const list = async (key) => (await call(`${g.url}/v1/messages?limit=5`, { headers: { authorization: `Bearer ${key}` } }));
  await each(200, 16, async (i) => {
    const r = await list(i % 2 ? OTHER.key : KEY);
    assert.equal(r.status, 200, r.text);
    assert.equal(r.text.split('"msg_').length > 5, i % 2 === 0, r.text);
  });
  assert.equal((await call(`${g.url}/v1/messages?limit=5`, { headers: { authorization: 'Bearer mk_nobody' } })).status, 401);
  for (let i = 0; i < 5; i++) // what our transactions set is gone with them
    assert.equal(execFileSync('psql', ['-XAtq', '-d', p.url, '-c',
      "SELECT current_user, current_setting('maitred.hash_inner', true), current_setting('statement_timeout')"], { encoding: 'utf8' }).trim(),
                 'maitred||0');
});

test('an Idempotency-Key from eight at once is one message', async () => {
  const answers = await Promise.all(Array.from({ length: 8 }, () => post(KEY, guest(500), { 'idempotency-key': 'one' })));
  assert.ok(answers.every((r) => [202, 409].includes(r.status)), JSON.stringify(answers.map((r) => r.status)));
  assert.equal(new Set(answers.filter((r) => r.status === 202).map((r) => r.json.id)).size, 1);
});

test('the pooler is killed and comes back: what was acknowledged is there, and nothing twice', async () => {
  await until('nothing is queued', () => h.sql('SELECT count(*) FROM queue') === '0');
  const before_ = (await h.summary()).texts, port = new URL(p.url).port;
  let accepted = 0;
  const posting = each(200, 8, async (i) => {
    await until('it is accepted', async () =>
      (await post(KEY, guest(1000 + i), { 'idempotency-key': `kill-${i}` }).catch(() => ({}))).status === 202, 30);
    accepted++;
  });
  await until('some are in', () => accepted > 40);
  await p.kill();
  p = await pooler(h.env.DATABASE_URL, { pool: 2, port });
  await posting;
  await until('nothing is queued', () => h.sql('SELECT count(*) FROM queue') === '0', 60);
  const s = await h.summary();
  assert.deepEqual([s.texts - before_, s.doubled], [200, 0], JSON.stringify(s));
});

/** What `maitred doctor` says of the pooler, and of the database when it cannot be asked. */
async function doctor(env) {
  const child = spawn(maitred, ['doctor', '--json'], { env: { ...process.env, ...h.env, ...env } });
  let out = '';
  child.stdout.on('data', (d) => { out += d; });
  await once(child, 'close');
  const found = JSON.parse(out).checks.filter((c) => c.check === 'database.pooler' || (c.check === 'database' && c.level !== 'ok'));
  return found.map((c) => `${c.level} ${c.check}: ${c.found} ${c.mend ?? ''}`).join('\n');
}

test('the doctor tells a pooler that is in the way from one that pools transactions', async () => {
  assert.match(await doctor(pooled()), /^ok database.pooler: DATABASE_URL is a pooler of transactions/);
  assert.equal(await doctor({}), '', 'there is none');
  assert.match(await doctor({ DATABASE_URL: p.url }), /^fail database: It is a pooler: .*Set DATABASE_DIRECT_URL/);
  assert.match(await doctor({ DATABASE_DIRECT_URL: h.env.DATABASE_URL }), /^warn database.pooler: .*there is no pooler/);
  const sessions = await pooler(h.env.DATABASE_URL, { mode: 'session', pool: 4, more: ['ignore_startup_parameters = options'] });
  try {
    assert.match(await doctor(pooled({ DATABASE_URL: sessions.url })), /^warn database.pooler: .*pools sessions.*pool_mode/);
    assert.match(await doctor({ DATABASE_URL: sessions.url }), /^fail database.pooler: DATABASE_URL leads to a pooler/);
  } finally {
    await sessions.close();
  }
});

test('without DATABASE_DIRECT_URL a gateway behind a pooler is not ready, and says why', async () => {
  const second = h.gateway({ PORT: '0', DATABASE_URL: p.url }).catch(() => {});
  await until('it says why', () => h.outputs().includes('unsupported startup parameter: options'));
  void second; // the house ends it
});

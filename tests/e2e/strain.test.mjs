// strain.test.mjs - the database and the carriers are there, but slow, locked, changed under us, or come and go. Longer:
//
//   LOCK_S=10 FLAP_S=30 FLAPPING_S=240 MAITRED=build/maitred node --test tests/e2e/strain.test.mjs
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { after, before, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ACCOUNT, call, each, guest, house, KEY, maitred, TWILIO_NUMBER, until } from './house.mjs';
import { createHash } from 'node:crypto';
import { twilioReply, twilioRequest } from './sign.mjs';

const FLAP_S = Number(process.env.FLAP_S ?? 2), FLAPPING_S = Number(process.env.FLAPPING_S ?? 6);
const LOCK_S = Number(process.env.LOCK_S ?? 4), ROUNDS = Math.floor((LOCK_S - 0.5) / 2); // each takes nearly 2 s
let h, g, line;

/** A line to the database whose answers take so long: every statement does. */
async function slowLine(socket) {
  const l = { ms: 0 };
  const server = net.createServer((client) => {
    const database = net.connect(socket);
    let written = Promise.resolve(); // in their order, also when the line gets faster
    client.pipe(database);
    database.on('data', (d) => {
      const due = Date.now() + l.ms;
      written = written.then(() => (due > Date.now() ? sleep(due - Date.now()) : undefined)).then(() => client.write(d));
    });
    for (const [one, other] of [[client, database], [database, client]])
      one.on('error', () => other.destroy()).on('close', () => setTimeout(() => other.destroy(), l.ms));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  l.url = `postgresql://maitred@127.0.0.1:${server.address().port}/maitred`;
  l.close = () => server.close();
  return l;
}

before(async () => {
  h = await house({ prism: false });
  line = await slowLine(`${new URL(h.env.DATABASE_URL).searchParams.get('host')}/.s.PGSQL.5432`);
  g = await h.gateway({ DATABASE_URL: line.url });
});
after(async () => {
  await h?.close();
  line?.close();
});
beforeEach(async () => {
  h.sql('DELETE FROM queue');
  await h.sim('/sim/v1/reset', { method: 'POST' });
  await h.heal();
});

const headers = { authorization: `Bearer ${KEY}` };

/** A guest writes: what Twilio is answered, and after how long. */
async function reply(i) {
  const url = `${h.gatewayUrl}/webhooks/twilio/sms`, begun = Date.now();
  const r = await call(url, twilioRequest(url, twilioReply(h, guest(i), TWILIO_NUMBER, `Hello ${i}`), h.credentials.TWILIO_AUTH_TOKEN));
  return { status: r.status, ms: Date.now() - begun };
}

/** Holds a lock on a table for so long; its promise is that of the lock's end. */
async function locked(table, seconds) {
  const holder = spawn('psql', ['-XAtq', '-d', h.env.DATABASE_URL, '-c', `BEGIN; LOCK TABLE ${table}; SELECT pg_sleep(${seconds}); COMMIT`]);
  await until('it is locked', () => h.sql(`SELECT count(*) FROM pg_locks WHERE granted AND mode = 'AccessExclusiveLock' AND relation = '${table}'::regclass`) === '1');
  return { ended: once(holder, 'exit') };
}

test('every statement takes 200 ms: callbacks are answered within 2 s, by no more connections', async (t) => {
  line.ms = 200;
  const answers = await Promise.all(Array.from({ length: 100 }, (_, i) => reply(i)));
  const connections = h.sql("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'maitred'");
  line.ms = 0;
  t.diagnostic(`slowest ${Math.max(...answers.map((a) => a.ms))} ms`);
  assert.ok(answers.every((a) => a.status === 200 && a.ms < 2000), JSON.stringify(answers.filter((a) => a.status !== 200 || a.ms >= 2000)));
  assert.equal(connections, '7');
  await until('all are in the threads', () => h.sql("SELECT count(*) FROM messages WHERE body LIKE 'Hello %'") === '100');
});

test('a table that callbacks need is locked: each gets its 503 within 2 s, and later its 200', async () => {
  const lock = await locked('callbacks', LOCK_S);
  for (let i = 0; i < ROUNDS; i++) {
    const answers = await Promise.all([0, 1, 2].map((k) => reply(200 + 3 * i + k)));
    assert.ok(answers.every((a) => a.status === 503 && a.ms < 2200), JSON.stringify(answers));
  }
  await lock.ended;
  for (let i = 0; i < 3 * ROUNDS; i++) assert.equal((await reply(200 + i)).status, 200);
  await until('each is in its thread once', () => h.sql("SELECT count(*) FROM messages WHERE body ~ '^Hello 2[0-9][0-9]$'") === `${3 * ROUNDS}`);
});

test('what staff wait for holds up no callback: those have a connection of their own', async () => {
  const lock = await locked('parties', 3);
  const boards = Promise.all(Array.from({ length: 50 }, () => call(`${g.url}/v1/parties`, { headers }).then((r) => r.status)));
  for (let i = 0; i < 5; i++) {
    const r = await reply(300 + i);
    assert.ok(r.status === 200 && r.ms < 1000, JSON.stringify(r));
  }
  await lock.ended;
  assert.deepEqual([...new Set(await boards)], [200]);
});

test('a migration that has to wait for a table lets others through meanwhile, and goes on', async () => {
  await g.stop();
  h.sql(`ALTER TABLE epoch DROP at CASCADE, DROP lost_from CASCADE, DROP restored_at CASCADE, DROP trusted_at CASCADE;
         DELETE FROM schema_migrations WHERE name = '0014_restore'`);
  const holder = spawn('psql', ['-XAtq', '-d', h.env.DATABASE_URL, '-c', 'BEGIN; SELECT FROM epoch; SELECT pg_sleep(3.5); COMMIT']);
  await until('it is held', () => h.sql("SELECT count(*) FROM pg_locks WHERE granted AND relation = 'epoch'::regclass") !== '0');
  const child = spawn(maitred, ['migrate'], { env: { ...process.env, ...h.env } });
  let slowest = 0, over = false;
  const ended = once(child, 'exit').finally(() => { over = true; });
  while (!over) {
    const begun = Date.now();
    h.sql('SELECT count(*) FROM epoch'); // as a gateway's would, behind it in the row of those who wait
    slowest = Math.max(slowest, Date.now() - begun);
    await sleep(50);
  }
  assert.equal((await ended)[0], 0);
  holder.kill();
  assert.ok(slowest > 500 && slowest < 2500, `${slowest} ms`);
  assert.equal(h.sql("SELECT count(*) FROM schema_migrations WHERE name = '0014_restore'"), '1');
  g = await h.gateway({ DATABASE_URL: line.url });
});

test('the schema of a later version comes under a program that runs: nothing fails', async () => {
  const failed = [];
  let over = false, i = 1000;
  const traffic = each(4, 4, async () => {
    while (!over) {
      const answers = [await call(`${g.url}/v1/messages`, { headers, body: { to: guest(i++), body: 'Ready' } }), await call(`${g.url}/v1/parties`, { headers })];
      failed.push(...answers.filter((r) => r.status >= 400).map((r) => r.text));
      if ((await reply(i++)).status !== 200) failed.push('reply');
    }
  });
  await sleep(500);
  for (const table of h.sql("SELECT name FROM table_spread()").split('\n').filter((t) => t !== 'callbacks_other'))
    h.sql(`SET lock_timeout = '1500ms'; ALTER TABLE ${table} ADD COLUMN of_a_later_version text`);
  execFileSync(maitred, ['migrate'], { env: { ...process.env, ...h.env } }); // all functions, made again
  await sleep(500);
  over = true;
  await traffic;
  assert.deepEqual(failed, []);
  await until('nothing is queued', () => h.sql('SELECT count(*) FROM queue') === '0');
  assert.equal((await h.summary()).doubled, 0);
});

/** Seconds that texts of an account took to leave: how long the worst did. */
const worst = (account) => Number(h.sql(`SELECT extract(epoch FROM max(a.opened_at - m.created_at)) FROM messages m JOIN attempts a USING (account_id, message_id)
  WHERE m.account_id = '${account}' AND m.direction = 'out' AND m.created_at > now() - interval '10 minutes' AND a.state IN ('accepted', 'finalised')`));

test('one carrier is slow: who is texted through the other waits no longer', async (t) => {
  const other = 'acc_00000000000000000000000007', key = 'mk_test_0000000000000000000000000007';
  h.sql(`INSERT INTO accounts (account_id, organisation_id, name) SELECT '${other}', organisation_id, 'Other' FROM accounts WHERE account_id = '${ACCOUNT}';
    INSERT INTO numbers (account_id, number_id, provider, phone) VALUES ('${other}', 'num_00000000000000000000000007', 'telnyx', '+17735550007');
    INSERT INTO api_keys (account_id, key_id, name, hash) VALUES ('${other}', 'key_00000000000000000000000007', 'x', '${createHash('sha256').update(key).digest('hex')}');
    DELETE FROM numbers WHERE account_id = '${ACCOUNT}' AND provider = 'telnyx'`);
  const post = (i) => call(`${g.url}/v1/messages`, { headers: { authorization: `Bearer ${key}` }, body: { to: guest(i), body: 'Ready' } });
  const rate = async (first) => {
    const begun = Date.now(), before_ = (await h.summary()).telnyx;
    await each(100, 16, async (i) => assert.equal((await post(first + i)).status, 202));
    await until('all are out', async () => (await h.summary()).telnyx - before_ === 100, 60);
    return 100_000 / (Date.now() - begun);
  };
  const alone = await rate(5000);
  await h.faults('twilio', { kind: 'slow', ms: 1500 });
  const slow = each(300, 32, (i) => call(`${g.url}/v1/messages`, { headers, body: { to: guest(6000 + i), body: 'Ready' } }));
  await slow;
  const beside = await rate(7000);
  t.diagnostic(`${alone.toFixed(0)} a second alone, ${beside.toFixed(0)} beside 300 texts through a carrier that takes 1.5 s for each`);
  assert.ok(beside > alone * 0.4, `${alone} alone, ${beside} beside`);
  h.sql(`INSERT INTO numbers (account_id, number_id, provider, phone) VALUES ('${ACCOUNT}', 'num_00000000000000000000000002', 'telnyx', '+17735550002');
         DELETE FROM queue`);
});

test('a carrier flaps: no message waits over 60 s', async (t) => {
  const end = Date.now() + FLAPPING_S * 1000, ids = [];
  let over = false;
  const flapping = (async () => {
    for (let down = true; !over; down = !down) {
      await h.faults('twilio', ...(down ? [{ kind: 'refuse' }] : []));
      await Promise.race([sleep(FLAP_S * 1000), until('over', () => over, 600)]);
    }
  })();
  for (let i = 0; Date.now() < end; i++) {
    ids.push(await h.text(guest(8000 + i)));
    await sleep(150);
  }
  over = true;
  await flapping;
  await h.faults('twilio');
  const list = ids.map((id) => `'${id}'`).join(',');
  await until('all are there', () => h.sql(`SELECT count(*) FROM messages WHERE message_id IN (${list}) AND state = 'delivered'`) === `${ids.length}`, 60);
  const waited = worst(ACCOUNT), s = await h.summary();
  t.diagnostic(`${ids.length} messages while it went away every ${2 * FLAP_S} s: the worst waited ${waited} s; ${s.twilio} by it, ${s.telnyx} by the other`);
  assert.ok(waited < 60, `${waited} s`);
  assert.equal(s.doubled, 0);
});

// faults.test.mjs - faults that the other files have no reason to know: what carriers answer that is no
// answer, what the database does, and callbacks in no sensible order. tests/faults.md lists all.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, beforeEach, test } from 'node:test';
import { call, freePort, guest, house, TWILIO_NUMBER, until } from './house.mjs';
import { accept, scripted } from './scripted.mjs';
import { twilioReply, twilioRequest } from './sign.mjs';

let h, gateway;
const admin = (text) => execFileSync('psql', ['-XAtq', '-d', h.postgres('url', h.dir, 'postgres'), '-c', text],
                                     { encoding: 'utf8' }).trim();
before(async () => { h = await house({ prism: false }); gateway = await h.gateway(); });
after(() => h?.close());
beforeEach(async () => {
  h.sql('DELETE FROM queue'); // what a test before left unknown is sent again 14 s later, in the midst of others
  await h.sim('/sim/v1/reset', { method: 'POST' });
  await h.heal();
});

const is = (id, state, seconds = 30) =>
  until(`${id} is ${state}`, async () => {
    const m = await h.message(id);
    return m.state === state && m;
  }, seconds);
const requests = async () => (await h.sim('/sim/v1/requests')).json;

/* ---- what the simulated carriers can do ---- */

for (const status of [500, 502, 503, 504])
  test(`a carrier answers ${status}: unknown, it is asked, and no other carrier sends`, async () => {
    await h.faults('twilio', { kind: 'status', http_status: status });
    const m = await is(await h.text(guest(status)), 'unknown');
    assert.match(m.timeline.find((t) => t.what === 'answer').text, new RegExp(`HTTP ${status}\\) that does not say whether it took the text`));
    await until('it was asked', async () => (await requests()).twilio.outcomes.read > 0);
    assert.equal((await requests()).telnyx.requests, 0);
  });

test('a carrier that hangs for one guest: others are texted meanwhile', async () => {
  await h.faults('twilio', { kind: 'hang_before_accept', ms: 4000, to: guest(1) });
  const slow = await h.text(guest(1));
  const quick = await Promise.all([2, 3, 4].map((i) => h.text(guest(i))));
  for (const id of quick) await is(id, 'delivered');
  assert.equal((await h.message(slow)).state, 'sending');
  await is(slow, 'unknown');
});

test('a text filtered as spam: the other carrier is not asked to send it past the filter', async () => {
  await h.faults('twilio', { kind: 'final', status: 'undelivered', code: 30007 });
  const m = await is(await h.text(guest(5)), 'undelivered');
  assert.equal(m.code, '30007');
  assert.equal((await requests()).telnyx.requests, 0);
});

test('our account has no money left: the other carrier sends', async () => {
  await h.faults('twilio', { kind: 'refuse' });
  await h.faults('telnyx', { kind: 'status', http_status: 402, code: 20100 });
  const id = await h.text(guest(6));
  await until('both were tried', async () => (await h.message(id)).timeline.length >= 5);
  assert.equal((await h.message(id)).state, 'sending');
  await h.faults('twilio');
  await is(id, 'delivered');
  assert.equal((await h.summary()).twilio, 1);
});

test('each callback twenty-one times: each status is kept once', async () => {
  await h.faults('twilio', { kind: 'callbacks_duplicate', times: 20 });
  const id = await h.text(guest(7));
  await is(id, 'delivered');
  await until('all came', async () => (await h.sim('/sim/v1/callbacks')).json.idle);
  await until('all are applied', () => h.sql('SELECT count(*) FROM pending') === '0');
  assert.equal((await h.sim('/sim/v1/callbacks')).json.twilio.answered['200'], 42);
  assert.equal((await h.message(id)).timeline.filter((t) => t.what === 'callback').length, 2);
});

/* ---- a carrier by script ---- */

/** A gateway of its own whose Twilio is the script; the others' messages are not its business. */
async function withCarrier(send, look, work) {
  const carrier = await scripted(send, look);
  await gateway.stop();
  gateway = await h.gateway({ TWILIO_BASE_URL: carrier.url });
  try {
    await work(carrier);
  } finally {
    await gateway.stop();
    carrier.close();
    h.sql('DELETE FROM queue'); // what is still unknown
    gateway = await h.gateway();
  }
}

const head = 'HTTP/1.1 201 Created\r\nContent-Type: application/json\r\n';
for (const [name, send] of [
  ['headers, then silence', (r) => r.socket.write(`${head}Content-Length: 100\r\n\r\n`)],
  ['half of an answer, then silence', (r) => r.socket.write(`${head}Content-Length: 100\r\n\r\n{"sid":"SM`)],
  ['half of an answer, then a reset', (r) => r.socket.write(`${head}Content-Length: 100\r\n\r\n{"sid":"SM`, () => r.socket.resetAndDestroy())],
  ['no answer, and the connection ends', (r) => r.socket.end()],
  ['an answer of a megabyte', (r, x, n) => accept(x, n, { padding: 'x'.repeat(1 << 20) })],
  ['a redirection with 301', (r, x) => x.writeHead(301, { location: '/elsewhere' }).end()],
  ['a redirection with 307', (r, x) => x.writeHead(307, { location: '/elsewhere' }).end()],
  ['something that is not HTTP', (r) => r.socket.end('220 mail.example.com ESMTP\r\n')],
])
  test(`${name}: unknown, asked for once`, () => withCarrier(send, undefined, async (carrier) => {
    const m = await is(await h.text(guest(20)), 'unknown');
    assert.match(m.reason, /It may have been sent; Twilio is being asked/);
    assert.equal(carrier.texts.length, 1);
    assert.deepEqual(carrier.other, []);
    assert.equal((await requests()).telnyx.requests, 0);
  }));

for (const [name, send] of [
  ['a yes nested 10,000 deep', (r, x) => x.writeHead(201, { 'content-type': 'application/json' }).end('['.repeat(10_000))],
  ['a yes without an id', (r, x) => x.writeHead(201, { 'content-type': 'application/json' }).end('{"status":"queued"}')],
])
  test(`${name}: unknown, and its callback completes it`, () => withCarrier(send, undefined, async (carrier) => {
    const id = await h.text(guest(21));
    await is(id, 'unknown');
    const url = carrier.texts[0].StatusCallback.split('#')[0];
    const sid = `SM${'7'.repeat(32)}`;
    const r = await call(url, twilioRequest(url, status(sid, 'delivered', guest(21)), h.credentials.TWILIO_AUTH_TOKEN));
    assert.equal(r.status, 200);
    await is(id, 'delivered');
    assert.equal(carrier.texts.length, 1);
  }));

test('a kept connection that dies under the next text: each text is written once', () =>
  withCarrier((request, response, n) => {
    if (n % 2) accept(response, n);
    else request.socket.destroy();
  }, undefined, async (carrier) => {
    const first = await h.text(guest(22));
    await is(first, 'sent');
    const second = await h.text(guest(23));
    await is(second, 'unknown');
    assert.equal(carrier.texts.length, 2);
    assert.equal(carrier.texts[0].connection, carrier.texts[1].connection, 'the connection was used again');
  }));

/* ---- callbacks ---- */

const status = (sid, MessageStatus, to, more = {}) => ({
  AccountSid: h.credentials.TWILIO_ACCOUNT_SID, ApiVersion: '2010-04-01', From: TWILIO_NUMBER, To: to,
  MessageSid: sid, SmsSid: sid, MessageStatus, SmsStatus: MessageStatus, ...more,
});

for (const [name, order] of [
  ['delivered, then sent, queued and failed: it stays delivered', ['delivered', 'sent', 'queued', 'failed']],
  ['failed, then delivered: the proof wins', ['undelivered', 'delivered']],
])
  test(name, () => withCarrier((_, response, n) => accept(response, n), undefined, async (carrier) => {
    const to = guest(30), id = await h.text(to);
    await is(id, 'sent');
    const url = carrier.texts[0].StatusCallback.split('#')[0];
    for (const word of order) {
      const bad = word === 'failed' || word === 'undelivered';
      const fields = status(`SM${'1'.padStart(32, '0')}`, word, to, bad ? { ErrorCode: '30008' } : {});
      assert.equal((await call(url, twilioRequest(url, fields, h.credentials.TWILIO_AUTH_TOKEN))).status, 200);
      await until('it is applied', () => h.sql('SELECT count(*) FROM pending') === '0');
    }
    assert.equal((await h.message(id)).state, 'delivered');
  }));

test('a callback for a text that is not ours: 200, and nothing changes', async () => {
  const id = await h.text(guest(31));
  const before = await is(id, 'delivered');
  for (const query of ['', `?account=acc_${'0'.repeat(26)}&attempt=att_${'0'.repeat(26)}`, '?account=x&attempt=%00']) {
    const url = `${h.gatewayUrl}/webhooks/twilio/status${query}`;
    const r = await call(url, twilioRequest(url, status(`SM${'9'.repeat(32)}`, 'failed', guest(31), { ErrorCode: '30001' }),
                                            h.credentials.TWILIO_AUTH_TOKEN));
    assert.ok(r.status === 200 || r.status === 400, `${query}: ${r.status}`);
  }
  await until('all are applied', () => h.sql('SELECT count(*) FROM pending') === '0');
  assert.deepEqual(await h.message(id), before);
});

/* ---- the database ---- */

test('every database connection is cut: the next message arrives all the same', async () => {
  for (let i = 0; i < 3; i++) {
    h.sql("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'maitred'");
    await is(await h.text(guest(40 + i)), 'delivered');
  }
  assert.deepEqual([(await h.summary()).texts, (await h.summary()).doubled], [3, 0]);
});

test('a database that takes no writes for a while: refused, not promised; then it recovers', async () => {
  const cut = () => admin("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'maitred'");
  const url = `${h.gatewayUrl}/webhooks/twilio/sms`;
  const reply = twilioRequest(url, twilioReply(h, guest(50), TWILIO_NUMBER, 'hi'), h.credentials.TWILIO_AUTH_TOKEN);
  const post = () => h.api('/v1/messages', { body: { to: guest(50), body: 'x' } });

  admin('ALTER ROLE maitred SET default_transaction_read_only = on');
  cut();
  await until('it is connected again', async () => (await call(`${h.gatewayUrl}/readyz`)).status === 200);
  const answers = [(await post()).status, (await call(url, reply)).status];
  admin('ALTER ROLE maitred RESET default_transaction_read_only');
  cut();
  assert.deepEqual(answers, [503, 503]);
  await until('it takes messages', async () => (await post()).status === 202);
  assert.equal((await call(url, reply)).status, 200);
});

test('the disk is full when an acknowledged callback is to be applied: it waits, and is applied', async () => {
  const url = `${h.gatewayUrl}/webhooks/twilio/sms`;
  const stored = () => h.sql("SELECT count(*) FROM messages WHERE body = 'Are you still open?'");
  h.sql(`CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
      RAISE 'could not extend file' USING ERRCODE = 'disk_full'; END $$;
    CREATE TRIGGER full_disk BEFORE INSERT ON messages
      FOR EACH ROW WHEN (NEW.direction = 'in') EXECUTE FUNCTION full_disk()`);
  const reply = twilioRequest(url, twilioReply(h, guest(53), TWILIO_NUMBER, 'Are you still open?'), h.credentials.TWILIO_AUTH_TOKEN);
  assert.equal((await call(url, reply)).status, 200);
  await until('it was tried', () => gateway.output.includes('could not extend file'));
  h.sql('DROP TRIGGER full_disk ON messages');
  assert.equal(stored(), '0');
  h.sql('UPDATE pending SET due_at = now()'); // the lease of the round that failed
  await until('it is in the thread', () => stored() === '1');
});

test('no connection left at the database: alive, not ready, and ready when there is one', async () => {
  const taken = admin("SELECT count(*) FROM pg_stat_activity WHERE usename = 'maitred'");
  const port = await freePort();
  admin(`ALTER ROLE maitred CONNECTION LIMIT ${taken}`);
  const second = h.gateway({ PORT: `${port}` });
  const asked = (path) => call(`http://127.0.0.1:${port}${path}`).then((r) => r.status, () => 0);
  await until('it is alive', async () => await asked('/healthz') === 200);
  assert.equal(await asked('/readyz'), 503);
  await is(await h.text(guest(51)), 'delivered');
  admin('ALTER ROLE maitred CONNECTION LIMIT -1');
  await (await second).stop();
});

test('the database stands still for three seconds: nothing is promised meanwhile, and nothing is lost', async () => {
  const lock = spawn('psql', ['-XAtq', '-d', h.env.DATABASE_URL, '-c', 'BEGIN; LOCK TABLE queue; SELECT pg_sleep(3); COMMIT']);
  const unlocked = once(lock, 'exit');
  const held = "SELECT count(*) FROM pg_locks WHERE granted AND mode = 'AccessExclusiveLock' AND relation = 'queue'::regclass";
  await until('it is locked', () => h.sql(held) === '1');
  const order = [];
  const answer = h.api('/v1/messages', { body: { to: guest(52), body: 'Ready' } })
    .then((r) => { order.push(`answered ${r.status}`); return r; });
  assert.equal((await call(`${h.gatewayUrl}/healthz`)).status, 200);
  order.push('alive');
  await unlocked;
  const r = await answer;
  assert.deepEqual(order, ['alive', 'answered 202']);
  await is(r.json.id, 'delivered');
});

// events.test.mjs - GET /v1/events: what happens reaches staff at once, in order, none missing and none
// twice, whoever is cut, slow or no longer welcome. Longer, with the release build:
//
//   make && CUTS=1000 EVENTS=10000 MAITRED=build/maitred node --test tests/e2e/events.test.mjs
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ACCOUNT, call, guest, house, KEY, TWILIO_NUMBER, until } from './house.mjs';
import { twilioReply, twilioRequest } from './sign.mjs';
import { stream } from './sse.mjs';

const CUTS = Number(process.env.CUTS ?? 200), EVENTS = Number(process.env.EVENTS ?? 2000);
const seed = Number(process.env.TEST_SEED ?? 1);
let state = seed;
const random = (n) => { // mulberry32
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) % n;
};

const OTHER = 'acc_00000000000000000000000009', OTHER_KEY = 'mk_test_0000000000000000000000000009';
const sha = (text) => createHash('sha256').update(text).digest('hex');
let h, one, two, silent;
before(async () => {
  h = await house();
  h.sql(`INSERT INTO accounts (account_id, name) VALUES ('${OTHER}', 'Other');
         INSERT INTO api_keys (account_id, key_id, name, hash)
         VALUES ('${OTHER}', 'key_00000000000000000000000009', 'other', '${sha(OTHER_KEY)}')`);
  one = await h.gateway();
  two = await h.gateway({ PORT: '0' });
  silent = stream(one.url, { key: OTHER_KEY });
});
after(() => h?.close());

const told = (from, to, type = 'test.row', account = ACCOUNT) =>
  `INSERT INTO events (account_id, type, subject)
   SELECT '${account}', '${type}', 'n' || i FROM generate_series(${from}, ${to}) i;`;
const newKey = (id, scopes = '{read}') => {
  h.sql(`INSERT INTO api_keys (account_id, key_id, name, hash, scopes)
         VALUES ('${ACCOUNT}', 'key_${id}', 'test', '${sha(`mk_${id}`)}', '${scopes}')`);
  return `mk_${id}`;
};
const order = (id) => id.split('-').map(BigInt);
const above = (a, b) => { const [x, y] = [order(a), order(b)]; return x[0] > y[0] || (x[0] === y[0] && x[1] > y[1]); };


test('hello: the headers, a place to resume from, and nothing of before', async () => {
  h.sql(told(1, 3));
  const s = await stream(one.url).opened();
  const hello = await s.event('hello', (e) => e.event === 'hello');
  assert.equal(s.status, 200);
  assert.equal(s.headers['content-type'], 'text/event-stream');
  assert.equal(s.headers['cache-control'], 'no-store, no-transform');
  assert.equal(s.headers['x-accel-buffering'], 'no');
  assert.equal(s.headers['content-length'], undefined);
  assert.equal(s.events[0], hello);
  assert.equal(hello.retry, '1000');
  assert.match(hello.id, /^\d+-\d+$/);
  assert.deepEqual(hello.data, { id: hello.id, type: 'hello' });
  h.sql(told(4, 4));
  const row = await s.event('the new row', (e) => e.event === 'test.row');
  assert.equal(row.data.data.id, 'n4');
  assert.deepEqual([row.data.id, row.data.type], [row.id, 'test.row']);
  assert.match(row.data.at, /^\d{4}-.*Z$/);
  s.cut();
});

test('who may: a key that is ours and may read; an id that can be read', async () => {
  const get = (headers, method) => call(`${one.url}/v1/events`, { headers, method });
  assert.equal((await get({})).status, 401);
  assert.equal((await get({ authorization: 'Bearer nope' })).status, 401);
  const writer = newKey('write', '{write}');
  assert.equal((await get({ authorization: `Bearer ${writer}` })).status, 403);
  const head = await get({ authorization: `Bearer ${KEY}` }, 'HEAD');
  assert.deepEqual([head.status, head.headers.get('content-type')], [200, 'text/event-stream']);
  for (const id of ['x', '1', '1-', '-1', '1-2-3', '1-x', '-1--1', '99999999999999999999-1', '1-99999999999999999999']) {
    const r = await get({ authorization: `Bearer ${KEY}`, 'last-event-id': id });
    assert.equal(r.status, 422, id);
    assert.equal(r.json.param, 'Last-Event-ID');
  }
});

test('a message: its events in order, with what it is then, at both processes', async () => {
  const streams = [await stream(one.url).opened(), await stream(two.url).opened()];
  const id = await h.text(guest(1));
  for (const s of streams) {
    await s.event('delivered', (e) => e.event === 'message.delivered' && e.data.data.id === id);
    const types = s.events.map((e) => e.event).filter((t) => t.startsWith('message.'));
    assert.equal(types[0], 'message.queued');
    assert.equal(types.at(-1), 'message.delivered');
    for (let i = 1; i < s.events.length; i++) assert.ok(above(s.events[i].id, s.events[i - 1].id));
    assert.equal(s.events.at(-1).data.data.to, guest(1));
    s.cut();
  }
  assert.deepEqual(streams[0].events.slice(1).map((e) => e.id), streams[1].events.slice(1).map((e) => e.id));
});

test('resumed: what came meanwhile, once; from any event, at any process', async () => {
  const s = await stream(one.url).opened();
  h.sql(told(1, 10, 'test.resume'));
  await s.event('10', (e) => e.data.data?.id === 'n10');
  s.cut();
  h.sql(told(11, 350, 'test.resume')); // several chunks
  for (const from of [0, 1, 5, 10]) {
    const r = stream(from % 2 ? two.url : one.url, { after: s.events[from].id });
    await r.event('350', (e) => e.data.data?.id === 'n350');
    assert.equal(r.events[0].id, s.events[from].id);
    assert.deepEqual(r.events.slice(1).map((e) => e.data.data.id), Array.from({ length: 350 - from }, (_, i) => `n${from + 1 + i}`));
    r.cut();
  }
});

test('never another account\'s', async () => {
  const mine = await stream(one.url).opened(), other = await stream(two.url, { key: OTHER_KEY }).opened();
  h.sql(told(1, 5, 'test.theirs', OTHER) + told(1, 5, 'test.mine'));
  await mine.event('mine', (e) => e.data.data?.id === 'n5');
  await other.event('theirs', (e) => e.data.data?.id === 'n5');
  assert.deepEqual([...new Set(mine.events.map((e) => e.event))], ['hello', 'test.mine']);
  assert.deepEqual([...new Set(other.events.map((e) => e.event))], ['hello', 'test.theirs']);
  const resumed = stream(one.url, { after: other.events[0].id }); // a place is not a way in
  await resumed.event('mine', (e) => e.data.data?.id === 'n5');
  assert.ok(resumed.events.every((e) => e.event !== 'test.theirs'));
  for (const s of [mine, other, resumed]) s.cut();
});

// they read once for all who stand where the first of them stood
test('the screens of a stand: each sees each once, in order, also when others are cut or come back behind', async () => {
  const screens = [];
  for (let i = 0; i < 8; i++) screens.push(await stream(one.url).opened());
  const start = screens[0].events[0].id;
  for (let i = 1; i <= 60; i++) {
    h.sql(told(10 * i - 9, 10 * i, 'test.stand'));
    if (i % 10 === 5) { // while something is read, the oldest, which reads first, goes; another begins from the start
      screens.shift().cut();
      screens.push(stream(one.url, { after: start }));
    }
  }
  const all = Array.from({ length: 600 }, (_, i) => `n${i + 1}`);
  for (const s of screens) {
    await s.event('the last one', (e) => e.data.data?.id === 'n600');
    assert.deepEqual(s.events.filter((e) => e.event === 'test.stand').map((e) => e.data.data.id), all);
    s.cut();
  }
});

test('a reply is on the stream within 100 ms of its webhook', async (t) => {
  const s = await stream(two.url).opened(); // the other process
  const took = [];
  for (let i = 0; i < 60; i++) {
    const path = '/webhooks/twilio/sms', body = `I come with ${i}`;
    const began = Date.now();
    const r = await call(h.gatewayUrl + path, { method: 'POST',
      ...twilioRequest(h.gatewayUrl + path, twilioReply(h, guest(5), TWILIO_NUMBER, body), h.credentials.TWILIO_AUTH_TOKEN) });
    assert.ok(r.status < 300, r.text);
    const e = await s.event(body, (x) => x.event === 'message.received' && x.data.data?.body === body);
    took.push(e.at_ms - began);
    await sleep(random(20));
  }
  took.sort((a, b) => a - b);
  t.diagnostic(`from sending the webhook to the event: median ${took[30]} ms, 95 % ${took[56]} ms, worst ${took[59]} ms`);
  assert.ok(took[30] <= 100, `median ${took[30]} ms`);
  s.cut();
});

/** psql processes that insert n rows in all, in transactions of random length: they commit in any order. */
function writers(num, n, type) {
  const each = Math.ceil(n / num), all = [];
  for (let w = 0; w < num; w++) {
    const p = spawn('psql', ['-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', h.env.DATABASE_URL], { stdio: ['pipe', 'ignore', 'inherit'] });
    for (let from = w * each + 1, left = Math.min(each, n - w * each); left > 0;) {
      const rows = Math.min(left, 1 + random(8)), rollback = random(10) === 0;
      p.stdin.write(`BEGIN; ${told(from, from, type)} SELECT pg_sleep(${random(40) / 1000});` +
        `${rows > 1 ? told(from + 1, from + rows - 1, type) : ''} ${rollback ? 'ROLLBACK' : 'COMMIT'};\n`);
      if (rollback) continue; // and again
      from += rows;
      left -= rows;
    }
    p.stdin.end();
    all.push(once(p, 'close').then(([code]) => assert.equal(code, 0)));
  }
  return Promise.all(all);
}

test(`${CUTS} cuts while ${EVENTS} events pass: none missing, none twice, in order (seed ${seed})`, async (t) => {
  const start = await stream(one.url).opened(), ids = [], subjects = [];
  let after = start.events[0].id, cuts = 0, done = false;
  start.cut();
  const writing = writers(4, EVENTS, 'test.cut').then(() => { done = true; });
  const seen = (e) => { if (e.event === 'test.cut') { ids.push(e.id); subjects.push(e.data.data.id); } };
  const end = Date.now() + 40000 + EVENTS * 20;
  while ((subjects.length < EVENTS || cuts < CUTS) && Date.now() < end) {
    const s = stream(cuts % 2 ? one.url : two.url, { after, onEvent: seen });
    if (cuts < CUTS) {
      await sleep(random(30) + (done || subjects.length < cuts * EVENTS / CUTS ? 10 : 0));
      if (random(2)) s.cut(); else s.reset();
      cuts++;
    } else {
      await until('the rest', () => subjects.length >= EVENTS || s.error, 30);
      s.cut();
    }
    if (s.status !== undefined) assert.equal(s.status, 200, s.text);
    after = s.last;
  }
  await writing;
  assert.equal(cuts, CUTS);
  assert.equal(new Set(ids).size, ids.length, 'none twice');
  assert.deepEqual([...subjects].sort(), Array.from({ length: EVENTS }, (_, i) => `n${i + 1}`).sort(), 'none missing');
  for (let i = 1; i < ids.length; i++) assert.ok(above(ids[i], ids[i - 1]), `${ids[i - 1]} ${ids[i]}`);
  const turned = ids.filter((id, i) => i && order(id)[1] < order(ids[i - 1])[1]).length;
  t.diagnostic(`${cuts} cuts; ${turned} events were written before the one in front of them`);
});

test('who does not read is dropped; the others go on, and it resumes', async () => {
  const long = 'x'.repeat(1500);
  h.sql(`INSERT INTO conversations (account_id, conversation_id, phone, last_message_id)
           VALUES ('${ACCOUNT}', 'cnv_long', '+12125559999', 'msg_long');
         INSERT INTO messages (account_id, message_id, conversation_id, direction, kind, phone, body, encoding, segments, state, rank)
           VALUES ('${ACCOUNT}', 'msg_long', 'cnv_long', 'in', 'message', '+12125559999', '${long}', 'GSM-7', 1, 'received', 9)`);
  const slow = await stream(one.url).opened(), quick = await stream(one.url).opened();
  await slow.event('hello', (e) => e.event === 'hello');
  slow.pause();
  const began = Date.now(), N = 4000;
  h.sql(`INSERT INTO events (account_id, type, subject) SELECT '${ACCOUNT}', 'message.long', 'msg_long' FROM generate_series(1, ${N})`);
  const count = (s) => s.events.filter((e) => e.event === 'message.long').length;
  await until('the quick one has all', () => count(quick) === N, 20);
  const peak = Date.now() - began;
  await until('the slow one is dropped', () => dropped(slow), 45);
  assert.ok(Date.now() - began >= 5000, 'not at once');
  h.sql(told(1, 1, 'test.on'));
  await quick.event('the quick one goes on', (e) => e.event === 'test.on');
  assert.ok(peak < 15000);
  slow.response.resume();
  await slow.closed;
  assert.ok(!slow.complete && count(slow) < N, `it was cut at ${count(slow)}`);
  const again = stream(two.url, { after: slow.last });
  await again.event('the end', (e) => e.event === 'test.on');
  assert.equal(count(slow) + count(again), N);
  for (const s of [quick, again]) s.cut();
});

/** The server's side of its connection is gone, by the kernel's table. */
function dropped(s) {
  const hex = (n) => n.toString(16).toUpperCase().padStart(4, '0');
  const [server, client] = [new URL(one.url).port, s.request.socket.localPort].map((p) => `0100007F:${hex(Number(p))}`);
  return !readFileSync('/proc/net/tcp', 'utf8').split('\n').some((l) => l.includes(`${server} ${client} 01 `));
}

test('a key that is revoked: its stream ends within 5 s, and says why', async (t) => {
  const other = await stream(one.url).opened();
  for (const busy of [false, true]) {
    const key = newKey(`revoked_${busy}`), s = await stream(one.url, { key }).opened();
    await s.event('hello', (e) => e.event === 'hello');
    const began = Date.now();
    h.sql(`UPDATE api_keys SET revoked_at = now() WHERE key_id = 'key_revoked_${busy}'`);
    if (busy) h.sql(told(1, 1, 'test.after')); // that is not for them any more
    await Promise.race([s.closed, sleep(6000)]);
    const took = Date.now() - began;
    assert.ok(took < 5000, `${took} ms`);
    assert.deepEqual(s.events.map((e) => e.event), ['hello', 'end']);
    assert.deepEqual(s.events.at(-1).data, { why: 'key_revoked' });
    assert.ok(s.complete);
    t.diagnostic(`${busy ? 'with an event' : 'silent'}: ended within ${took} ms`);
  }
  await other.event('the others go on', (e) => e.event === 'test.after');
  other.cut();
});

/** Somebody new, with an account of their own: their session. */
async function signUp(email) {
  const body = { email, password: 'Correct-horse-7-staple', name: 'Ana', venue: 'Chez Test' };
  assert.equal((await call(`${one.url}/v1/signup`, { body })).status, 202);
  const r = await call(`${one.url}/v1/join`, { body: { token: await h.code(email) } });
  assert.equal(r.status, 201, r.text);
  return r.json;
}

test('a session: its stream ends with it, and does not keep it alive', async () => {
  for (const [why, change] of [
    ['session_ended', (s) => call(`${one.url}/v1/logout`, { method: 'POST', headers: { authorization: `Bearer ${s.token}` } })],
    ['user_disabled', (s) => h.sql(`UPDATE users SET disabled_at = now() WHERE user_id = '${s.user.id}'`)],
    ['membership_removed', (s) => h.sql(`DELETE FROM memberships WHERE user_id = '${s.user.id}'`)],
    ['session_expired', (s) => h.sql(`UPDATE sessions SET last_seen_at = now() - interval '24 hours' WHERE user_id = '${s.user.id}'`)],
  ]) {
    const ana = await signUp(`${why}@example.com`), s = await stream(one.url, { key: ana.token }).opened();
    await s.event('hello', (e) => e.event === 'hello');
    const long = "now() - interval '20 hours'";
    h.sql(`UPDATE sessions SET last_seen_at = ${long} WHERE user_id = '${ana.user.id}'; ${told(1, 1, 'test.theirs', ana.account.id)}`);
    await s.event('theirs', (e) => e.event === 'test.theirs');
    assert.equal(h.sql(`SELECT last_seen_at < ${long} + interval '1 hour' FROM sessions WHERE user_id = '${ana.user.id}'`), 't');
    await change(ana);
    await Promise.race([s.closed, sleep(5000)]);
    assert.deepEqual(s.events.at(-1).data, { why });
    assert.ok(s.complete);
  }
});

test('a lost notification: the event comes all the same', async () => {
  const s = await stream(one.url).opened();
  await s.event('hello', (e) => e.event === 'hello');
  h.sql(`ALTER TABLE events DISABLE TRIGGER tell; ${told(1, 1, 'test.untold')} ALTER TABLE events ENABLE TRIGGER tell`);
  await s.event('it', (e) => e.event === 'test.untold', 5);
  s.cut();
});

test('a place that may be gone, or has not been yet: reset', async () => {
  const s = await stream(one.url).opened();
  s.cut();
  h.sql(told(1, 3, 'test.gone'));
  h.sql("UPDATE events_floor SET xid = (SELECT max(xid) FROM events)");
  for (const after of [s.events[0].id, '999999999999-1']) {
    const r = stream(one.url, { after });
    await r.event('reset', (e) => e.event === 'reset');
    assert.equal(r.events[0].event, 'reset');
    assert.equal(r.events[0].retry, '1000');
    h.sql(told(1, 1, 'test.new'));
    await r.event('what is new', (e) => e.event === 'test.new');
    assert.ok(r.events.every((e) => e.event !== 'test.gone'));
    r.cut();
  }
  h.sql("UPDATE events_floor SET xid = '0'");
});

test('at most 50 of one account; who has left does not count', async () => {
  const key = newKey('many');
  const open = [];
  for (let i = 0; i < 50; i++) open.push(await stream(one.url, { key }).opened());
  assert.deepEqual([...new Set(open.map((s) => s.status))], [200]);
  const more = await stream(one.url, { key }).opened();
  await more.closed;
  assert.equal(more.status, 429, more.text);
  assert.match(more.text, /50 streams/);
  const elsewhere = await stream(one.url, { key: OTHER_KEY }).opened();
  assert.equal(elsewhere.status, 200);
  elsewhere.cut();
  open[0].cut();
  await until('a place is free at once', async () => {
    const s = await stream(one.url, { key }).opened();
    return s.status === 200 && open.push(s);
  }, 2);
  for (const s of open) s.cut();
});

test('a silent stream beats within 16 s, and else sends nothing', async () => {
  await until('a beat', () => silent.comments, 16);
  assert.ok(silent.events.every((e) => ['hello', 'test.theirs'].includes(e.event)));
});

test('SIGTERM: the streams end, the process at once; they go on at the other one', async () => {
  const open = [];
  for (let i = 0; i < 20; i++) open.push(await stream(two.url).opened());
  const began = Date.now();
  const ended = await two.stop();
  assert.deepEqual(ended, { code: 0, signal: null });
  assert.ok(Date.now() - began < 3000, `${Date.now() - began} ms`);
  for (const s of await Promise.all(open.map((o) => o.closed))) assert.ok(s.complete, `${s.error}`);
  h.sql(told(1, 1, 'test.later'));
  const s = stream(one.url, { after: open[0].last });
  await s.event('later', (e) => e.event === 'test.later');
  s.cut();
  silent.cut();
});

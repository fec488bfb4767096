// crashes.test.mjs - the gateway dies at every point between two effects (gateway/core/crash.h), one after
// the other, and is started again: no text is lost or sent twice, no reply is lost or shown twice, no event is
// untold.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, test } from 'node:test';
import { ACCOUNT, guest, house, TWILIO_NUMBER, until } from './house.mjs';

const header = readFileSync(new URL('../../gateway/core/crash.h', import.meta.url), 'utf8');
const points = [...header.matchAll(/^\tX\((\w+)\)/gm)].map((m) => m[1]);

// where events go; switched on only for the points on their way, which others would come by as well
const told = new Set();
const receiver = createServer(async (req, res) => {
  const chunks = [];
  for await (const chunk of req) chunks.push(chunk);
  told.add(req.headers['webhook-id']);
  res.end();
}).listen(0, '127.0.0.1');
const hooks = (on) => h.sql(`UPDATE endpoints SET disabled_at = ${on ? 'NULL' : 'now()'};
                             UPDATE deliveries SET due_at = now() WHERE state = 'waiting'`); // the dead hold none

let h;
before(async () => {
  h = await house();
  Object.assign(h.env, { WEBHOOK_PRIVATE: 'yes', SESSION_KEYS: `a:${Buffer.alloc(32, 'k').toString('base64')}` });
  if (!receiver.listening) await once(receiver, 'listening');
  h.sql(`INSERT INTO endpoints (account_id, endpoint_id, url, disabled_at)
         VALUES ('${ACCOUNT}', 'end_1', 'http://127.0.0.1:${receiver.address().port}/', now())`);
  for (const carrier of ['twilio', 'telnyx']) // webhooks are tried again while the gateway is away
    await h.sim(`/sim/v1/latency/${carrier}`, { method: 'PUT', body: { sent_ms: 0, delivered_ms: 0, retry_ms: 1000 } });
  const once = await h.gateway(); // from now on, what guests write is fetched if it does not come
  await until('it knows since when', () => h.sql('SELECT count(*) FROM heard') === '2');
  await once.stop();
});
after(async () => {
  receiver.closeAllConnections();
  receiver.close();
  await h?.close();
});

// A client that keeps asking until it has its answer, as it should.
async function post(to, body, key) {
  return until(`${body} is accepted`, async () => {
    try {
      const r = await h.api('/v1/messages', { body: { to, body }, headers: { 'idempotency-key': key } });
      assert.ok(r.status === 202 || r.status === 503, r.text);
      return r.status === 202 && r.json.id;
    } catch (e) {
      if (e instanceof assert.AssertionError) throw e;
      return false; // it is dead just now
    }
  }, 240);
}

const bodies = [], ids = [], replies = [], waiting = [];
let run = 0;

/** Starts a gateway that dies at that point, and gives it every kind of work. */
async function dies(point) {
  const env = { RECEIPT_WAIT_S: '1', SEND_TIMEOUT_S: '1', CRASH_AT: `${point}:2` };
  let died; // at once, of work that was left: before it could say that it is ready
  const gateway = await h.gateway(env).catch((e) => { died = /"code":137/.test(e.message); if (!died) throw e; });
  if (died) return { code: 137, signal: null };
  const name = `run ${run++}`;
  for (let i = 0; i < 8; i++) {
    const body = `${name} text ${i}`;
    bodies.push(body);
    waiting.push(post(guest(i), body, body.replaceAll(' ', '-')).then((id) => ids.push(id)));
  }
  for (let i = 0; i < 2; i++) {
    const body = `${name} reply ${i}`;
    replies.push(body);
    waiting.push(h.sim('/sim/v1/replies', { body: { from: guest(i), to: TWILIO_NUMBER, provider: 'twilio', body } }));
  }
  const end = await Promise.race([gateway.ended.then(() => gateway.end), sleep(25000, undefined, { ref: false })]);
  if (!end) await gateway.stop();
  return end;
}

// first, while nothing else is under way: it is to freeze over this text
test('frozen between its row and its first byte: another gateway goes on, and the text is sent once', async () => {
  await h.heal();
  const frozen = await h.gateway({ SEND_TIMEOUT_S: '1', CRASH_AT: undefined, FREEZE_AT: 'attempt_opened:1' });
  const body = 'frozen text';
  const id = await post(guest(90), body, 'frozen-text').catch(() => undefined);
  const other = await h.worker();
  const state = () => h.sql(`SELECT state FROM messages WHERE body = '${body}'`);
  await until('the other one has given that attempt up and sent it', () => ['sent', 'delivered'].includes(state()), 60);
  frozen.child.kill('SIGCONT');
  await sleep(3000);
  await frozen.stop();
  await other.stop();
  assert.equal((await h.sim(`/sim/v1/ledger?to=${guest(90).slice(1)}`)).json.texts.length, 1, `${id}`);
});

for (const point of points)
  test(`dies: ${point}`, async () => {
    // every road: an answer, a lost one that is looked up, a receipt that has to be fetched
    await h.heal();
    hooks(point.startsWith('hook_'));
    await h.faults('twilio', { kind: 'hang_after_accept', ms: 3000, percent: 34 },
                   { kind: 'callbacks_off', percent: 50 });
    assert.deepEqual(await dies(point), { code: 137, signal: null }, `${point} was never reached`);
  });

test('after all that: each text once, each reply once, and all has ended', async () => {
  await h.heal();
  hooks(true);
  const gateway = await h.gateway({ RECEIPT_WAIT_S: '1', SEND_TIMEOUT_S: '1' });
  await Promise.all(waiting);
  assert.equal(new Set(ids).size, bodies.length);
  await until('all have ended', () =>
    h.sql(`SELECT count(*) FROM messages WHERE direction = 'out' AND ended_at IS NULL`) === '0', 90);
  await until('all is applied', () => h.sql('SELECT count(*) FROM pending') === '0', 60);
  const { texts } = (await h.sim('/sim/v1/ledger?limit=1000')).json;
  const sent = texts.map((t) => t.body).sort();
  assert.deepEqual(sent, [...bodies, 'frozen text'].sort());
  const received = () => h.sql("SELECT body FROM messages WHERE direction = 'in'").split('\n').sort();
  const missing = () => replies.filter((body) => !received().includes(body));
  await until('all replies are there', () => !missing().length, 150) // some have to be fetched
    .catch((e) => assert.fail(`${e.message}: ${missing()}\n${h.sql('SELECT * FROM heard')}\n${gateway.output.slice(-1500)}`));
  assert.deepEqual(received(), [...replies].sort());
  const deliveries = () => h.sql('SELECT delivery_id FROM deliveries').split('\n');
  await until('all events were taken', () =>
    h.sql(`SELECT count(*) FROM deliveries WHERE state <> 'delivered'`) === '0', 60);
  assert.deepEqual(deliveries().filter((id) => !told.has(id)), []);
});

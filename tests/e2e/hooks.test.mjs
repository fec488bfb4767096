// hooks.test.mjs - webhooks to customers' own systems: real receivers on this machine, which verify with
// the official library, fail, hang and go away; and addresses that are not for them.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { ACCOUNT, guest, house, until } from './house.mjs';

const OLD = Buffer.alloc(32, 'o'), NEW = Buffer.alloc(32, 'n');
const KEYS = { SESSION_KEYS: `new:${NEW.toString('base64')},old:${OLD.toString('base64')}` };
const PRIVATE = { ...KEYS, WEBHOOK_PRIVATE: 'yes' };

let h, gateway, made = 0;
const receivers = [];
before(async () => {
  h = await house();
  gateway = await h.gateway(PRIVATE);
});
after(async () => {
  for (const r of receivers) r.close();
  await h?.close();
});

/** A receiver of webhooks; `answer`, which tests may replace, gives each request's status, or a promise. */
async function receiver() {
  const r = { requests: [], answer: () => 200 };
  const server = createServer(async (req, res) => {
    const chunks = [];
    for await (const chunk of req) chunks.push(chunk);
    const request = { headers: req.headers, body: Buffer.concat(chunks).toString(), path: req.url };
    r.requests.push(request);
    const status = await r.answer(request);
    if (status) res.writeHead(status).end(`answer ${status}`);
    else req.socket.destroy();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  r.connections = 0;
  server.on('connection', () => { r.connections++; });
  r.port = server.address().port;
  r.url = `http://127.0.0.1:${r.port}/hook`;
  r.ids = () => r.requests.map((q) => q.headers['webhook-id']);
  r.bodies = () => r.requests.map((q) => JSON.parse(q.body));
  r.close = () => { server.closeAllConnections(); server.close(); };
  receivers.push(r);
  return r;
}

/** An endpoint in place of all others. Its id. */
function endpoint(url, { types = ['message.updated'], version = 1, more = false } = {}) {
  const id = `end_${String(++made).padStart(26, '0')}`;
  if (!more) h.sql(`DELETE FROM endpoints; DELETE FROM deliveries`);
  h.sql(`INSERT INTO endpoints (account_id, endpoint_id, url, types, secret_version)
         VALUES ('${ACCOUNT}', '${id}', '${url}', '{${types}}', ${version})`);
  return id;
}

const secret = (key, id, version) =>
  `whsec_${createHmac('sha256', key).update(`webhook ${id} ${version}`).digest('base64')}`;
const deliveries = (id, what) =>
  h.sql(`SELECT ${what} FROM deliveries WHERE endpoint_id = '${id}' ORDER BY delivery_id`).split('\n').filter(Boolean);
/** What waits is due at once: nobody waits five seconds, or a day. */
const hurry = () => h.sql(`UPDATE deliveries SET due_at = now() WHERE state = 'waiting' AND claimed_by IS NULL;
                           NOTIFY maitred_hooks`);
const settled = (id, state) => until(`${id}: all are ${state}`, () => {
  const states = deliveries(id, 'state');
  return states.length && states.every((s) => s === state);
});

test('a text is told, signed so that the official library believes it', async () => {
  const r = await receiver();
  const id = endpoint(r.url, { version: 3 });
  const message = await h.text(guest(1));
  await until('its events', () => r.bodies().some((b) => b.data.id === message));
  await settled(id, 'delivered');
  for (const { headers, body } of r.requests) {
    for (const key of [NEW, OLD]) // whichever of them the receiver was shown
      assert.deepEqual(new Webhook(secret(key, id, 3)).verify(body, headers), JSON.parse(body));
    assert.throws(() => new Webhook(secret(NEW, id, 2)).verify(body, headers));
    assert.throws(() => new Webhook(secret(NEW, id, 3)).verify(`${body} `, headers));
    assert.match(headers['webhook-id'], /^dlv_[0-9a-hjkmnp-tv-z]{26}$/);
    assert.equal(headers['content-type'], 'application/json');
    const { id: event, type, timestamp } = JSON.parse(body);
    assert.match(event, /^evt_[0-9a-hjkmnp-tv-z]{26}$/);
    assert.equal(type, 'message.updated');
    assert.ok(Math.abs(Date.parse(timestamp) - Date.now()) < 60_000, timestamp);
  }
  assert.equal(new Set(r.ids()).size, r.requests.length, 'each once');
});

test('while a secret is rotated, the one before verifies as well', async () => {
  const r = await receiver();
  const id = endpoint(r.url, { version: 2 });
  h.sql(`UPDATE endpoints SET previous_until = now() + interval '1 hour'`);
  await h.text(guest(2));
  await until('told', () => r.requests.length > 0);
  await settled(id, 'delivered');
  for (const version of [1, 2])
    new Webhook(secret(NEW, id, version)).verify(r.requests[0].body, r.requests[0].headers);
});

test('only the types that it wants, and nothing while it is switched off', async () => {
  const wants = await receiver(), not = await receiver(), off = await receiver();
  const id = endpoint(wants.url);
  endpoint(not.url, { types: ['booking.created'], more: true });
  const disabled = endpoint(off.url, { more: true });
  h.sql(`UPDATE endpoints SET disabled_at = now() WHERE endpoint_id = '${disabled}'`);
  await h.text(guest(3));
  await until('told', () => wants.requests.length > 0);
  await settled(id, 'delivered');
  assert.equal(not.requests.length + off.requests.length, 0);
});

test('a receiver that fails twice gets it again, under the same id', async () => {
  const r = await receiver();
  const seen = new Map();
  r.answer = ({ headers }) => {
    const times = (seen.get(headers['webhook-id']) ?? 0) + 1;
    seen.set(headers['webhook-id'], times);
    return times < 3 ? 500 : 200;
  };
  const id = endpoint(r.url);
  await h.text(guest(4));
  await until('tried', () => deliveries(id, 'tries').some((n) => n === '1'));
  assert.match(deliveries(id, 'last_why')[0], /answered 500/);
  assert.equal(deliveries(id, 'last_answer')[0], 'answer 500');
  const wait = Number(deliveries(id, 'extract(epoch FROM due_at - now())')[0]);
  assert.ok(wait > 0 && wait < 5.6, `due in ${wait} s`);
  assert.notEqual(h.sql('SELECT failing_since FROM endpoints'), '');
  await until('delivered', () => { hurry(); return deliveries(id, 'state').every((s) => s === 'delivered'); });
  for (const times of seen.values()) assert.equal(times, 3);
  assert.deepEqual(new Set(seen.keys()), new Set(deliveries(id, 'delivery_id')));
  assert.ok(deliveries(id, 'tries').every((n) => n === '3'));
  assert.equal(h.sql('SELECT failing_since FROM endpoints'), '', 'it is well');
});

test('a receiver that is gone for good is switched off', async () => {
  const r = await receiver();
  r.answer = () => 410;
  const id = endpoint(r.url);
  await h.text(guest(5));
  await until('off', () => h.sql('SELECT disabled_at IS NOT NULL FROM endpoints') === 't');
  assert.match(h.sql('SELECT disabled_why FROM endpoints'), /410/);
  await settled(id, 'failed'); // also what waited behind it
  const n = r.requests.length;
  await h.text(guest(5));
  await sleep(1500);
  assert.equal(r.requests.length, n, 'nothing more');
});

test('a receiver that is slow does not hold up another', async () => {
  const slow = await receiver(), quick = await receiver();
  const held = [];
  slow.answer = () => new Promise((resolve) => held.push(resolve));
  const stuck = endpoint(slow.url), fine = endpoint(quick.url, { more: true });
  await Promise.all(Array.from({ length: 30 }, (_, i) => h.text(guest(100 + i))));
  await until('all texts have ended', () =>
    h.sql(`SELECT count(*) FROM messages WHERE direction = 'out' AND ended_at IS NULL`) === '0');
  await settled(fine, 'delivered');
  assert.equal(new Set(quick.bodies().map((b) => b.data.id)).size, 30);
  assert.ok(slow.requests.length <= 4, `${slow.requests.length} at once`);
  assert.ok(deliveries(stuck, 'state').every((s) => s === 'waiting'));
  slow.answer = () => 200;
  for (const resolve of held) resolve(200);
  await settled(stuck, 'delivered');
});

test('a receiver that hangs, hangs up or is not there is tried again', async () => {
  const r = await receiver();
  const id = endpoint(r.url);
  let times = 0;
  r.answer = () => (times++ ? 200 : 0); // hangs up
  await h.text(guest(6));
  await until('hung up', () => deliveries(id, 'last_why').some((why) => /may not have arrived/.test(why)));
  await until('delivered', () => { hurry(); return deliveries(id, 'state').every((s) => s === 'delivered'); });
  const nobody = endpoint('http://127.0.0.1:1/hook');
  await h.text(guest(7));
  await until('not there', () => deliveries(nobody, 'last_why').some((why) => /could not be sent.*connect/i.test(why)));
  const hanging = await receiver();
  hanging.answer = () => new Promise(() => {});
  const late = endpoint(hanging.url);
  await h.text(guest(8));
  await until('timed out', () => deliveries(late, 'last_why').some((why) => /timed out/i.test(why)), 20);
});

test('a redirection is not followed', async () => {
  const r = await receiver(), elsewhere = await receiver();
  r.answer = () => 307;
  const id = endpoint(r.url);
  await h.text(guest(9));
  await until('told', () => deliveries(id, 'last_why').some((why) => /307; redirections are not followed/.test(why)));
  assert.equal(elsewhere.connections, 0);
});

test('kill -9 in the middle loses none', async () => {
  const r = await receiver();
  r.answer = async () => { await sleep(20); return 200; };
  const id = endpoint(r.url);
  const messages = [];
  for (let round = 0; round < 3; round++) {
    for (let i = 0; i < 10; i++) messages.push(await h.text(guest(200 + round * 10 + i)));
    await until('some were told', () => r.requests.length > round * 12);
    await gateway.stop('SIGKILL');
    gateway = await h.gateway(PRIVATE);
  }
  await until('all texts have ended', () =>
    h.sql(`SELECT count(*) FROM messages WHERE direction = 'out' AND ended_at IS NULL`) === '0', 60);
  // those whose lease runs are due at once: nobody waits half a minute
  h.sql(`UPDATE deliveries SET due_at = now() WHERE state = 'waiting'; NOTIFY maitred_hooks`);
  await settled(id, 'delivered');
  const told = new Set(r.bodies().map((b) => b.data.id));
  assert.deepEqual(messages.filter((m) => !told.has(m)), []);
  const ids = new Set(r.ids());
  assert.deepEqual(deliveries(id, 'delivery_id').filter((d) => !ids.has(d)), [], 'each delivery arrived');
  assert.equal(Number(h.sql(`SELECT count(*) FROM events v WHERE NOT EXISTS
    (SELECT FROM deliveries d WHERE d.account_id = v.account_id AND d.xid = v.xid AND d.seq = v.seq)
    AND v.subject IN ('${messages.join("','")}')`)), 0, 'each event has its delivery');
});

test('SIGTERM: what is under way is finished and settled', async () => {
  const r = await receiver();
  r.answer = async () => { await sleep(700); return 200; };
  const id = endpoint(r.url);
  await h.text(guest(10));
  await until('under way', () => r.requests.length > 0);
  assert.deepEqual(await gateway.stop(), { code: 0, signal: null });
  assert.ok(deliveries(id, 'claimed_by').every((who) => who === ''), 'nothing is left claimed');
  assert.ok(deliveries(id, 'state').includes('delivered'));
  gateway = await h.gateway(PRIVATE);
});

test('addresses of our own network are not connected to', async () => {
  const r = await receiver();
  await gateway.stop();
  gateway = await h.gateway(KEYS);
  for (const [url, why] of [
    [`https://127.0.0.1:${r.port}/`, /not on the public internet/],
    [`https://localhost:${r.port}/`, /not on the public internet/],
    [`https://0x7f.1:${r.port}/`, /not on the public internet/],
    [`https://[::ffff:127.0.0.1]:${r.port}/`, /not on the public internet/],
    [`https://169.254.169.254/latest/meta-data/`, /not on the public internet/],
    [`http://127.0.0.1:${r.port}/`, /only https/],
    [`http://localhost:${r.port}/`, /only https/],
  ]) {
    const id = endpoint(url);
    await h.text(guest(11));
    await until(`${url} is refused`, () => deliveries(id, 'last_why').some((said) => why.test(said)));
    assert.ok(deliveries(id, 'state').every((s) => s === 'waiting'));
  }
  assert.equal(r.connections, 0);
});

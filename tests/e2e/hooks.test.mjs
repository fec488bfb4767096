// hooks.test.mjs - webhooks to customers' own systems: their endpoints, and real receivers on this machine,
// which verify with the official library, fail, hang and go away; and addresses that are not for them.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { guest, house, TWILIO_NUMBER, until } from './house.mjs';

const OLD = Buffer.alloc(32, 'o'), NEW = Buffer.alloc(32, 'n');
const KEYS = { SESSION_KEYS: `new:${NEW.toString('base64')},old:${OLD.toString('base64')}` };
const PRIVATE = { ...KEYS, WEBHOOK_PRIVATE: 'yes' };

let h, gateway;
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
    try {
      for await (const chunk of req) chunks.push(chunk);
    } catch {
      return; // who sent it was killed in the middle: that was no request
    }
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

const ask = (method, route, body) => h.api(`/v1/webhooks${route}`, { method, body });
/** The same, and it has to go well: the answer's body. */
async function done(method, route, body) {
  const r = await ask(method, route, body);
  assert.ok(r.status < 300, `${method} ${route}: ${r.status} ${r.text}`);
  return r.json;
}

async function nowhere() {
  for (const { id } of (await done('GET', '')).data) await done('DELETE', `/${id}`);
}

/** An endpoint in place of all others. Its id. */
async function endpoint(url, { types, more = false } = {}) {
  if (!more) await nowhere();
  return (await done('POST', '', { url, types })).id;
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
  const id = await endpoint(r.url);
  const shown = (await done('GET', `/${id}`)).secret;
  const message = await h.text(guest(1));
  await until('all of it', () => r.bodies().some((b) => b.type === 'message.delivered'));
  await settled(id, 'delivered');
  assert.equal(shown, secret(NEW, id, 1));
  for (const { headers, body } of r.requests) {
    for (const one of [shown, secret(OLD, id, 1)]) // whichever of them the receiver was shown
      assert.deepEqual(new Webhook(one).verify(body, headers), JSON.parse(body));
    assert.throws(() => new Webhook(secret(NEW, id, 2)).verify(body, headers));
    assert.throws(() => new Webhook(shown).verify(`${body} `, headers));
    assert.match(headers['webhook-id'], /^dlv_[0-9a-hjkmnp-tv-z]{26}$/);
    assert.equal(headers['content-type'], 'application/json');
    const { id: event, type, timestamp, data } = JSON.parse(body);
    assert.match(event, /^evt_[0-9a-hjkmnp-tv-z]{26}$/);
    assert.match(type, /^message\.(queued|sent|delivered)$/);
    assert.deepEqual([data.id, data.to], [message, guest(1)]);
    assert.ok(Math.abs(Date.parse(timestamp) - Date.now()) < 60_000, timestamp);
  }
  assert.ok(r.bodies().some((b) => b.type === 'message.queued'));
  assert.equal(r.bodies().find((b) => b.type === 'message.delivered').data.state, 'delivered');
  assert.equal(new Set(r.ids()).size, r.requests.length, 'each once');
});

test('what guests write and ask for is told', async () => {
  const r = await receiver();
  await h.text(guest(20));
  const id = await endpoint(r.url, { types: ['message.received', 'conversation.consent'] });
  await h.sim('/sim/v1/replies', { body: { from: guest(20), to: TWILIO_NUMBER, provider: 'twilio', body: 'STOP' } });
  await until('both', () => r.requests.length >= 2);
  await settled(id, 'delivered');
  const of = (type) => r.bodies().find((b) => b.type === type).data;
  assert.deepEqual([of('message.received').body, of('message.received').from], ['STOP', guest(20)]);
  assert.equal(of('conversation.consent').consent, 'stopped');
  assert.equal(of('conversation.consent').id, of('message.received').conversation_id);
});

test('while a secret is rotated, the one before verifies as well', async () => {
  const r = await receiver();
  const id = await endpoint(r.url);
  const first = (await done('GET', `/${id}`)).secret;
  const { secret: second, previous_secret_until: until_ } = await done('POST', `/${id}/rotate`);
  assert.equal(second, secret(NEW, id, 2));
  assert.ok(Math.abs(Date.parse(until_) - Date.now() - 86_400_000) < 60_000, until_);
  assert.equal((await done('GET', `/${id}`)).secret, second);
  const one = (await done('POST', `/${id}/test`)).id;
  await until('told', () => r.ids().includes(one));
  for (const either of [first, second]) new Webhook(either).verify(r.requests[0].body, r.requests[0].headers);
  h.sql(`UPDATE endpoints SET previous_until = now()`); // a day has passed
  const later = (await done('POST', `/${id}/test`)).id;
  await until('told', () => r.ids().includes(later));
  new Webhook(second).verify(r.requests[1].body, r.requests[1].headers);
  assert.throws(() => new Webhook(first).verify(r.requests[1].body, r.requests[1].headers));
});

test('an endpoint is made, shown, changed and deleted', async () => {
  await nowhere();
  const made = await ask('POST', '', { url: 'https://one.example/hook', types: ['message.sent'], description: 'Till' });
  assert.equal(made.status, 201);
  const { secret: shown, ...rest } = made.json;
  const id = rest.id;
  assert.match(id, /^end_[0-9a-hjkmnp-tv-z]{26}$/);
  assert.match(shown, /^whsec_[A-Za-z0-9+/]{43}=$/);
  assert.deepEqual([rest.url, rest.types, rest.description, rest.enabled],
                   ['https://one.example/hook', ['message.sent'], 'Till', true]);
  assert.deepEqual(await done('GET', `/${id}`), made.json);
  assert.deepEqual((await done('GET', '')).data, [rest], 'lists show no secret');
  const off = await done('PATCH', `/${id}`, { url: 'https://two.example/', enabled: false });
  assert.deepEqual([off.url, off.types, off.enabled], ['https://two.example/', ['message.sent'], false]);
  assert.ok(off.disabled_at && !off.secret);
  assert.equal((await ask('POST', `/${id}/test`)).status, 409);
  assert.equal((await done('PATCH', `/${id}`, { enabled: true })).disabled_at, null);
  assert.deepEqual(await done('DELETE', `/${id}`), { id, state: 'deleted' });
  for (const [method, route] of [['GET', ''], ['DELETE', ''], ['POST', '/rotate'], ['POST', '/test'], ['GET', '/deliveries']])
    assert.equal((await ask(method, `/${id}${route}`)).status, 404, route);
});

test('asked again with the same Idempotency-Key, one is made; its secret is not kept', async () => {
  await nowhere();
  const again = () => h.api('/v1/webhooks', { body: { url: 'https://one.example/' }, headers: { 'idempotency-key': 'hook-1' } });
  const first = await again(), second = await again();
  assert.deepEqual([first.status, second.status, second.json.id], [201, 201, first.json.id]);
  assert.equal(second.json.secret, undefined);
  assert.equal((await done('GET', '')).data.length, 1);
});

test('what does not fit is refused, and named', async () => {
  const id = await endpoint('https://one.example/');
  const url = 'https://one.example/';
  for (const [param, body] of [
    ['url', {}],
    ['url', { url: 'one.example' }],
    ['url', { url: 'ftp://one.example/' }],
    ['url', { url: 'https://' }],
    ['url', { url: 'https://one.example/a b' }],
    ['url', { url: `https://one.example/${'x'.repeat(2000)}` }],
    ['types', { url, types: ['message.updated'] }],
    ['types', { url, types: 'message.sent' }],
    ['types', { url, types: [] }],
    ['description', { url, description: 'x'.repeat(201) }],
    ['enabled', { url, enabled: true }],
  ]) {
    const r = await ask('POST', '', body);
    assert.deepEqual([r.status, r.json.param], [422, param], r.text);
  }
  for (const [param, body] of [['url', { url: 'no' }], ['types', { types: ['no'] }], ['enabled', { enabled: 1 }]]) {
    const r = await ask('PATCH', `/${id}`, body);
    assert.deepEqual([r.status, r.json.param], [422, param], r.text);
  }
  assert.equal((await done('GET', '')).data.length, 1);
});

test('an account has at most ten, however many are asked for at once', async () => {
  await nowhere();
  const asked = await Promise.all(Array.from({ length: 25 }, () => ask('POST', '', { url: 'https://one.example/' })));
  assert.equal(asked.filter((r) => r.status === 201).length, 10);
  for (const r of asked.filter((one) => one.status !== 201))
    assert.deepEqual([r.status, r.json.code], [409, 'conflict'], r.text);
  assert.equal((await done('GET', '')).data.length, 10);
});

test('what was delivered is listed, and posted again under the same id', async () => {
  const r = await receiver();
  const id = await endpoint(r.url, { types: ['message.received'] });
  const tests = [];
  for (let i = 0; i < 3; i++) {
    const { status, json } = await ask('POST', `/${id}/test`);
    assert.deepEqual([status, json.type, json.state], [202, 'test', 'waiting']);
    tests.push(json.id);
  }
  await settled(id, 'delivered');
  assert.ok(r.bodies().every((b) => b.type === 'test' && b.data.id === id && b.id.startsWith('evt_')));
  const page = await done('GET', `/${id}/deliveries?limit=2`);
  const rest = await done('GET', `/${id}/deliveries?limit=2&cursor=${page.next_cursor}`);
  assert.deepEqual([...page.data, ...rest.data].map((d) => d.id), tests.sort().reverse());
  assert.equal(rest.next_cursor, null);
  const [last] = page.data;
  assert.deepEqual([last.state, last.tries, last.last_status, last.last_answer], ['delivered', 1, 200, 'answer 200']);
  const bodies = () => r.requests.filter((q) => q.headers['webhook-id'] === last.id).map((q) => q.body);
  const replayed = await ask('POST', `/${id}/deliveries/${last.id}/replay`);
  assert.deepEqual([replayed.status, replayed.json.state, replayed.json.tries], [202, 'waiting', 0]);
  await until('it came again', () => bodies().length === 2);
  await settled(id, 'delivered');
  assert.equal(bodies()[0], bodies()[1]);
  assert.equal((await ask('POST', `/${id}/deliveries/dlv_no/replay`)).status, 404);
  await done('PATCH', `/${id}`, { enabled: false });
  assert.equal((await ask('POST', `/${id}/deliveries/${last.id}/replay`)).status, 409);
});

test('only the types that it wants, and nothing while it is switched off', async () => {
  const wants = await receiver(), not = await receiver(), off = await receiver();
  const id = await endpoint(wants.url);
  await endpoint(not.url, { types: ['message.received', 'conversation.consent'], more: true });
  const disabled = await endpoint(off.url, { more: true });
  await done('PATCH', `/${disabled}`, { enabled: false });
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
  const id = await endpoint(r.url);
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
  const id = await endpoint(r.url);
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
  const stuck = await endpoint(slow.url), fine = await endpoint(quick.url, { more: true });
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
  const id = await endpoint(r.url);
  let times = 0;
  r.answer = () => (times++ ? 200 : 0); // hangs up
  await h.text(guest(6));
  await until('hung up', () => deliveries(id, 'last_why').some((why) => /may not have arrived/.test(why)));
  await until('delivered', () => { hurry(); return deliveries(id, 'state').every((s) => s === 'delivered'); });
  const nobody = await endpoint('http://127.0.0.1:1/hook');
  await h.text(guest(7));
  await until('not there', () => deliveries(nobody, 'last_why').some((why) => /could not be sent.*connect/i.test(why)));
  const hanging = await receiver();
  hanging.answer = () => new Promise(() => {});
  const late = await endpoint(hanging.url);
  await h.text(guest(8));
  await until('timed out', () => deliveries(late, 'last_why').some((why) => /timed out/i.test(why)), 20);
});

test('a redirection is not followed', async () => {
  const r = await receiver(), elsewhere = await receiver();
  r.answer = () => 307;
  const id = await endpoint(r.url);
  await h.text(guest(9));
  await until('told', () => deliveries(id, 'last_why').some((why) => /307; redirections are not followed/.test(why)));
  assert.equal(elsewhere.connections, 0);
});

test('kill -9 in the middle loses none', async () => {
  const r = await receiver();
  r.answer = async () => { await sleep(20); return 200; };
  const id = await endpoint(r.url);
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
  const id = await endpoint(r.url);
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
  const id = await endpoint('https://one.example/');
  for (const [method, route] of [['POST', ''], ['PATCH', `/${id}`]]) {
    const refused = await ask(method, route, { url: r.url });
    assert.deepEqual([refused.status, refused.json.param], [422, 'url'], refused.text);
    assert.match(refused.json.detail, /https:/);
  }
  for (const [url, why] of [
    [`https://127.0.0.1:${r.port}/`, /not on the public internet/],
    [`https://localhost:${r.port}/`, /not on the public internet/],
    [`https://0x7f.1:${r.port}/`, /not on the public internet/],
    [`https://[::ffff:127.0.0.1]:${r.port}/`, /not on the public internet/],
    [`https://169.254.169.254/latest/meta-data/`, /not on the public internet/],
    [`http://127.0.0.1:${r.port}/`, /only https/],
    [`http://localhost:${r.port}/`, /only https/],
  ]) {
    h.sql(`DELETE FROM deliveries; UPDATE endpoints SET url = '${url}'`); // also one that was fine once
    await done('POST', `/${id}/test`);
    await until(`${url} is refused`, () => deliveries(id, 'last_why').some((said) => why.test(said)));
    assert.ok(deliveries(id, 'state').every((s) => s === 'waiting'));
  }
  assert.equal(r.connections, 0);
});

test('without SESSION_KEYS nothing is posted, and that is said once', async () => {
  await gateway.stop();
  gateway = await h.gateway({ SESSION_KEYS: '', WORKERS: '2' });
  assert.equal(gateway.output.match(/"event":"webhooks_off"/g)?.length, 1);
});

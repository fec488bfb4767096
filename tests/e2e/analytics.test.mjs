// analytics.test.mjs - what Amplitude is told of staff, each of its answers, and that nothing of a guest goes there.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { amplitude } from './amplitude.mjs';
import { PASSWORD, staff } from './desk.mjs';
import { ACCOUNT, call, guest, house, TWILIO_NUMBER, until } from './house.mjs';
import { scrape, sum, TOKEN } from './scrape.mjs';

const AGENT = 'Mozilla/5.0 (iPad; CPU OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1';
const headers = { 'user-agent': AGENT, 'accept-language': 'es-MX,es;q=0.9' };

let h, a, gateway, env, marta;
before(async () => {
  a = await amplitude();
  h = await house({ prism: false });
  env = { ...a.env(), OPERATOR_TOKEN: TOKEN };
  gateway = await h.gateway(env);
  staff(h, 'Marta');
  marta = await signIn('marta');
  await events(1);
});
after(async () => { await h?.close(); a?.close(); });
beforeEach(async () => {
  await until('all was sent', () => a.requests.length === 0 || Date.now() - a.requests.at(-1).at > 300);
  a.forget();
});

async function signIn(login) {
  h.sql('DELETE FROM tries');
  const r = await call(`${h.gatewayUrl}/v1/login`, { body: { login, password: PASSWORD }, headers });
  assert.equal(r.status, 201, r.text);
  return { token: r.json.token, user: r.json.user.id };
}
const as = (who, route, body) => call(h.gatewayUrl + route, { method: 'POST', body: body ?? {}, headers: { ...headers, authorization: `Bearer ${who.token}` } });
const events = (n, seconds = 20) => until(`${n} events: ${JSON.stringify(a.events)}`, () => a.events.length >= n && [...a.events], seconds);
let made = 0;
const parties = async (n, who = marta) => {
  for (let i = 0; i < n; i++) assert.equal((await as(who, '/v1/parties', { size: 2, name: `N${made++}` })).status, 201);
};

test('a sign-in, a party, a notice and a sign-out: who, from where, with what; nothing of guests', async () => {
  const CANARY = 'Zanzibar';
  const who = await signIn('marta');
  const party = await as(who, '/v1/parties', { size: 5, name: `${CANARY} Guest`, phone: guest(1), notes: `${CANARY} notes`, tags: [CANARY] });
  const told = await as(who, `/v1/parties/${party.json.party.id}/notify`);
  assert.equal(told.json.text.texted, true, told.text);
  await h.sim('/sim/v1/replies', { body: { from: guest(1), to: TWILIO_NUMBER, provider: 'twilio', body: `${CANARY} words` } });
  await as(who, `/v1/conversations/${told.json.party.guest.id}/messages`, { body: `${CANARY} answer` });
  await as(who, '/v1/logout');
  await events(4);
  assert.deepEqual(a.events.map((e) => e.event_type), ['sign-in', 'party added', 'notification sent', 'sign-out']);
  for (const e of a.events) {
    assert.equal(e.user_id, who.user);
    assert.match(e.insert_id, /^evt_[0-9a-z]{26}$/);
    assert.ok(Math.abs(e.time - Date.now()) < 60_000);
    assert.deepEqual([e.app_version, e.platform, e.os_name, e.language, e.ip, e.user_agent, e.event_properties.browser, e.event_properties.account],
      ['v42', 'Web', 'iOS', 'es-MX', '127.0.0.1', AGENT, 'Safari 17', ACCOUNT]);
  }
  assert.equal(a.events[1].event_properties.party_size, 5);
  assert.deepEqual([a.events[2].event_properties.channel, a.events[2].event_properties.party_size], ['sms', 5]);
  const sent = a.requests.map((r) => r.text).join('\n');
  for (const no of [CANARY, guest(1), guest(1).slice(2), 'Marta', 'marta', PASSWORD, told.json.party.id, told.json.party.guest.id, 'Test'])
    assert.ok(!sent.includes(no), `${no}: ${sent}`);
  assert.deepEqual([...new Set(a.events.flatMap((e) => Object.keys(e)))].sort(),
    ['app_version', 'event_properties', 'event_type', 'insert_id', 'ip', 'language', 'os_name', 'platform', 'time', 'user_agent', 'user_id']);
  assert.deepEqual([...new Set(a.events.flatMap((e) => Object.keys(e.event_properties)))].sort(), ['account', 'browser', 'channel', 'party_size']);
});

test('what did nothing, was refused, was asked twice, or was done by a server or a guest is no event', async () => {
  const { json } = await as(marta, '/v1/parties', { size: 2, phone: guest(2) });
  await as(marta, `/v1/parties/${json.party.id}/notify`, { text: false }); // nobody is texted
  await as(marta, `/v1/parties/${json.party.id}/notify`); // it is so already
  await as(marta, '/v1/parties', { size: 0 });
  await h.api('/v1/parties', { body: { size: 3 } });
  for (let i = 0; i < 2; i++)
    await call(`${h.gatewayUrl}/v1/parties`, { body: { size: 4 }, headers: { authorization: `Bearer ${marta.token}`, 'idempotency-key': 'twice' } });
  await call(`${h.gatewayUrl}/v1/login`, { body: { login: 'marta', password: 'wrong-Password-1' } });
  await sleep(6000);
  assert.deepEqual(a.events.map((e) => `${e.event_type} ${e.event_properties.party_size}`), ['party added 2', 'party added 4']);
});

test('ten at once, the rest within five seconds, one request at a time', async () => {
  await parties(23);
  await events(23);
  assert.ok(a.requests.every((r) => r.events.length <= 10));
  assert.deepEqual(a.requests.map((r) => r.events.length).slice(0, 2), [10, 10]);
  assert.equal(a.most(), 1);
  assert.equal(new Set(a.events.map((e) => e.insert_id)).size, 23);
});

test('400: the named ones go, the rest is sent again at once', async () => {
  a.faults({ status: 400, answer: { code: 400, error: 'x', events_with_invalid_fields: { time: [0, 3] }, events_with_missing_fields: { user_id: [5] }, silenced_events: [9] } });
  await parties(10);
  await events(6);
  const [first, second] = a.requests;
  assert.deepEqual(second.events.map((e) => e.insert_id), first.events.filter((_, i) => ![0, 3, 5, 9].includes(i)).map((e) => e.insert_id));
  assert.ok(second.at - first.at < 1000);
  const count = sum(await scrape(gateway.url), 'maitred_staff_events_total', { outcome: 'refused' });
  assert.equal(count, 4);
});

test('400 that names none, and 403: they go, and nothing loops', async () => {
  a.faults({ status: 400, answer: { code: 400, error: 'Invalid API key' } }, { status: 403, answer: 'not JSON' });
  await parties(20);
  await until('two refusals', () => a.requests.length === 2);
  await parties(10);
  await events(10);
  assert.equal(a.requests.length, 3);
});

test('413: in halves, down to one, which goes', async () => {
  const large = new Set();
  a.faults({ times: 99, status: 413, when: (b) => { if (!large.size) large.add(b.events[6].insert_id); return b.events.some((e) => large.has(e.insert_id)); } });
  await parties(10);
  await events(9);
  assert.equal(a.events.length, 9);
  assert.ok(!a.events.some((e) => large.has(e.insert_id)));
  assert.deepEqual(a.requests.slice(0, 2).map((r) => [r.events.length, r.status]), [[10, 413], [5, 200]]);
});

test('429: who sends too much waits 30 s, the others do not', { timeout: 90_000 }, async () => {
  staff(h, 'Nora');
  const nora = await signIn('nora');
  await events(1);
  a.forget();
  a.faults({ status: 429, answer: (b) => ({ code: 429, error: 'Too many requests', throttled_users: { [marta.user]: 31 }, throttled_devices: {},
    throttled_events: b.events.map((e, i) => (e.user_id === marta.user ? i : -1)).filter((i) => i >= 0) }) });
  await parties(6);
  await parties(4, nora);
  await events(4);
  assert.ok(a.events.every((e) => e.user_id === nora.user));
  const turned = a.requests[0].at;
  assert.ok(a.requests[1].at - turned < 1000);
  await parties(1); // hers, too, waits
  await events(11, 45);
  const later = a.requests.find((r) => r.status === 200 && r.events.some((e) => e.user_id === marta.user));
  assert.ok(later.at - turned >= 29_900, `${later.at - turned} ms`);
});

for (const [name, fault] of [['500 that took them', { status: 500, taken: true }], ['503', { status: 503 }], ['no answer, but taken', { taken: true }]]) {
  test(`${name}: again with the same insert_ids`, async () => {
    a.faults(fault);
    await parties(10);
    await until('a second request', () => a.requests.length >= 2, 20);
    await events(10);
    assert.deepEqual(a.requests[1].events.map((e) => e.insert_id), a.requests[0].events.map((e) => e.insert_id));
    assert.equal(a.events.length, 10);
    assert.ok(a.requests[1].at - a.requests[0].at >= 990);
  });
}

test('it is away: the wait grows, answers do not wait, and it all arrives', async () => {
  a.faults({ times: 3, status: 500 });
  const began = Date.now();
  await parties(10);
  assert.ok(Date.now() - began < 5000);
  await events(10);
  const gaps = a.requests.slice(1).map((r, i) => r.at - a.requests[i].at);
  assert.ok(gaps[0] >= 990 && gaps[1] >= 1990 && gaps[2] >= 3990, gaps.join());
});

test('more than 1,000 wait: the oldest go, and are counted; SIGTERM sends the rest first', async () => {
  a.faults({ times: 9999, status: 503 });
  await Promise.all(Array.from({ length: 20 }, () => parties(52)));
  const dropped = sum(await scrape(gateway.url), 'maitred_staff_events_total', { outcome: 'overflowed' });
  assert.ok(dropped >= 40 && dropped <= 50, `${dropped} of 1040`);
  a.faults();
  assert.equal((await gateway.stop()).code, 0);
  assert.equal(a.events.length, 1040 - dropped);
});

test('SIGTERM: what cannot be sent holds nobody up', async () => {
  gateway = await h.gateway(env);
  a.faults({ times: 999, status: 500 });
  await parties(3);
  const began = Date.now();
  assert.equal((await gateway.stop()).code, 0);
  const took = Date.now() - began;
  assert.ok(took > 5000 && took < 14_000, `${took} ms`);
});

test('without a key nothing is told', async () => {
  gateway = await h.gateway({ AMPLITUDE_BASE_URL: a.url });
  a.forget();
  await parties(10);
  await sleep(1000);
  assert.equal(a.requests.length, 0);
});

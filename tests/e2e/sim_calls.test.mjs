// sim_calls.test.mjs - calls in the simulated carriers' control API and on their page with the phones, in
// a real browser. The gateway's place is taken by scripts.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { receiver } from '../npm/tools.mjs';
import { browse } from './browser.mjs';
import { guest, house, until, TELNYX_NUMBER, TWILIO_NUMBER } from './house.mjs';

let h, hooks, scripts;
before(async () => {
  h = await house();
  hooks = await receiver(new URL(h.gatewayUrl).port); // in the gateway's place
});
after(async () => { hooks?.close(); await h?.close(); });
beforeEach(async () => {
  await h.sim('/sim/v1/reset', { method: 'POST' });
  await latency({});
  hooks.requests.length = 0;
  const question = `<Response><Gather numDigits="1" timeout="50" action="${hooks.url}/key"><Say>Press 1.</Say></Gather></Response>`;
  scripts = { '/webhooks/twilio/voice': question, '/webhooks/telnyx/voice': question, '/voice': question,
              '/key': '<Response><Say>Thank you.</Say></Response>' };
  hooks.answer = (q) => {
    const body = scripts[q.path.split('?')[0]];
    return body ? { status: 200, type: 'text/xml', body } : 200;
  };
});

const latency = async (more) => {
  for (const c of ['twilio', 'telnyx'])
    await h.sim(`/sim/v1/latency/${c}`, { method: 'PUT', body: { sent_ms: 0, ring_ms: 10, key_ms: 5, second_ms: 10, ...more } });
};
const phone = (i, body) => h.sim(`/sim/v1/phones/${guest(i).slice(1)}`, body && { method: 'PUT', body });
const calls = async (query = '') => (await h.sim(`/sim/v1/calls${query}`)).json.calls;
/** The gateway's call, through Twilio. */
const create = async (i, more = {}) => {
  const { TWILIO_ACCOUNT_SID: sid, TWILIO_AUTH_TOKEN: token } = h.credentials;
  const r = await fetch(`${h.twilioUrl}/2010-04-01/Accounts/${sid}/Calls.json`, {
    method: 'POST', headers: { authorization: `Basic ${Buffer.from(`${sid}:${token}`).toString('base64')}` },
    body: new URLSearchParams({ To: guest(i), From: TWILIO_NUMBER, Url: `${hooks.url}/voice?attempt=att_${i}`, Timeout: 500, ...more }),
  });
  assert.equal(r.status, 201);
  return (await r.json()).sid;
};
const is = (id, what) => until(`${id}: ${what}`, async () => {
  const c = (await h.sim(`/sim/v1/calls/${encodeURIComponent(id)}`)).json;
  return (c[what] === true || c.status === what) && c;
});
const lines = (c) => c.transcript.flatMap((l) => Object.entries(l)).filter(([k]) => !['at_ms', 'url'].includes(k))
  .map(([k, v]) => `${k}:${v}`);

test('a guest calls; keys are pressed as planned, or by hand; where is known from before', async () => {
  for (const [provider, to] of [['twilio', TWILIO_NUMBER], ['telnyx', TELNYX_NUMBER]]) {
    const first = (await h.sim('/sim/v1/calls', { body: { from: guest(1), to, provider, keys: '1' } })).json;
    assert.deepEqual([first.status, first.live, first.errors], ['completed', false, []]);
    assert.deepEqual(lines(first), ['say:Press 1.', 'key:1', 'say:Thank you.']);
    await latency({ second_ms: 1000 });
    const second = await h.sim('/sim/v1/calls', { body: { from: guest(1), wait: false } });
    assert.deepEqual([second.status, second.json.to, second.json.provider], [202, to, provider]);
    const path = `/sim/v1/calls/${encodeURIComponent(second.json.id)}`;
    await is(second.json.id, 'listening');
    assert.equal((await h.sim(`${path}/keys`, { body: { keys: 'x' } })).status, 422);
    await h.sim(`${path}/keys`, { body: { keys: '7' } });
    assert.equal((await h.sim(`${path}/hangup`, { method: 'POST' })).json.status, 'completed');
    assert.equal((await h.sim(`${path}/hangup`, { method: 'POST' })).status, 409);
    await latency({});
  }
  const summary = (await h.summary()).calls;
  assert.deepEqual([summary.inbound, summary.rang], [4, 0]);
});

test('calls are listed by phone, carrier, direction and attempt, a page at a time', async () => {
  for (const i of [1, 2, 1]) await is(await create(i), 'completed');
  await h.sim('/sim/v1/calls', { body: { from: guest(1), to: TELNYX_NUMBER, provider: 'telnyx' } });
  assert.deepEqual((await calls()).map((c) => c.seq), [1, 2, 3, 4]);
  assert.deepEqual((await calls(`?number=${guest(1).slice(1)}`)).map((c) => c.seq), [1, 3, 4]);
  assert.deepEqual((await calls('?provider=telnyx')).map((c) => c.seq), [4]);
  assert.deepEqual((await calls('?direction=outbound')).map((c) => c.seq), [1, 2, 3]);
  assert.deepEqual((await calls('?attempt=att_2')).map((c) => c.seq), [2]);
  const page = (await h.sim('/sim/v1/calls?limit=3')).json;
  assert.deepEqual([page.num, page.next_after], [3, 3]);
  assert.deepEqual((await calls(`?after=${page.next_after}`)).map((c) => c.seq), [4]);
  const { calls: summary } = await h.summary();
  assert.deepEqual([summary.rang, summary.twilio, summary.answered, summary.phones, summary.doubled], [3, 3, 3, 2, 1]);
  assert.equal((await h.sim('/sim/v1/requests')).json.twilio.calls_accepted, 3);
  const p = (await phone(1)).json;
  assert.deepEqual([p.rang, p.calls.length, p.thread.length], [2, 3, 0]);
  for (const query of ['?direction=up', '?provider=pigeon', '?limit=x'])
    assert.equal((await h.sim(`/sim/v1/calls${query}`)).status, 422, query);
  assert.equal((await h.sim('/sim/v1/calls/CA00')).status, 404);
});

test('what a phone is told holds for so many calls; wrong words are refused', async () => {
  await phone(1, { call: 'busy', calls: 1 });
  assert.equal((await phone(1)).json.calls_left, 1);
  await is(await create(1), 'busy');
  await is(await create(1), 'completed');
  for (const [body, param] of [[{ call: 'sleep' }, 'call'], [{ keys: 'abc' }, 'keys'], [{ calls: 0 }, 'calls']]) {
    const r = await phone(1, body);
    assert.deepEqual([r.status, r.json.param], [422, param]);
  }
  for (const body of [{}, { from: guest(9) }, { from: guest(9), to: TWILIO_NUMBER, provider: 'x' }])
    assert.equal((await h.sim('/sim/v1/calls', { body })).status, 422);
});

test('the description tells of calls', async () => {
  const { text } = await h.sim('/sim/v1');
  for (const part of ['POST /sim/v1/calls/{id}/keys', '`channel`', '## Calls', '| `machine` |'])
    assert.ok(text.includes(part), part);
});

test('on the page: a phone rings, is answered, hears words, and a key is pressed; it calls us', async (t) => {
  const page = await (await browse(t, h.dir)).newPage();
  const errors = [];
  page.on('pageerror', (e) => errors.push(e.message));
  page.on('console', (m) => m.type() === 'error' && errors.push(m.text()));
  await latency({ second_ms: 1000 });
  await phone(1, { call: 'wait' });
  const id = await create(1);
  await page.goto(`${h.control}/sim`);
  const words = () => page.evaluate(() => document.querySelector('.phone')?.innerText ?? '');
  const says = (text) => until(`the page says ${text}`, async () => (await words()).includes(text));
  const press = (name) => page.locator('.phone').getByRole('button', { name, exact: true }).click();

  await says('(312) 555-0002 is calling');
  await press('Answer');
  await says('A key is waited for');
  await says('Press 1.');
  await press('Press 1');
  await says('Thank you.');
  assert.deepEqual(lines(await is(id, 'completed')), ['say:Press 1.', 'key:1', 'say:Thank you.']);

  await page.selectOption('.phone [aria-label="What this phone does with calls"]', 'machine');
  await until('it is told', async () => (await phone(1)).json.call === 'machine');
  await press('Call the venue');
  await says('Call to');
  await press('Hang up');
  await says('The guest hung up.');
  const [, ours] = await calls();
  assert.deepEqual([ours.direction, ours.to, ours.status], ['inbound', TWILIO_NUMBER, 'completed']);
  assert.deepEqual(errors, []);
});

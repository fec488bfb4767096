// telnyx_calls.test.mjs - Telnyx's official client calls through the simulated Telnyx's TeXML: answers have
// the types that it declares, and its verifier believes the webhooks, but not the forged or changed ones.
import assert from 'node:assert/strict';
import { createPublicKey, verify } from 'node:crypto';
import { createRequire } from 'node:module';
import path from 'node:path';
import { parse } from 'node:querystring';
import { after, before, beforeEach, test } from 'node:test';
import { guest, house, until, TELNYX_NUMBER } from '../e2e/house.mjs';
import { receiver, telnyxClient } from './tools.mjs';
import { declarations } from './types.mjs';

const declared = path.join(path.dirname(createRequire(import.meta.url).resolve('telnyx')), 'resources');
const problems = declarations(path.join(declared, 'texml/accounts/calls/calls.d.ts'));
const EVENTS = 'initiated ringing answered completed';

let h, hooks, client, account, scripts;
before(async () => {
  h = await house();
  hooks = await receiver(new URL(h.gatewayUrl).port); // in the gateway's place
  client = telnyxClient(h);
  account = h.credentials.TELNYX_ACCOUNT_ID;
});
after(async () => { hooks?.close(); await h?.close(); });
beforeEach(async () => {
  await h.sim('/sim/v1/reset', { method: 'POST' });
  await h.sim('/sim/v1/latency/telnyx', { method: 'PUT', body: { sent_ms: 0, ring_ms: 10, key_ms: 5, second_ms: 10, retry_ms: 20 } });
  hooks.requests.length = 0;
  scripts = { '/voice': '<Response><Say>Hello</Say></Response>' };
  hooks.answer = (q) => {
    const script = scripts[q.path.split('?')[0]];
    return script ? { status: 200, type: 'application/xml', body: script } : 200;
  };
});

const plan = (body, i = 1) => h.sim(`/sim/v1/phones/${guest(i).slice(1)}`, { method: 'PUT', body });
const calls = () => client.texml.accounts.calls;
const create = (more) => calls().calls(account, { body: {
  ApplicationSid: h.credentials.TELNYX_VOICE_APP, To: guest(1), From: TELNYX_NUMBER, Url: `${hooks.url}/voice?attempt=att_1`,
  UrlMethod: 'POST', Timeout: 5, ...more,
} });
const fetchCall = (sid) => calls().retrieve(sid, { account_sid: account });
const ended = (sid) => until(`${sid} is over`, async () => {
  const c = await fetchCall(sid);
  return c.end_time && c;
});
const idle = () => until('nothing is under way', async () => (await h.sim('/sim/v1/callbacks')).json.idle);

/** unwrap() verifies, and then reads JSON, which a form is not: it fails for that, or for the signature. */
async function believed(q) {
  const e = await client.webhooks.unwrap(q.body, { headers: q.headers }).then(() => null, (error) => error);
  const verified = e?.name !== 'TelnyxWebhookVerificationError';
  const key = createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519',
    x: Buffer.from(h.credentials.TELNYX_PUBLIC_KEY, 'base64').toString('base64url') } });
  const signed = Buffer.from(`${q.headers['telnyx-timestamp']}|${q.body}`);
  assert.equal(verify(null, signed, key, Buffer.from(q.headers['telnyx-signature-ed25519'], 'base64')), verified);
  return verified;
}

async function refused(promise, status, code, pointer) {
  const e = await promise.then(() => assert.fail(`nothing was refused; ${code} was expected`), (error) => error);
  assert.equal(e.status, status, e.stack);
  const [error] = e.error.errors;
  assert.deepEqual([error.code, error.source?.pointer], [code, pointer]);
}

test('a call is created and fetched when it is over, with the types that are declared', async () => {
  const created = await create({ MachineDetection: 'DetectMessageEnd', MachineDetectionTimeout: 30000 });
  const { sid, call_sid, account_sid, ...declaredPart } = created;
  assert.deepEqual(problems(declaredPart, 'CallCallsResponse'), []);
  assert.deepEqual(declaredPart, { from: TELNYX_NUMBER, to: guest(1), status: 'queued' });
  assert.match(sid, /^v3:[\w-]{54}$/);
  assert.deepEqual([call_sid, account_sid], [sid, account]);
  assert.deepEqual(problems(await fetchCall(sid), 'CallResource'), []);
  const c = await ended(sid);
  assert.deepEqual(problems(c, 'CallResource'), []);
  assert.deepEqual([c.sid, c.status, c.direction, c.answered_by], [sid, 'completed', 'outbound', 'human']);
  assert.ok(Number(c.duration) > 0);
});

for (const [call, status, cause] of [['ring', 'no-answer', 'timeout'], ['busy', 'busy', 'user_busy'],
                                     ['reject', 'busy', 'call_rejected'], ['unreachable', 'failed', 'not_found']])
  test(`a phone that does ${call}: ${status}, ${cause}`, async () => {
    await plan({ call });
    const c = await ended((await create({ StatusCallback: `${hooks.url}/status` })).sid);
    assert.deepEqual(problems(c, 'CallResource'), []);
    assert.equal(c.status, status);
    await idle();
    const [last, more] = hooks.at('/status').map((q) => parse(q.body));
    assert.equal(more, undefined);
    assert.deepEqual([last.CallStatus, last.HangupCause], [status, cause]);
  });

test('status callbacks and questions for scripts are believed, and tell the story in order', async () => {
  const { sid } = await create({ StatusCallback: `${hooks.url}/status`, StatusCallbackEvent: EVENTS, MachineDetection: 'Enable' });
  await ended(sid);
  await idle();
  const told = hooks.at('/status').map((q) => parse(q.body));
  assert.deepEqual(told.map((p) => p.CallStatus), ['initiated', 'ringing', 'in-progress', 'completed']);
  assert.deepEqual(told.map((p) => p.SequenceNumber), ['0', '1', '2', '3']);
  for (const p of told) {
    assert.deepEqual([p.CallSid, p.CallSidLegacy, p.To, p.From], [sid, sid, guest(1), TELNYX_NUMBER]);
    assert.deepEqual([p.AccountSid, p.ConnectionId], [account, h.credentials.TELNYX_VOICE_APP]);
    assert.ok(Math.abs(Date.parse(p.Timestamp) - Date.now()) < 20_000, p.Timestamp);
  }
  assert.deepEqual([told[3].HangupCause, told[3].AnsweredBy], ['normal_clearing', 'human']);
  for (const q of hooks.requests) {
    assert.match(q.headers['content-type'], /^application\/x-www-form-urlencoded/);
    assert.ok(await believed(q), q.body);
    assert.ok(!await believed({ ...q, body: `${q.body}&Digits=1` }));
    assert.ok(!('x-twilio-signature' in q.headers));
  }
});

test('without UrlMethod the script is asked for by GET, and nothing of it is signed but the time', async () => {
  const { sid } = await create({ UrlMethod: undefined });
  await ended(sid);
  const [q] = hooks.at('/voice');
  assert.equal(q.method, 'GET');
  assert.equal(new URL(q.url).searchParams.get('CallSid'), sid);
  assert.equal(new URL(q.url).searchParams.get('attempt'), 'att_1');
  assert.ok(await believed(q));
});

test('of forged callbacks and questions none is believed, of the others all', async () => {
  await h.faults('telnyx', { kind: 'callbacks_forged' });
  await ended((await create({ StatusCallback: `${hooks.url}/status`, StatusCallbackEvent: EVENTS })).sid);
  await idle();
  const verdicts = async (at) => (await Promise.all(hooks.at(at).map(believed))).sort();
  assert.deepEqual(await verdicts('/status'), [false, false, false, false, true, true, true, true]);
  assert.deepEqual(await verdicts('/voice'), [false, true]);
});

test('a key, and a script in the request itself', async () => {
  scripts['/key'] = '<Response><Say voice="alice" language="es-MX">Gracias.</Say></Response>';
  await plan({ keys: '9' });
  const { sid } = await create({ Url: undefined, Texml:
    `<Response><Gather numDigits="1" action="${hooks.url}/key" method="POST"><Say>9?</Say></Gather></Response>` });
  await ended(sid);
  const call = (await h.sim(`/sim/v1/calls/${sid}`)).json;
  assert.deepEqual(call.transcript.map(({ at_ms, url, ...l }) => l).filter((l) => Object.keys(l).length),
                   [{ say: '9?' }, { key: '9' }, { say: 'Gracias.' }]);
  assert.deepEqual(call.errors, []);
  assert.equal(parse(hooks.at('/key')[0].body).Digits, '9');
});

test('a list goes over its pages, newest first, and is filtered', async () => {
  const sids = [];
  for (let i = 0; i < 5; i++) sids.unshift((await create()).sid);
  await Promise.all(sids.map(ended));
  const page = await calls().retrieveCalls(account, { To: guest(1), From: TELNYX_NUMBER, PageSize: 2 });
  assert.deepEqual(problems(page, 'CallRetrieveCallsResponse'), []);
  assert.deepEqual(page.calls.map((c) => c.sid), sids.slice(0, 2));
  const next = Object.fromEntries(new URL(page.next_page_uri, h.telnyxUrl).searchParams);
  const rest = await calls().retrieveCalls(account, { ...next, PageSize: 3 });
  assert.deepEqual(rest.calls.map((c) => c.sid), sids.slice(2));
  assert.equal(rest.next_page_uri, undefined);
  assert.equal((await calls().retrieveCalls(account, { Status: 'busy' })).calls.length, 0);
  assert.equal((await calls().retrieveCalls(account, { To: guest(2) })).calls.length, 0);
});

test('a call is ended by the API, once', async () => {
  scripts['/voice'] = '<Response><Pause length="180"/><Pause length="180"/></Response>';
  const { sid } = await create();
  await until('it runs', async () => (await fetchCall(sid)).status === 'in-progress');
  const over = await calls().update(sid, { account_sid: account, Status: 'completed' });
  assert.deepEqual(problems(over, 'CallResource'), []);
  assert.equal(over.status, 'completed');
  await refused(calls().update(sid, { account_sid: account, Status: 'completed' }), 422, '90018', undefined);
});

for (const [what, params, code, pointer] of [
  ['no To', { To: undefined }, '10004', '/To'], ['no From', { From: undefined }, '10004', '/From'],
  ['no application', { ApplicationSid: undefined }, '10004', '/ApplicationSid'],
  ['another application', { ApplicationSid: '1' }, '10015', '/ApplicationSid'],
  ['a To that is no number', { To: 'Jane' }, '10016', '/To'], ['no Url', { Url: undefined }, '10015', '/Url'],
  ['a timeout of 4 s', { Timeout: 4 }, '10015', '/Timeout'],
  ['a list of events', { StatusCallbackEvent: ['initiated'] }, '10015', '/StatusCallbackEvent'],
  ['seconds where milliseconds belong', { MachineDetectionTimeout: 30 }, '10015', '/MachineDetectionTimeout'],
])
  test(`${what}: ${code}`, async () => {
    await refused(create(params), 422, code, pointer);
    assert.equal((await h.summary()).calls.rang, 0);
  });

test('a wrong key: 401; what is not there: 404; a fault only for texts', async () => {
  const stranger = telnyxClient(h, { apiKey: 'KEY_other' });
  await refused(stranger.texml.accounts.calls.retrieveCalls(account), 401, '10009', undefined);
  await refused(fetchCall('v3:nothing'), 404, '10005', undefined);
  await refused(calls().retrieveCalls('another'), 404, '10005', undefined);
  await h.faults('telnyx', { kind: 'status', http_status: 500, channel: 'sms' });
  assert.equal((await create()).status, 'queued');
});

test('a guest calls: the number asks for its script', async () => {
  scripts = { '/webhooks/telnyx/voice': '<Response><Reject reason="busy"/></Response>' };
  const r = await h.sim('/sim/v1/calls', { body: { from: guest(1), to: TELNYX_NUMBER, provider: 'telnyx' } });
  assert.deepEqual([r.status, r.json.status, r.json.direction], [200, 'busy', 'inbound']);
  const [q] = hooks.requests;
  assert.ok(await believed(q));
  assert.deepEqual([parse(q.body).From, parse(q.body).CallStatus], [guest(1), 'ringing']);
});

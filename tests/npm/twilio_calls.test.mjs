// twilio_calls.test.mjs - Twilio's official client calls through the simulated Twilio: its calls have the
// declared types, scripts made by its own TwiML builder are followed, and its verifier believes the webhooks.
import assert from 'node:assert/strict';
import { parse } from 'node:querystring';
import { after, before, beforeEach, test } from 'node:test';
import twilio from 'twilio';
import { guest, house, until, TWILIO_NUMBER } from '../e2e/house.mjs';
import { receiver, twilioClient } from './tools.mjs';

const { RestException, validateRequest } = twilio;
const { VoiceResponse } = twilio.twiml;
const EVENTS = ['initiated', 'ringing', 'answered', 'completed'];

let h, hooks, client, token, scripts;
before(async () => {
  h = await house();
  hooks = await receiver(new URL(h.gatewayUrl).port); // in the gateway's place
  client = twilioClient(h);
  token = h.credentials.TWILIO_AUTH_TOKEN;
});
after(async () => { hooks?.close(); await h?.close(); });
beforeEach(async () => {
  await h.sim('/sim/v1/reset', { method: 'POST' });
  await h.sim('/sim/v1/latency/twilio', { method: 'PUT', body: { sent_ms: 0, ring_ms: 10, key_ms: 5, second_ms: 10, retry_ms: 20 } });
  hooks.requests.length = 0;
  scripts = { '/voice': new VoiceResponse().say('Hello') };
  hooks.answer = (q) => {
    const script = scripts[q.path.split('?')[0]];
    return script ? { status: 200, type: 'text/xml', body: script.toString() } : 200;
  };
});

const plan = (body, i = 1) => h.sim(`/sim/v1/phones/${guest(i).slice(1)}`, { method: 'PUT', body });
const create = (more) => client.calls.create({
  to: guest(1), from: TWILIO_NUMBER, url: `${hooks.url}/voice?attempt=att_1`, timeout: 5, ...more,
});
const ended = (sid) => until(`${sid} is over`, async () => {
  const c = await client.calls(sid).fetch();
  return c.endTime && c;
});
const heard = async (sid) => {
  await ended(sid);
  const call = (await h.sim(`/sim/v1/calls/${sid}`)).json;
  assert.deepEqual(call.errors, []);
  return call.transcript.flatMap((l) => Object.entries(l)).filter(([k]) => !['at_ms', 'url'].includes(k))
    .map(([k, v]) => `${k}:${v}`).join(' ');
};
const idle = () => until('nothing is under way', async () => (await h.sim('/sim/v1/callbacks')).json.idle);
const believed = (q) => validateRequest(token, q.headers['x-twilio-signature'], q.url, parse(q.body));

async function refused(promise, status, code) {
  const e = await promise.then(() => assert.fail(`nothing was refused; ${code} was expected`), (error) => error);
  assert.ok(e instanceof RestException, `${e.stack}`);
  assert.deepEqual({ status: e.status, code: e.code }, { status, code }, e.message);
}

/** The fields of the package's CallInstance, and what each is when it is not null. */
const fields = {
  sid: 'string', dateCreated: Date, dateUpdated: Date, parentCallSid: 'string', accountSid: 'string', to: 'string',
  toFormatted: 'string', from: 'string', fromFormatted: 'string', phoneNumberSid: 'string', status: 'string',
  startTime: Date, endTime: Date, duration: 'string', price: 'string', priceUnit: 'string', direction: 'string',
  answeredBy: 'string', apiVersion: 'string', forwardedFrom: 'string', groupSid: 'string', callerName: 'string',
  queueTime: 'string', trunkSid: 'string', uri: 'string', subresourceUris: Object,
};
const NEVER = ['parentCallSid', 'phoneNumberSid', 'forwardedFrom', 'groupSid', 'callerName', 'trunkSid'];

function typed(call, ...nulls) {
  const json = call.toJSON();
  assert.deepEqual(Object.keys(json).sort(), Object.keys(fields).sort());
  for (const [name, type] of Object.entries(fields)) {
    const value = json[name];
    if ([...NEVER, ...nulls].includes(name)) assert.equal(value, null, name);
    else if (typeof type === 'string') assert.equal(typeof value, type, `${name}: ${value}`);
    else assert.ok(value instanceof type, `${name}: ${value}`);
  }
}

test('a call is created, fetched when it is over, and has the types that are declared', async () => {
  const { statusCode, body: c } = await client.calls.createWithHttpInfo({
    to: guest(1), from: TWILIO_NUMBER, url: `${hooks.url}/voice`, machineDetection: 'DetectMessageEnd',
    machineDetectionTimeout: 30, timeout: 25,
  });
  assert.equal(statusCode, 201);
  typed(c, 'startTime', 'endTime', 'duration', 'price', 'answeredBy');
  assert.match(c.sid, /^CA[0-9a-f]{32}$/);
  assert.deepEqual([c.status, c.direction, c.to, c.from], ['queued', 'outbound-api', guest(1), TWILIO_NUMBER]);
  const later = await ended(c.sid);
  typed(later);
  assert.deepEqual([later.status, later.answeredBy], ['completed', 'human']);
  assert.ok(Number(later.duration) > 0 && later.endTime >= later.startTime);
});

for (const [call, status] of [['ring', 'no-answer'], ['busy', 'busy'], ['reject', 'busy'], ['unreachable', 'failed']])
  test(`a phone that does ${call}: ${status}`, async () => {
    await plan({ call });
    const c = await ended((await create()).sid);
    assert.deepEqual([c.status, c.startTime, c.duration], [status, null, '0']);
  });

test('status callbacks and questions for scripts are believed, and tell the story in order', async () => {
  const c = await create({
    url: `${hooks.url}/voice?a=1&a=2&name=Ren%C3%A9#rc=2&rp=all`, statusCallback: `${hooks.url}/status?b=%2B#rc=5&rp=all`,
    statusCallbackEvent: EVENTS, machineDetection: 'Enable',
  });
  await ended(c.sid);
  await idle();
  const told = hooks.at('/status').map((q) => parse(q.body));
  assert.deepEqual(told.map((p) => p.CallStatus), ['initiated', 'ringing', 'in-progress', 'completed']);
  assert.deepEqual(told.map((p) => p.SequenceNumber), ['0', '1', '2', '3']);
  for (const p of told) {
    assert.deepEqual([p.CallSid, p.To, p.From, p.Direction], [c.sid, guest(1), TWILIO_NUMBER, 'outbound-api']);
    assert.deepEqual([p.CallbackSource, p.AccountSid], ['call-progress-events', c.accountSid]);
    assert.ok(Math.abs(Date.parse(p.Timestamp) - Date.now()) < 20_000, p.Timestamp);
  }
  assert.equal(told[3].AnsweredBy, 'human');
  assert.ok(Number(told[3].CallDuration) > 0);
  const [question, more] = hooks.at('/voice');
  assert.equal(more, undefined);
  assert.equal(parse(question.body).CallStatus, 'in-progress');
  assert.equal(question.path, '/voice?a=1&a=2&name=Ren%C3%A9');
  for (const q of hooks.requests) {
    assert.ok(believed(q), q.body);
    assert.ok(!believed({ ...q, body: `${q.body}&Digits=1` }));
  }
});

test('by default only the end is told', async () => {
  await ended((await create({ statusCallback: `${hooks.url}/status` })).sid);
  await idle();
  assert.deepEqual(hooks.at('/status').map((q) => parse(q.body).CallStatus), ['completed']);
});

test('of forged callbacks and questions none is believed, of the others all', async () => {
  await h.faults('twilio', { kind: 'callbacks_forged', channel: 'voice' });
  await ended((await create({ statusCallback: `${hooks.url}/status`, statusCallbackEvent: EVENTS })).sid);
  await idle();
  const verdicts = (at) => hooks.at(at).map(believed).sort();
  assert.deepEqual(verdicts('/status'), [false, false, false, false, true, true, true, true]);
  assert.deepEqual(verdicts('/voice'), [false, true]);
});

test("scripts from the package's own builder are followed, and nothing in them is minded", async () => {
  const voice = { voice: 'Polly.Joanna', language: 'en-US' };
  const script = new VoiceResponse();
  const gather = script.gather({ numDigits: 1, action: `${hooks.url}/key`, method: 'POST', timeout: 5, finishOnKey: '' });
  gather.say(voice, 'Press 1 & <wait>.');
  gather.pause({ length: 1 });
  script.redirect({ method: 'POST' }, `${hooks.url}/again`);
  const again = new VoiceResponse();
  again.gather({ numDigits: 1, action: `${hooks.url}/key`, finishOnKey: '' }).say(voice, 'Once more.');
  const key = new VoiceResponse();
  key.dial({ action: `${hooks.url}/dialled`, callerId: TWILIO_NUMBER, timeout: 20 }, guest(2));
  const dialled = new VoiceResponse();
  dialled.record({ action: `${hooks.url}/recorded`, maxLength: 60, playBeep: true });
  const recorded = new VoiceResponse();
  recorded.say(voice, 'Bye.');
  recorded.hangup();
  scripts = { '/voice': script, '/again': again, '/key': key, '/dialled': dialled, '/recorded': recorded };
  await plan({ keys: ',*' });
  await plan({ call: 'busy' }, 2);
  const c = await create();
  assert.match(await heard(c.sid), new RegExp('^say:Press 1 & <wait>. pause:1 say:Once more. key:\\* ' +
    `dial:\\${guest(2)} record:http://127.0.0.1:\\d+/recordings/RE[0-9a-f]{32} say:Bye.$`));
  const said = (at) => parse(hooks.at(at)[0].body);
  assert.equal(said('/key').Digits, '*');
  assert.equal(said('/dialled').DialCallStatus, 'busy');
  assert.match(said('/recorded').RecordingSid, /^RE/);
  for (const q of hooks.requests) assert.ok(believed(q), q.body);
  const [child] = await client.calls.list({ to: guest(2) });
  assert.deepEqual([child.parentCallSid, child.direction, child.status], [c.sid, 'outbound-dial', 'busy']);
});

test('TwiML in the request itself', async () => {
  const c = await create({ url: undefined, twiml: new VoiceResponse().say('Inline') });
  assert.equal(await heard(c.sid), 'say:Inline');
  assert.equal(hooks.requests.length, 0);
});

test('a question that fails goes to the fallback URL, with the reason', async () => {
  scripts = { '/fallback': new VoiceResponse().say('Instead') };
  hooks.answer = ((answer) => (q) => (q.path.startsWith('/voice') ? 500 : answer(q)))(hooks.answer);
  const c = await create({ fallbackUrl: `${hooks.url}/fallback` });
  await ended(c.sid);
  const p = parse(hooks.at('/fallback')[0].body);
  assert.deepEqual([p.ErrorCode, p.ErrorUrl], ['11200', `${hooks.url}/voice?attempt=att_1`]);
  const call = (await h.sim(`/sim/v1/calls/${c.sid}`)).json;
  assert.deepEqual(call.errors, ['The question for a script was answered 500.']);
  assert.equal(call.transcript.at(-1).say, 'Instead');
});

test('a list goes over its pages by itself, newest first, and is filtered', async () => {
  const sids = [];
  for (let i = 0; i < 5; i++) sids.unshift((await create()).sid);
  await ended(sids[0]);
  const list = (params) => client.calls.list(params).then((all) => all.map((c) => c.sid));
  assert.deepEqual(await list({ to: guest(1), pageSize: 2 }), sids);
  assert.deepEqual(await list({ to: guest(1), from: TWILIO_NUMBER, pageSize: 2, limit: 3 }), sids.slice(0, 3));
  assert.deepEqual(await list({ to: guest(2) }), []);
  assert.deepEqual(await list({ status: 'busy' }), []);
  assert.deepEqual(await list({ status: 'completed', limit: 1 }), sids.slice(0, 1));
});

test('a call is canceled while it rings, ended while it runs, and neither when it is over', async () => {
  scripts['/voice'] = new VoiceResponse();
  scripts['/voice'].pause({ length: 3000 });
  await plan({ call: 'wait' });
  let c = await create();
  await until('it rings', async () => (await c.fetch()).status === 'ringing');
  assert.equal((await c.update({ status: 'canceled' })).status, 'canceled');
  await refused(c.update({ status: 'completed' }), 400, 21220);

  await plan({});
  c = await create();
  await until('it runs', async () => (await c.fetch()).status === 'in-progress');
  scripts['/other'] = new VoiceResponse().say('Other');
  await c.update({ url: `${hooks.url}/other`, method: 'POST' });
  assert.equal((await ended(c.sid)).status, 'completed');
  assert.match(await heard(c.sid), /say:Other$/);
});

for (const [what, params, code] of [
  ['no To', { to: '' }, 21201], ['no From', { from: '' }, 21213], ['a Url that is none', { url: 'here' }, 21205],
  ['a To that is no number', { to: 'Jane' }, 21211], ['a To of too few digits', { to: '+1212' }, 21217],
  ['a To on the block list', { to: '+15005550004' }, 21216], ['a timeout of 601 s', { timeout: 601 }, 21208],
  ['an unknown event', { statusCallbackEvent: ['over'] }, 21626], ['an unknown method', { method: 'PUT' }, 21209],
])
  test(`${what}: ${code}`, async () => {
    await refused(create(params), 400, code);
    assert.equal((await h.summary()).calls.rang, 0);
  });

test('a wrong token: 401; a call that is not there: 404; a fault only for calls', async () => {
  await refused(twilioClient(h, { token: 'f'.repeat(32) }).calls.list(), 401, 20003);
  await refused(client.calls(`CA${'0'.repeat(32)}`).fetch(), 404, 20404);
  await h.faults('twilio', { kind: 'status', http_status: 429, code: 10004, channel: 'voice' });
  await refused(create(), 429, 10004);
  assert.equal((await client.messages.create({ to: guest(1), from: TWILIO_NUMBER, body: 'x' })).status, 'queued');
});

test('a guest calls: the number asks for its script, and the API has the call', async () => {
  scripts = { '/webhooks/twilio/voice': new VoiceResponse().say('Good evening') };
  const r = await h.sim('/sim/v1/calls', { body: { from: guest(1), to: TWILIO_NUMBER, provider: 'twilio' } });
  assert.deepEqual([r.status, r.json.status, r.json.direction], [200, 'completed', 'inbound']);
  const [q] = hooks.requests;
  assert.ok(believed(q));
  const p = parse(q.body);
  assert.deepEqual([p.CallStatus, p.Direction, p.From, p.To], ['ringing', 'inbound', guest(1), TWILIO_NUMBER]);
  const c = await client.calls(r.json.id).fetch();
  assert.deepEqual([c.direction, c.from, c.status], ['inbound', guest(1), 'completed']);
});

// twilio.test.mjs - Twilio's official client against the simulated Twilio: what it sends is taken,
// what comes back is what it expects, and it believes the webhooks, but not the forged ones.
import assert from 'node:assert/strict';
import { parse } from 'node:querystring';
import { after, before, beforeEach, test } from 'node:test';
import twilio from 'twilio';
import { guest, house, until, TWILIO_NUMBER } from '../e2e/house.mjs';
import { receiver, twilioClient } from './tools.mjs';

const { RestException, validateRequest, validateExpressRequest } = twilio;

let h, hooks, client, token;
before(async () => {
  h = await house();
  hooks = await receiver(new URL(h.gatewayUrl).port); // in the gateway's place
  client = twilioClient(h);
  token = h.credentials.TWILIO_AUTH_TOKEN;
});
after(async () => { hooks?.close(); await h?.close(); });
beforeEach(async () => {
  await h.sim('/sim/v1/reset', { method: 'POST' });
  await latency({ sent_ms: 0, delivered_ms: 0, retry_ms: 20 });
  hooks.requests.length = 0;
  hooks.answer = () => 200;
});

const latency = (body) => h.sim('/sim/v1/latency/twilio', { method: 'PUT', body });
const send = (more) => client.messages.create({ to: guest(1), from: TWILIO_NUMBER, body: 'Ready', ...more });
const reply = async (body) => {
  const r = await h.sim('/sim/v1/replies', { body: { from: guest(1), to: TWILIO_NUMBER, provider: 'twilio', ...body } });
  assert.equal(r.json.http_status, 200, r.text);
};
const ended = (sid, status) => until(`${sid} is ${status}`, async () => {
  const m = await client.messages(sid).fetch();
  return m.status === status && m;
});
const callbacks = (n, start = '/status') => until(`${n} callbacks`, () =>
  hooks.at(start).length >= n && hooks.at(start));
const idle = () => until('no callback is under way', async () => (await h.sim('/sim/v1/callbacks')).json.idle);
const requests = async () => (await h.sim('/sim/v1/requests')).json.twilio.requests;

/** By each way the package offers to ask. */
const believed = (q) => {
  const params = parse(q.body);
  const believes = validateRequest(token, q.headers['x-twilio-signature'], q.url, params);
  const express = {
    protocol: 'http', originalUrl: q.path, headers: q.headers, body: params,
    header: (name) => q.headers[name.toLowerCase()],
  };
  assert.equal(validateExpressRequest(express, token), believes);
  return believes;
};

async function refused(promise, status, code) {
  const e = await promise.then(() => assert.fail(`nothing was refused; ${code} was expected`), (error) => error);
  assert.ok(e instanceof RestException, `${e.stack}`);
  assert.deepEqual({ status: e.status, code: e.code }, { status, code }, e.message);
  assert.equal(typeof e.message, 'string');
  assert.equal(e.moreInfo, `https://www.twilio.com/docs/errors/${code}`);
}

/* ---- messages ---- */

/** The fields of the package's MessageInstance, and what each is when it is not null. */
const fields = {
  body: 'string', numSegments: 'string', direction: 'string', from: 'string', to: 'string',
  dateUpdated: Date, price: 'string', errorMessage: 'string', uri: 'string', accountSid: 'string',
  numMedia: 'string', status: 'string', messagingServiceSid: 'string', sid: 'string', dateSent: Date,
  dateCreated: Date, errorCode: 'number', priceUnit: 'string', apiVersion: 'string', subresourceUris: Object,
};

function typed(m, ...nulls) {
  const json = m.toJSON();
  assert.deepEqual(Object.keys(json).sort(), Object.keys(fields).sort());
  for (const [name, type] of Object.entries(fields)) {
    const value = json[name];
    if (nulls.includes(name)) assert.equal(value, null, name);
    else if (typeof type === 'string') assert.equal(typeof value, type, `${name}: ${value}`);
    else assert.ok(value instanceof type, `${name}: ${value}`);
  }
}

test('a text is created, fetched when it is delivered, and has the types that are declared', async () => {
  const { statusCode, body: m } = await client.messages.createWithHttpInfo({
    to: guest(1), from: TWILIO_NUMBER, body: 'Your table is ready', statusCallback: `${hooks.url}/status`,
    validityPeriod: 300, attempt: 1, smartEncoded: false,
  });
  assert.equal(statusCode, 201);
  typed(m, 'price', 'errorMessage', 'messagingServiceSid', 'dateSent', 'errorCode');
  assert.match(m.sid, /^SM[0-9a-f]{32}$/);
  assert.equal(m.status, 'queued');
  assert.equal(m.direction, 'outbound-api');
  assert.equal(m.numSegments, '1');
  assert.equal(m.numMedia, '0');
  assert.equal(m.accountSid, h.credentials.TWILIO_ACCOUNT_SID);
  assert.ok(Math.abs(m.dateCreated - Date.now()) < 10_000, m.dateCreated);

  const later = await ended(m.sid, 'delivered');
  typed(later, 'errorMessage', 'messagingServiceSid', 'errorCode');
  assert.equal(later.body, 'Your table is ready');
  assert.match(later.price, /^-0\.\d{5}$/);
  assert.ok(later.dateSent >= later.dateCreated && later.dateUpdated >= later.dateSent);
});

test('segments are counted as Twilio counts them', async () => {
  for (const [body, segments] of [['a'.repeat(160), '1'], ['a'.repeat(161), '2'], ['€'.repeat(80), '1'],
                                  ['é🎉 '.repeat(18), '2'], ['x'.repeat(1600), '11']])
    assert.equal((await send({ body })).numSegments, segments, body.slice(0, 5));
});

test('a picture makes an MM sid; ten are taken, eleven are not', async () => {
  const mediaUrl = Array.from({ length: 11 }, (_, i) => `http://127.0.0.1/${i}.jpg?a=1&b=2`);
  const m = await send({ mediaUrl: mediaUrl.slice(0, 10), body: undefined });
  assert.match(m.sid, /^MM[0-9a-f]{32}$/);
  assert.equal(m.numMedia, '10');
  assert.equal(m.body, '');
  assert.equal(m.subresourceUris.media, m.uri.replace('.json', '/Media.json'));
  await refused(send({ mediaUrl }), 400, 21623);
});

for (const [status, code] of [['undelivered', 30003], ['failed', 30001]])
  test(`a text that ends ${status} tells its code as a number`, async () => {
    await h.sim(`/sim/v1/phones/${guest(1).slice(1)}`, { method: 'PUT', body: { status } });
    const m = await ended((await send()).sid, status);
    assert.equal(m.errorCode, code);
    if (status === 'failed') assert.equal(m.dateSent, null);
  });

test('a validity period that runs out fails the text as 30036', async () => {
  await latency({ sent_ms: 5000, delivered_ms: 5000 });
  const m = await ended((await send({ validityPeriod: 1 })).sid, 'failed');
  assert.equal(m.errorCode, 30036);
});

/* ---- lists ---- */

test('a list goes over its pages by itself, newest first', async () => {
  const sids = [];
  for (let i = 0; i < 7; i++) sids.unshift((await send({ body: `${i}` })).sid);
  await ended(sids[0], 'delivered');
  const list = (params) => client.messages.list({ to: guest(1), ...params }).then((all) => all.map((m) => m.sid));
  const before = await requests();
  assert.deepEqual(await list({ pageSize: 3 }), sids);
  assert.equal(await requests() - before, 3);
  assert.deepEqual(await list({ pageSize: 3, limit: 5 }), sids.slice(0, 5));
  assert.deepEqual(await list(), sids);

  const page = await client.messages.page({ to: guest(1), pageSize: 4 });
  assert.equal(page.instances.length, 4);
  assert.match(page.nextPageUrl, /PageToken=PA/);
  const next = await page.nextPage();
  assert.deepEqual(next.instances.map((m) => m.sid), sids.slice(4));
  assert.equal(next.nextPage(), undefined);
  typed(next.instances[0], 'errorMessage', 'messagingServiceSid', 'errorCode');
});

test('a list is filtered by numbers and by dates', async () => {
  const sid = (await send()).sid;
  await send({ to: guest(2) });
  await reply({ body: 'hi' });
  const m = await ended(sid, 'delivered');
  await until('both are sent', async () => (await h.summary()).texts === 2);
  const count = async (params) => (await client.messages.list(params)).length;
  const at = (seconds) => new Date(m.dateSent.getTime() + seconds * 1000);
  assert.equal(await count({}), 3);
  assert.equal(await count({ to: guest(2) }), 1);
  assert.equal(await count({ from: TWILIO_NUMBER }), 2);
  assert.equal(await count({ from: guest(1), to: TWILIO_NUMBER }), 1);
  assert.equal(await count({ to: '+12125559999' }), 0);
  assert.equal(await count({ to: guest(1), dateSent: m.dateSent }), 1);
  assert.equal(await count({ to: guest(1), dateSent: m.dateSent.toISOString().slice(0, 10) }), 1);
  assert.equal(await count({ to: guest(1), dateSentAfter: at(-1), dateSentBefore: at(1) }), 1);
  assert.equal(await count({ to: guest(1), dateSentAfter: at(2) }), 0);
  assert.equal(await count({ to: guest(1), dateSentBefore: at(-2) }), 0);
  await refused(client.messages.list({ dateSentAfter: 'tomorrow' }), 400, 20001);
  const [inbound] = await client.messages.list({ from: guest(1) });
  assert.deepEqual([inbound.direction, inbound.status, inbound.body], ['inbound', 'received', 'hi']);
});

/* ---- changes ---- */

test('a text can be redacted and deleted when it is over, and not canceled', async () => {
  await latency({ sent_ms: 60_000, delivered_ms: 60_000 });
  await refused((await send()).remove(), 409, 20409);
  await latency({ sent_ms: 0, delivered_ms: 0 });

  const m = await ended((await send({ body: 'private' })).sid, 'delivered');
  await refused(m.update({ status: 'canceled' }), 400, 30409);
  assert.equal((await m.update({ body: '' })).body, '');
  assert.equal((await m.fetch()).body, '');
  assert.equal(await m.remove(), true);
  await refused(m.fetch(), 404, 20404);
  assert.equal((await client.messages.list({ to: guest(1) })).some((x) => x.sid === m.sid), false);
});

/* ---- refusals ---- */

for (const [what, params, code] of [
  ['an invalid To', { to: '+15005550001' }, 21211],
  ['a To without a route', { to: '+15005550002' }, 21612],
  ['a To in a region that is off', { to: '+15005550003' }, 21408],
  ['a To that opted out', { to: '+15005550004' }, 21610],
  ['a To that is no mobile', { to: '+15005550009' }, 21614],
  ['an invalid From', { from: '+15005550001' }, 21212],
  ['a From that is not ours', { from: '+15005550007' }, 21606],
  ['a From with a full queue', { from: '+15005550008' }, 21611],
  ['a To that is no number', { to: 'Jane' }, 21211],
  ['no To', { to: '' }, 21604],
  ['no From', { from: undefined }, 21603],
  ['no Body', { body: undefined }, 21619],
  ['an empty Body', { body: '' }, 21602],
  ['1,601 characters', { body: 'x'.repeat(1601) }, 21617],
  ['a StatusCallback that is no URL', { statusCallback: 'here' }, 21609],
])
  test(`${what}: ${code}`, async () => {
    await refused(send(params), 400, code);
    assert.equal((await h.summary()).texts, 0);
  });

test("the magic From of Twilio's test credentials is taken", async () => {
  assert.equal((await send({ from: '+15005550006' })).status, 'queued');
});

test('a wrong token: 401, 20003; what is not there: 404, 20404; a wrong method: 405, 20004', async () => {
  const stranger = twilioClient(h, { token: 'f'.repeat(32) });
  await refused(stranger.messages.create({ to: guest(1), from: TWILIO_NUMBER, body: 'x' }), 401, 20003);
  await refused(stranger.messages.list(), 401, 20003);
  await refused(client.messages(`SM${'0'.repeat(32)}`).fetch(), 404, 20404);
  await refused(client.messages(`SM${'0'.repeat(32)}`).remove(), 404, 20404);
  await refused(client.messages(`SM${'0'.repeat(32)}`).update({ body: '' }), 404, 20404);
  await refused(client.api.v2010.accounts(`AC${'1'.repeat(32)}`).messages.list(), 404, 20404);
  await refused(client.api.v2010.update({ uri: `/Accounts/${h.credentials.TWILIO_ACCOUNT_SID}/Messages.json`,
                                          method: 'put' }), 405, 20004);
});

test('after STOP 21610, until START', async () => {
  await send();
  for (const [word, blocks] of [['STOP', true], ['Unstop', false], ['Revoke', true], ['yes', false]]) {
    await reply({ body: word });
    if (blocks) await refused(send(), 400, 21610);
    else assert.equal((await send()).status, 'queued');
  }
});

for (const [http_status, code] of [[500, 20500], [503, 20503], [403, 20403]])
  test(`a fault with ${http_status}: ${code}`, async () => {
    await h.faults('twilio', { kind: 'status', http_status });
    await refused(send(), http_status, code);
  });

test('429 is 20429; the client tries again only when it is told to', async () => {
  await h.faults('twilio', { kind: 'throttle' });
  await refused(send(), 429, 20429);
  assert.equal(await requests(), 1);

  const patient = twilioClient(h, { autoRetry: true });
  const text = { to: guest(1), from: TWILIO_NUMBER, body: 'Ready' };
  await refused(patient.messages.create(text), 429, 20429);
  assert.equal(await requests(), 1 + 4);

  await h.faults('twilio', { kind: 'throttle', count: 2 });
  assert.equal((await patient.messages.create(text)).status, 'queued');
  assert.equal(await requests(), 1 + 4 + 3);
  await until('it arrived', async () => (await h.summary()).texts === 1);
});

/* ---- webhooks ---- */

const ODD = '/status?a=1&a=2&empty=&name=Ren%C3%A9%20%26%20Co&tilde=~&plus=%2B';

test('status callbacks are believed, and tell the story in order', async () => {
  const m = await send({ statusCallback: `${hooks.url}${ODD}#rc=3&rp=all` });
  const got = await callbacks(2);
  assert.deepEqual(got.map((q) => parse(q.body).MessageStatus), ['sent', 'delivered']);
  for (const q of got) {
    const p = parse(q.body);
    assert.equal(q.path, ODD);
    assert.match(q.headers['content-type'], /^application\/x-www-form-urlencoded/);
    assert.ok(believed(q), q.body);
    assert.ok(!believed({ ...q, body: q.body.replace('MessageStatus=', 'MessageStatus=x') }));
    assert.ok(!believed({ ...q, path: q.path.replace('a=1', 'a=3'), url: q.url.replace('a=1', 'a=3') }));
    assert.deepEqual([p.MessageSid, p.SmsSid, p.To, p.From], [m.sid, m.sid, guest(1), TWILIO_NUMBER]);
    assert.deepEqual([p.AccountSid, p.ApiVersion], [m.accountSid, m.apiVersion]);
    assert.equal(p.SmsStatus, p.MessageStatus);
    assert.equal(p.ErrorCode, undefined);
  }
  assert.match(parse(got[1].body).RawDlrDoneDate, /^\d{10}$/);
});

for (const [status, code, words] of [['undelivered', '30007', ['sent', 'undelivered']],
                                     ['failed', '30034', ['failed']], ['expired', '30036', ['failed']],
                                     ['unconfirmed', undefined, ['sent']]])
  test(`the callbacks of a text that ends ${status}`, async () => {
    await h.sim(`/sim/v1/phones/${guest(1).slice(1)}`, { method: 'PUT', body: { status, code } });
    await send({ statusCallback: `${hooks.url}/status` });
    const got = await callbacks(words.length);
    await idle();
    assert.deepEqual(hooks.at('/status').map((q) => parse(q.body).MessageStatus), words);
    assert.equal(parse(got.at(-1).body).ErrorCode, code);
    for (const q of got) assert.ok(believed(q));
  });

test('a callback comes again as the fragment of its URL says, with the same idempotency token', async () => {
  let failures = 2;
  hooks.answer = (q) => (parse(q.body).MessageStatus === 'sent' && failures-- > 0 ? 500 : 200);
  await send({ statusCallback: `${hooks.url}/status#rc=3&rp=5xx` });
  await callbacks(4);
  await idle();
  const tokens = { sent: [], delivered: [] };
  for (const q of hooks.at('/status'))
    tokens[parse(q.body).MessageStatus].push(q.headers['i-twilio-idempotency-token']);
  assert.deepEqual([tokens.sent.length, tokens.delivered.length], [3, 1]);
  assert.equal(new Set(tokens.sent).size, 1);
  assert.notEqual(tokens.sent[0], tokens.delivered[0]);
  for (const q of hooks.at('/status')) assert.ok(believed(q));
});

test('a callback that meets a 500 is lost when its URL asks for nothing else', async () => {
  hooks.answer = () => 500;
  await send({ statusCallback: `${hooks.url}/status` });
  await callbacks(2);
  await idle();
  assert.deepEqual(hooks.at('/status').map((q) => parse(q.body).MessageStatus), ['sent', 'delivered']);
});

test('of forged callbacks none is believed, of the others all', async () => {
  await h.faults('twilio', { kind: 'callbacks_forged' });
  await send({ statusCallback: `${hooks.url}${ODD}` });
  await callbacks(4);
  await idle();
  const verdicts = hooks.at('/status').map((q) => [parse(q.body).MessageStatus, believed(q)]);
  assert.deepEqual(verdicts, [['failed', false], ['sent', true], ['failed', false], ['delivered', true]]);
});

const picture = (i) => `http://127.0.0.1/media/${i}?a=1&b=ü`;
for (const [what, text] of [
  ['plain words', { body: 'On my way' }],
  ['unicode', { body: 'Grüße 🎉👨‍👩‍👧 日本語 e\u0301' }],
  ['characters that forms escape', { body: "1+1=2 & 100% 'sure' ~\"<>;,/?:@$!*()[]{}|\\^`#" }],
  ['percent signs that stay', { body: '%41%2B+%zz' }],
  ['white space on all sides', { body: ' \t a\nb\r\nc  ' }],
  ['an empty body with a picture', { body: '', media: [picture(0)] }],
  ['ten pictures', { body: 'look', media: Array.from({ length: 10 }, (_, i) => picture(i)) }],
  ['STOP', { body: 'STOP' }],
])
  test(`a guest's text is believed, and unchanged: ${what}`, async () => {
    await reply(text);
    const [q, more] = hooks.at('/webhooks/twilio/sms');
    const p = parse(q.body);
    assert.equal(more, undefined);
    assert.ok(believed(q), q.body);
    assert.ok(!believed({ ...q, body: `${q.body}&More=` }));
    assert.equal(p.Body, text.body);
    assert.equal(p.NumMedia, String(text.media?.length ?? 0));
    text.media?.forEach((url, i) => {
      assert.equal(p[`MediaUrl${i}`], url);
      assert.equal(p[`MediaContentType${i}`], 'image/jpeg');
    });
    assert.equal(p.SmsStatus, 'received');
    assert.match(p.MessageSid, text.media ? /^MM[0-9a-f]{32}$/ : /^SM[0-9a-f]{32}$/);
    assert.deepEqual([p.SmsSid, p.SmsMessageSid], [p.MessageSid, p.MessageSid]);
    assert.deepEqual([p.From, p.To], [guest(1), TWILIO_NUMBER]);
  });

/* ---- the account and its numbers ---- */

test('the account is shown, to who has its token', async () => {
  const us = await client.api.v2010.accounts(h.credentials.TWILIO_ACCOUNT_SID).fetch();
  assert.deepEqual([us.sid, us.status, us.type, us.authToken], [h.credentials.TWILIO_ACCOUNT_SID, 'active', 'Full', token]);
  assert.ok(us.dateCreated instanceof Date && us.subresourceUris.incoming_phone_numbers);
  await refused(twilioClient(h, { token: 'x' }).api.v2010.accounts(h.credentials.TWILIO_ACCOUNT_SID).fetch(), 401, 20003);
});

test('numbers are listed over pages, found, changed and given up', async () => {
  const before = await requests();
  const all = await client.incomingPhoneNumbers.list({ pageSize: 40 });
  assert.equal(all.length, 100);
  assert.equal(await requests() - before, 3);
  assert.equal(new Set(all.map((n) => n.sid)).size, 100);
  const [ours, ...more] = await client.incomingPhoneNumbers.list({ phoneNumber: TWILIO_NUMBER });
  assert.equal(more.length, 0);
  const json = ours.toJSON();
  for (const name of ['accountSid', 'apiVersion', 'phoneNumber', 'sid', 'smsUrl', 'smsMethod', 'smsApplicationSid', 'voiceUrl', 'voiceMethod',
                      'voiceFallbackUrl', 'voiceApplicationSid', 'status', 'type', 'origin', 'uri', 'voiceReceiveMode', 'friendlyName'])
    assert.equal(typeof json[name], 'string', name);
  for (const [name, value] of Object.entries(json)) assert.notEqual(value, undefined, `${name} is missing`);
  assert.deepEqual([ours.capabilities.sms, ours.capabilities.voice, ours.beta], [true, true, false]);
  assert.match(ours.sid, /^PN[0-9a-f]{32}$/);
  assert.equal(ours.smsUrl, `${h.gatewayUrl}/webhooks/twilio/sms#rc=3&rp=all`);
  const changed = await ours.update({ smsUrl: `${hooks.url}/elsewhere`, smsMethod: 'POST', voiceUrl: '' });
  assert.deepEqual([changed.smsUrl, changed.voiceUrl, changed.voiceMethod], [`${hooks.url}/elsewhere`, '', 'POST']);
  assert.equal((await client.incomingPhoneNumbers(ours.sid).fetch()).smsUrl, `${hooks.url}/elsewhere`);
  await reply({ body: 'where does it go?' });
  assert.equal((await callbacks(1, '/elsewhere')).length, 1, 'guests\' texts go there');
  assert.equal(await ours.remove(), true);
  await refused(client.incomingPhoneNumbers(ours.sid).fetch(), 404, 20404);
  assert.equal((await client.incomingPhoneNumbers.list({ pageSize: 1000 })).length, 99);
});

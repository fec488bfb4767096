// telnyx.test.mjs - Telnyx's official client against the simulated Telnyx: what it sends is taken,
// answers and webhooks have the types that it declares, and it believes the webhooks, but not the
// forged, changed or old ones.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import path from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import Telnyx from 'telnyx';
import { guest, house, until, TELNYX_NUMBER } from '../e2e/house.mjs';
import { receiver, telnyxClient } from './tools.mjs';
import { declarations } from './types.mjs';

const declared = path.join(path.dirname(createRequire(import.meta.url).resolve('telnyx')), 'resources');
const problems = declarations(...['messages/messages', 'webhooks', 'detail-records']
  .map((file) => path.join(declared, `${file}.d.ts`)));
const ofNumbers = declarations(...['balance', 'phone-numbers/phone-numbers', 'messaging-profiles/messaging-profiles', 'texml-applications']
  .map((file) => path.join(declared, `${file}.d.ts`)));

let h, hooks, client;
before(async () => {
  h = await house();
  hooks = await receiver(new URL(h.gatewayUrl).port); // in the gateway's place
  client = telnyxClient(h);
});
after(async () => { hooks?.close(); await h?.close(); });
beforeEach(async () => {
  await h.sim('/sim/v1/reset', { method: 'POST' });
  await h.sim('/sim/v1/latency/telnyx', { method: 'PUT', body: { sent_ms: 0, delivered_ms: 0, retry_ms: 20 } });
  hooks.requests.length = 0;
  hooks.answer = () => 200;
});

const text = (more) => ({ to: guest(1), from: TELNYX_NUMBER, text: 'Ready', ...more });
const send = async (more) => (await client.messages.send(text(more))).data;
const reply = async (body) => {
  const r = await h.sim('/sim/v1/replies', { body: { from: guest(1), to: TELNYX_NUMBER, provider: 'telnyx', ...body } });
  assert.equal(r.json.http_status, 200, r.text);
};
const ended = (id, status) => until(`${id} is ${status}`, async () => {
  const m = (await client.messages.retrieve(id)).data;
  return m.to[0].status === status && m;
});
const webhooks = async (n, start = '/status') => {
  await until(`${n} webhooks`, () => hooks.at(start).length >= n);
  await until('no webhook is under way', async () => (await h.sim('/sim/v1/callbacks')).json.idle);
  return hooks.at(start);
};
const unwrap = (q) => client.webhooks.unwrap(q.body, { headers: q.headers });
const requests = async () => (await h.sim('/sim/v1/requests')).json.telnyx.requests;

/** Rejects, and for the signature's sake. */
const disbelieved = (promise, why = /./) => assert.rejects(promise, (e) => {
  assert.equal(e.name, 'TelnyxWebhookVerificationError', e.stack);
  assert.match(e.message, why);
  return true;
});

/* ---- messages ---- */

/** All fields are optional in the types; these, by Telnyx's own examples, are always there. */
const always = ['id', 'record_type', 'direction', 'type', 'from', 'to', 'text', 'encoding', 'parts', 'num_chars',
                'cost', 'errors', 'media', 'messaging_profile_id', 'organization_id', 'received_at', 'sent_at',
                'completed_at', 'valid_until', 'tags', 'webhook_url', 'webhook_failover_url'];

function typed(message, type, more = []) {
  assert.deepEqual(problems(message, type), []);
  for (const name of [...always, ...more]) assert.ok(name in message, `${name} is missing`);
}

test('the types are read: they reject what is not theirs', () => {
  const wrong = { id: 7, to: [{ status: 'lost' }], shoe: 1, errors: [{ code: '1' }] };
  assert.deepEqual(problems(wrong, 'OutboundMessagePayload').map((p) => p.split(/[ :]/)[0]).sort(), [
    'OutboundMessagePayload.errors[0].title', 'OutboundMessagePayload.id', 'OutboundMessagePayload.shoe',
    'OutboundMessagePayload.to[0].status',
  ]);
});

test('a text is sent, and retrieved when it is delivered', async () => {
  const sent = await client.messages.send(text({ text: 'Your table 🎉', webhook_url: `${hooks.url}/status?a=1`,
                                                 webhook_failover_url: `${hooks.url}/other`,
                                                 use_profile_webhooks: false }));
  assert.deepEqual(problems(sent, 'MessageSendResponse'), []);
  typed(sent.data, 'OutboundMessagePayload', ['wait_seconds', 'smart_encoding_applied']);
  assert.match(sent.data.id, /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/);
  assert.equal(sent.data.to[0].status, 'queued');
  assert.equal(sent.data.to[0].phone_number, guest(1));
  assert.equal(sent.data.from.phone_number, TELNYX_NUMBER);
  assert.deepEqual([sent.data.encoding, sent.data.parts, sent.data.num_chars], ['UCS-2', 1, 12]);
  assert.equal(sent.data.webhook_url, `${hooks.url}/status?a=1`);
  assert.equal(sent.data.cost, null);

  const later = await ended(sent.data.id, 'delivered');
  typed(later, 'OutboundMessagePayload');
  assert.equal(later.text, 'Your table 🎉');
  assert.match(later.cost.amount, /^0\.\d+$/);
  assert.ok(Date.parse(later.completed_at) >= Date.parse(later.sent_at));
});

test('a picture makes an MMS', async () => {
  const m = await send({ text: undefined, media_urls: ['http://127.0.0.1/1.jpg'] });
  typed(m, 'OutboundMessagePayload');
  assert.equal(m.type, 'MMS');
});

for (const [status, word, code] of [['delivered', 'delivered'], ['unconfirmed', 'delivery_unconfirmed'],
                                    ['undelivered', 'delivery_failed', '40008'],
                                    ['failed', 'sending_failed', '40018'], ['expired', 'expired', '40014']])
  test(`a text that ends ${status}: ${word}, in the message, its record and its webhook`, async () => {
    await h.sim(`/sim/v1/phones/${guest(1).slice(1)}`, { method: 'PUT', body: { status } });
    const m = await ended((await send({ webhook_url: `${hooks.url}/status` })).id, word);
    typed(m, 'OutboundMessagePayload');
    assert.equal(m.errors[0]?.code, code);
    const last = await unwrap((await webhooks(code && code !== '40008' ? 1 : 2)).at(-1));
    assert.equal(last.data.event_type, 'message.finalized');
    assert.equal(last.data.payload.to[0].status, word);
    assert.equal(last.data.payload.errors[0]?.code, code);
    assert.deepEqual(problems(last, 'DeliveryUpdateWebhookEvent'), []);
    const [record] = (await client.detailRecords.list({ filter: { record_type: 'messaging', uuid: m.id } })).data;
    assert.deepEqual(problems(record, 'DetailRecordListResponse.MessageDetailRecord'), []);
    assert.equal(record.delivery_status, word);
    assert.deepEqual(record.errors, code ? [code] : []);
  });

test('detail records are found by number, direction and time, over several pages', async () => {
  const ids = [];
  for (let i = 0; i < 5; i++) ids.unshift((await send({ text: `${i}` })).id);
  await send({ to: guest(2) });
  await reply({ body: 'hi' });
  const find = async (filter, more) => {
    const found = [];
    for await (const r of client.detailRecords.list({ filter: { record_type: 'messaging', ...filter }, ...more })) {
      assert.deepEqual(problems(r, 'DetailRecordListResponse.MessageDetailRecord'), []);
      found.push(r.uuid);
    }
    return found;
  };
  const now = Date.now();
  const at = (seconds) => new Date(now + seconds * 1000).toISOString();
  const before = await requests();
  assert.deepEqual(await find({ cld: guest(1) }, { 'page[size]': 2 }), ids);
  assert.equal(await requests() - before, 3);
  assert.equal((await find({ cli: TELNYX_NUMBER })).length, 6);
  assert.equal((await find({ direction: 'inbound' })).length, 1);
  assert.equal((await find({ cld: guest(1), created_at: { gte: at(-60), lte: at(60) } })).length, 5);
  assert.equal((await find({ cld: guest(1), created_at: { gt: at(60) } })).length, 0);
  assert.equal((await find({ cld: guest(9) })).length, 0);
});

/* ---- refusals ---- */

async function refused(promise, kind, status, code, pointer) {
  const e = await promise.then(() => assert.fail(`nothing was refused; ${code} was expected`), (error) => error);
  assert.ok(e instanceof Telnyx[kind], `${e.stack}`);
  assert.equal(e.status, status);
  const [first] = e.error.errors;
  assert.equal(first.code, code);
  assert.deepEqual(problems(first, 'MessagingError0b38e7044b'), []);
  assert.equal(first.source?.pointer, pointer);
  return e;
}

for (const [what, params, kind, status, code, pointer] of [
  ['a to that is no number', { to: '12125551001' }, 'BadRequestError', 400, '40310', '/to'],
  ['a from that is not ours', { from: 'no sender?!' }, 'BadRequestError', 400, '40305', '/from'],
  ['no to', { to: undefined }, 'UnprocessableEntityError', 422, '10004', '/to'],
  ['no from', { from: undefined }, 'UnprocessableEntityError', 422, '10004', '/from'],
  ['no text', { text: undefined }, 'BadRequestError', 400, '40316', '/text'],
  ['11 parts', { text: 'x'.repeat(1531) }, 'BadRequestError', 400, '40302', '/text'],
  ['11 pictures', { media_urls: Array(11).fill('http://127.0.0.1/1.jpg') }, 'BadRequestError', 400, '40317', '/media_urls'],
  ['a webhook_url that is none', { webhook_url: 'here' }, 'UnprocessableEntityError', 422, '10003', '/webhook_url'],
])
  test(`${what}: ${code}`, async () => {
    await refused(client.messages.send(text(params)), kind, status, code, pointer);
    assert.equal((await h.summary()).texts, 0);
  });

test('ten parts are taken', async () => {
  assert.equal((await send({ text: 'x'.repeat(1530) })).parts, 10);
});

test('a wrong key: 401, 10009; what is not there: 404, 10005', async () => {
  const none = '182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e';
  const stranger = telnyxClient(h, { apiKey: 'KEY1' });
  await refused(stranger.messages.send(text()), 'AuthenticationError', 401, '10009');
  await refused(client.messages.retrieve(none), 'NotFoundError', 404, '10005');
  await refused(client.messages.retrieve('none'), 'NotFoundError', 404, '10005');
  await refused(client.messages.cancelScheduled(none), 'NotFoundError', 404, '10005');
  await refused(client.calls.dial({ connection_id: '1', from: TELNYX_NUMBER, to: guest(1) }), 'NotFoundError', 404, '10005');
});

for (const [http_status, kind, code] of [[403, 'PermissionDeniedError', '10010'], [408, 'APIError', '10008'],
                                         [500, 'InternalServerError', '10007'], [503, 'InternalServerError', '10037']])
  test(`a fault with ${http_status}: ${code}`, async () => {
    await h.faults('telnyx', { kind: 'status', http_status });
    await refused(client.messages.send(text()), kind, http_status, code);
  });

test('a connection that breaks is a connection error', async () => {
  await h.faults('telnyx', { kind: 'reset' });
  await assert.rejects(client.messages.send(text()), (e) => e instanceof Telnyx.APIConnectionError);
});

test('after STOP 409 with 40300, which the client by default asks for three times; until START', async () => {
  await reply({ body: 'stop' });
  await refused(client.messages.send(text()), 'ConflictError', 409, '40300', '/to');
  assert.equal(await requests(), 1);
  const stubborn = telnyxClient(h, { maxRetries: undefined });
  await refused(stubborn.messages.send(text()), 'ConflictError', 409, '40300', '/to');
  assert.equal(await requests(), 1 + 3);
  await reply({ body: 'START' });
  assert.ok((await send()).id);
});

test('429 is 10011 with its headers; the client waits as long as it is told to', async () => {
  await h.faults('telnyx', { kind: 'throttle', retry_after_s: 1, count: 2 });
  const e = await refused(client.messages.send(text()), 'RateLimitError', 429, '10011');
  assert.equal(e.headers.get('retry-after'), '1');
  assert.equal(e.headers.get('x-ratelimit-remaining'), '0');
  const start = Date.now();
  await telnyxClient(h, { maxRetries: 1 }).messages.send(text());
  assert.ok(Date.now() - start >= 990);
});

test("the client's own retry sends a text twice when a 500 hid that it was accepted", async () => {
  await h.faults('telnyx', { kind: 'status_after_accept', http_status: 500, count: 1 });
  await telnyxClient(h, { maxRetries: undefined }).messages.send(text());
  const s = await until('both arrived', async () => {
    const now = await h.summary();
    return now.texts === 2 && now;
  });
  assert.equal(s.doubled, 1);
});

/* ---- webhooks ---- */

test('message.sent and message.finalized are believed, and have the declared types', async () => {
  const m = await send({ text: 'Grüße 🎉 "1+1"\n', webhook_url: `${hooks.url}/status?attempt=1&x=%20` });
  const [sent, final, more] = await webhooks(2);
  assert.equal(more, undefined);
  for (const [q, event_type, status] of [[sent, 'message.sent', 'sent'], [final, 'message.finalized', 'delivered']]) {
    const promise = unwrap(q);
    assert.ok(promise instanceof Promise); // forget the await, and nothing was verified
    const event = await promise;
    assert.deepEqual(problems(event, 'DeliveryUpdateWebhookEvent'), []);
    assert.equal(event.data.event_type, event_type);
    assert.equal(event.data.record_type, 'event');
    assert.ok(Math.abs(Date.parse(event.data.occurred_at) - Date.now()) < 10_000);
    typed(event.data.payload, 'OutboundMessagePayload', ['wait_seconds', 'smart_encoding_applied']);
    assert.equal(event.data.payload.id, m.id);
    assert.equal(event.data.payload.text, 'Grüße 🎉 "1+1"\n');
    assert.equal(event.data.payload.to[0].status, status);
    assert.deepEqual(event.meta, { attempt: 1, delivered_to: `${hooks.url}/status?attempt=1&x=%20` });
    assert.equal(q.path, '/status?attempt=1&x=%20');
    assert.match(q.headers['content-type'], /^application\/json/);
    assert.deepEqual(event, client.webhooks.unsafeUnwrap(q.body));
  }
  const [a, b] = [JSON.parse(sent.body).data, JSON.parse(final.body).data];
  assert.notEqual(a.id, b.id);
  assert.ok(Date.parse(a.occurred_at) <= Date.parse(b.occurred_at));
});

test('a webhook that was changed, is old, or lacks a header is not believed', async () => {
  await send({ webhook_url: `${hooks.url}/status` });
  const [q] = await webhooks(2);
  const stamp = 'telnyx-timestamp', signature = 'telnyx-signature-ed25519';
  const but = (changes, body = q.body) => unwrap({ body, headers: { ...q.headers, ...changes } });
  const at = Number(q.headers[stamp]);
  await unwrap(q);
  await disbelieved(but({}, q.body.replace('message.sent', 'message.senT')), /does not match/);
  await disbelieved(but({}, `${q.body} `), /does not match/);
  await disbelieved(but({ [stamp]: String(at + 1) }), /does not match/);
  await disbelieved(but({ [stamp]: `${at}.0` }), /timestamp format/);
  await disbelieved(but({ [stamp]: undefined }), /Missing/);
  await disbelieved(but({ [signature]: undefined }), /Missing/);
  await disbelieved(but({ [signature]: q.headers[signature].slice(0, -4) }), /signature format/);
  await disbelieved(client.webhooks.unwrap(q.body, {}), /headers are required/);
  await disbelieved(client.webhooks.unwrap(q.body, { headers: q.headers, key: Buffer.alloc(32, 7).toString('base64') }));

  const now = Date.now;
  try {
    for (const [seconds, believes] of [[300, true], [301, false], [-300, true], [-301, false]]) {
      Date.now = () => (at + seconds) * 1000;
      if (believes) await unwrap(q);
      else await disbelieved(unwrap(q), /too old or too new/);
    }
  } finally {
    Date.now = now;
  }
});

test('of forged webhooks none is believed, of the others all', async () => {
  await h.faults('telnyx', { kind: 'callbacks_forged' });
  await send({ webhook_url: `${hooks.url}/status` });
  const verdicts = [];
  for (const q of await webhooks(4)) {
    const { status } = JSON.parse(q.body).data.payload.to[0];
    verdicts.push([status, await unwrap(q).then(() => true, () => false)]);
  }
  assert.deepEqual(verdicts, [['sending_failed', false], ['sent', true], ['sending_failed', false], ['delivered', true]]);
});

test('a URL that answers 500 is tried three times, then the failover URL', async () => {
  hooks.answer = (q) => (q.path.startsWith('/status/main') ? 500 : 200);
  await h.sim(`/sim/v1/phones/${guest(1).slice(1)}`, { method: 'PUT', body: { status: 'failed' } });
  await send({ webhook_url: `${hooks.url}/status/main?n=1`, webhook_failover_url: `${hooks.url}/status/other?n=2` });
  const got = await webhooks(4);
  assert.deepEqual(got.map((q) => q.path), [...Array(3).fill('/status/main?n=1'), '/status/other?n=2']);
  const events = await Promise.all(got.map(unwrap));
  assert.deepEqual(events.map((e) => e.meta.attempt), [1, 2, 3, 4]);
  got.forEach((q, i) => assert.equal(events[i].meta.delivered_to, q.url));
  assert.equal(new Set(events.map((e) => e.data.id)).size, 1);
});

test('when both URLs fail it is given up after six tries', async () => {
  hooks.answer = () => 503;
  await h.sim(`/sim/v1/phones/${guest(1).slice(1)}`, { method: 'PUT', body: { status: 'failed' } });
  await send({ webhook_url: `${hooks.url}/status/a`, webhook_failover_url: `${hooks.url}/status/b` });
  const events = await Promise.all((await webhooks(6)).map(unwrap));
  assert.deepEqual(events.map((e) => e.meta.attempt), [1, 2, 3, 4, 5, 6]);
  assert.equal((await h.sim('/sim/v1/callbacks')).json.telnyx.given_up, 1);
});

for (const [what, body, keyword] of [
  ['plain words', { body: 'On my way' }],
  ['unicode', { body: 'Grüße 🎉👨‍👩‍👧 日本語 e\u0301 \u2028' }],
  ['what JSON escapes', { body: 'a "b" \\c\\u0041 </script> \t\r\n\u0001' }],
  ['a picture without words', { body: '', media: ['http://127.0.0.1/1.jpg?a=1&b=2'] }],
  ['STOP', { body: ' Stop ' }, 'STOP'],
  ['STOP ALL', { body: 'stop all' }, 'STOP'],
  ['HELP', { body: 'HELP' }, 'HELP'],
])
  test(`message.received is believed, and has the declared types: ${what}`, async () => {
    await reply(body);
    const [q, more] = await webhooks(1, '/webhooks/telnyx/messages');
    assert.equal(more, undefined);
    const event = await unwrap(q);
    const { payload } = event.data;
    assert.equal(event.data.event_type, 'message.received');
    assert.equal(event.meta.attempt, 1);
    // Telnyx's pages call a picture's digest sha256, its types hash_sha256.
    const media = payload.media.map(({ sha256, hash_sha256 = sha256, ...rest }) => ({ hash_sha256, ...rest }));
    typed({ ...payload, media }, 'MessagingInboundMessagePayload');
    assert.deepEqual(problems({ ...event.data, payload: {} }, 'MessagingInboundMessage'), []);
    assert.equal(payload.text, body.body);
    assert.equal(payload.direction, 'inbound');
    assert.equal(payload.type, body.media ? 'MMS' : 'SMS');
    assert.equal(payload.from.phone_number, guest(1));
    assert.equal(payload.to[0].phone_number, TELNYX_NUMBER);
    assert.equal(payload.autoresponse_type, keyword);
    assert.deepEqual(payload.media.map((m) => m.url), body.media ?? []);
  });

/* ---- the account and its numbers ---- */

test('what is left is told', async () => {
  const balance = await client.balance.retrieve();
  assert.deepEqual(ofNumbers(balance, 'BalanceRetrieveResponse'), []);
  assert.equal(balance.data.available_credit, '400.00');
});

test('numbers are listed over pages, found, changed and given up', async () => {
  const before = await requests(), all = [];
  for await (const n of client.phoneNumbers.list({ 'page[size]': 40 })) all.push(n);
  assert.equal(all.length, 100);
  assert.equal(await requests() - before, 3);
  assert.deepEqual(ofNumbers(all[7], 'NumbersPhoneNumberDetailed'), []);
  const [ours, ...more] = (await client.phoneNumbers.list({ filter: { phone_number: TELNYX_NUMBER } })).data;
  assert.deepEqual([ours.phone_number, more.length, ours.connection_id], [TELNYX_NUMBER, 0, h.credentials.TELNYX_VOICE_APP]);
  const changed = await client.phoneNumbers.update(ours.id, { connection_id: '7' });
  assert.deepEqual([changed.data.connection_id, (await client.phoneNumbers.retrieve(ours.id)).data.connection_id], ['7', '7']);
  assert.equal((await client.phoneNumbers.delete(ours.id)).data.id, ours.id);
  await assert.rejects(client.phoneNumbers.retrieve(ours.id), (e) => e instanceof Telnyx.NotFoundError);
});

test('the profile and the application that they belong to say where guests\' texts and calls go', async () => {
  const [number] = (await client.phoneNumbers.list({ filter: { phone_number: TELNYX_NUMBER } })).data;
  const profile = await client.messagingProfiles.retrieve(number.messaging_profile_id);
  assert.deepEqual(ofNumbers(profile, 'MessagingProfileRetrieveResponse'), []);
  assert.equal(profile.data.webhook_url, `${h.gatewayUrl}/webhooks/telnyx/messages`);
  const moved = await client.messagingProfiles.update(profile.data.id, { webhook_url: `${hooks.url}/elsewhere` });
  assert.equal(moved.data.webhook_url, `${hooks.url}/elsewhere`);
  await reply({ body: 'where does it go?' });
  assert.equal((await webhooks(1, '/elsewhere')).length, 1);
  const application = await client.texmlApplications.retrieve(number.connection_id);
  assert.deepEqual(ofNumbers(application, 'TexmlApplicationRetrieveResponse'), []);
  const { friendly_name } = application.data;
  const other = await client.texmlApplications.update(number.connection_id, { friendly_name, voice_url: 'https://x.example/', voice_method: 'get' });
  assert.deepEqual([other.data.voice_url, other.data.voice_method, other.data.friendly_name], ['https://x.example/', 'get', friendly_name]);
  await assert.rejects(client.texmlApplications.update(number.connection_id, { friendly_name }), (e) => e.status === 422);
  await assert.rejects(client.messagingProfiles.retrieve('x'), (e) => e instanceof Telnyx.NotFoundError);
});

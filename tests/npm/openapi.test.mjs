// openapi.test.mjs - our sends, and the simulated Twilio's answers to them, are what Twilio's own
// API description (fixtures/openapi) says they are.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import Ajv from 'ajv';
import { call, guest, house, until, TWILIO_NUMBER } from '../e2e/house.mjs';
import { receiver } from './tools.mjs';

const description = JSON.parse(readFileSync(new URL('../../fixtures/openapi/twilio_messages_post.json', import.meta.url)));
const [[route, { post }]] = Object.entries(description.paths);
const form = post.requestBody.content['application/x-www-form-urlencoded'].schema;
const message = description.components.schemas['api.v2010.account.message'];

const ajv = new Ajv({
  strict: false, allErrors: true,
  formats: {
    'phone-number': /^(\+[1-9]\d{1,14}|\d{3,6}|[a-z]+:.+|[\w ]{1,11})$/,
    uri: /^https?:\/\/[^\s/?#]+[^\s]*$/,
    'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/,
    'date-time-rfc-2822': (s) => /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d \+0000$/.test(s) && !isNaN(Date.parse(s)),
    currency: /^[A-Za-z]{3}$/,
    'uri-map': true, // of an object
  },
});
ajv.addSchema(description, 'twilio');
const schema = (pointer) => ajv.compile({ $ref: `twilio#/${pointer.map((p) =>
  encodeURIComponent(p.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/')}` });
const fitsForm = schema(['paths', route, 'post', 'requestBody', 'content', 'application/x-www-form-urlencoded', 'schema']);
const fitsAnswer = schema(['paths', route, 'post', 'responses', '201', 'content', 'application/json', 'schema']);

/** A form as the JSON that the schema describes; what cannot be read as its type stays text. */
function asJson(body) {
  const fields = new URLSearchParams(body);
  const json = {};
  for (const name of new Set(fields.keys())) {
    const all = fields.getAll(name);
    const { type } = form.properties[name] ?? {};
    if (type === 'array') json[name] = all;
    else if (all.length > 1) json[name] = all; // and that does not fit
    else if ((type === 'integer' || type === 'number') && /^-?\d+$/.test(all[0])) json[name] = Number(all[0]);
    else if (type === 'boolean' && /^(true|false)$/.test(all[0])) json[name] = all[0] === 'true';
    else [json[name]] = all;
  }
  return json;
}

function problems(validate, value, properties) {
  validate(value);
  const known = new Set(Object.keys(properties));
  return [...(validate.errors ?? []).map((e) => `${e.instancePath} ${e.message}`),
          ...Object.keys(value).filter((name) => !known.has(name)).map((name) => `${name} is not described`)];
}
const ofForm = (body) => problems(fitsForm, asJson(body), form.properties);
const ofAnswer = (json) => [...problems(fitsAnswer, json, message.properties),
                            ...Object.keys(message.properties).filter((name) => !(name in json)).map((n) => `${n} is missing`)];

let h, twilio, seen;
before(async () => {
  h = await house();
  seen = [];
  twilio = await receiver(); // between the gateway and the simulated Twilio
  twilio.answer = async ({ method, path, headers, body }) => {
    const { authorization, 'content-type': type } = headers;
    const r = await call(h.twilioUrl + path, { method, body, headers: { authorization, 'content-type': type } });
    seen.push({ method, path, headers, body, status: r.status, type: r.headers.get('content-type'), answer: r.json });
    return { status: r.status, type: r.headers.get('content-type'), body: r.text };
  };
  await h.gateway({ TWILIO_BASE_URL: twilio.url });
});
after(async () => { twilio?.close(); await h?.close(); });

test('the description is read: it rejects what it should', () => {
  assert.deepEqual(ofForm('To=%2B12125551001&From=%2B13125550002&Body=x&ValidityPeriod=60&MediaUrl=http://a/1&MediaUrl=http://a/2'), []);
  for (const [body, problem] of [
    ['Body=x', /required property 'To'/], ['To=Jane%20and%20John%20Doe', /To must match format/],
    ['To=%2B12125551001&ValidityPeriod=1m', /ValidityPeriod must be integer/],
    ['To=%2B12125551001&To=%2B12125551002', /To must be string/], ['To=%2B12125551001&Bdoy=x', /Bdoy is not described/],
    ['To=%2B12125551001&ContentRetention=keep', /ContentRetention must be equal to one of/],
    ['To=%2B12125551001&MessagingServiceSid=MG1', /MessagingServiceSid must match pattern/],
  ])
    assert.match(ofForm(body).join('\n'), problem, body);
});

const soon = (seconds) => new Date(Date.now() + seconds * 1000).toISOString();
for (const [i, [what, body, more]] of [
  ['plain words', 'Your table is ready.'],
  ['unicode', 'Grüße 🎉 日本語 e\u0301'],
  ['characters that forms escape', "1+1=2 & 100% 'sure' ~\"<>;,/?:@$!*()[]{}|\\^`#\r\n\tx"],
  ['ten segments', 'x'.repeat(1530)],
  ['ten segments of unicode', '🎉'.repeat(330)],
  ['an end in a minute', 'Soon', { expires_at: soon(60) }],
  ['an end in a day', 'Soon', { expires_at: soon(24 * 3600) }],
  ['our number named', 'Here', { from: TWILIO_NUMBER }],
].entries())
  test(`a send fits its description, and so does its answer: ${what}`, async () => {
    await h.text(guest(i), body, more);
    const to = guest(i);
    const { method, path, headers, body: sent, ...r } = await until('it was sent', () =>
      seen.find((s) => asJson(s.body).To === to));
    assert.equal(method, 'POST');
    assert.equal(path, route.replace('{AccountSid}', h.credentials.TWILIO_ACCOUNT_SID));
    assert.match(h.credentials.TWILIO_ACCOUNT_SID, new RegExp(post.parameters[0].schema.pattern));
    assert.equal(headers['content-type'], 'application/x-www-form-urlencoded');
    const credentials = `${h.credentials.TWILIO_ACCOUNT_SID}:${h.credentials.TWILIO_AUTH_TOKEN}`;
    assert.equal(headers.authorization, `Basic ${Buffer.from(credentials).toString('base64')}`);

    assert.deepEqual(ofForm(sent), []);
    const json = asJson(sent);
    assert.equal(json.Body, body);
    assert.equal(json.From, TWILIO_NUMBER);
    assert.ok(json.StatusCallback.startsWith(`${h.gatewayUrl}/webhooks/twilio/`));
    // The description says these in words.
    assert.ok([...json.Body].length <= 1600);
    assert.ok(json.ValidityPeriod === undefined || (json.ValidityPeriod >= 1 && json.ValidityPeriod <= 36000));
    assert.equal(String(json.ValidityPeriod), h.env.VALIDITY_S);

    assert.equal(r.status, 201);
    assert.match(r.type, /^application\/json/);
    assert.deepEqual(ofAnswer(r.answer), []);
  });

test('messages of every end, and guests\' own, fit the description when they are fetched', async () => {
  const ends = { delivered: 'delivered', unconfirmed: 'sent', undelivered: 'undelivered', failed: 'failed', expired: 'failed' };
  await h.sim('/sim/v1/reset', { method: 'POST' });
  for (const [i, status] of Object.keys(ends).entries()) {
    await h.sim(`/sim/v1/phones/${guest(100 + i).slice(1)}`, { method: 'PUT', body: { status } });
    await h.text(guest(100 + i), status, { from: TWILIO_NUMBER });
  }
  await h.sim('/sim/v1/replies', { body: { from: guest(120), to: TWILIO_NUMBER, provider: 'twilio', body: 'STOP', media: ['http://a/1'] } });
  const authorization = seen[0].headers.authorization;
  const list = await until('all ended', async () => {
    const all = (await call(h.twilioUrl + seen[0].path, { headers: { authorization } })).json.messages;
    return all.length === 7 && all.every((m) => m.status !== 'queued' && (m.body !== 'delivered' || m.status === 'delivered')
      && (m.body !== 'undelivered' || m.status === 'undelivered')) && all;
  });
  for (const m of list) assert.deepEqual(ofAnswer(m), [], JSON.stringify(m));
  const said = Object.fromEntries(list.map((m) => [m.body, m.status]));
  for (const [body, status] of Object.entries(ends)) assert.equal(said[body], status);
  assert.deepEqual([...new Set(list.map((m) => m.direction))].sort(), ['inbound', 'outbound-api', 'outbound-reply']);
});

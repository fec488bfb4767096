// voice.test.mjs - our side of calls against the carriers' official packages: the XML that
// fixtures/*/script_*.case expect of us is what the packages write and what the pages of each verb
// allow, calls are created as the clients create them, and what the package signs is believed.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { parse } from 'node:querystring';
import { test } from 'node:test';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import Telnyx from 'telnyx';
import twilio from 'twilio';
import { checkWebhook } from './tools.mjs';
import { declarations } from './types.mjs';

const { VoiceResponse } = twilio.twiml;
const { getExpectedTwilioSignature } = twilio;
const require = createRequire(import.meta.url);
const fixtures = new URL('../../fixtures/', import.meta.url);

/** The cases whose names begin so, each with its sections. */
function cases(carrier, start) {
  const found = [];
  for (const file of readdirSync(new URL(`${carrier}/`, fixtures)).sort()) {
    if (!file.startsWith(start)) continue;
    const text = readFileSync(new URL(`${carrier}/${file}`, fixtures), 'utf8');
    const parts = text.split(/^\[((?:expect )?[a-z]+)\]\n/m).slice(1);
    const c = { name: `${carrier}/${file}` };
    for (let i = 0; i < parts.length; i += 2) c[parts[i]] = parts[i + 1].replace(/\n+$/, '');
    found.push(c);
  }
  assert.ok(found.length, `${carrier}/${start}*`);
  return found;
}
/** Headers and body of an HTTP message in a case. */
const httpOf = (text) => {
  const [head, ...body] = text.split('\n\n');
  const [first, ...headers] = head.split('\n');
  return { first, body: body.join('\n\n'), headers: Object.fromEntries(headers.map((h) => h.split(/: (.*)/, 2))) };
};

/* ---- scripts ---- */

const parser = new XMLParser({
  preserveOrder: true, ignoreAttributes: false, attributeNamePrefix: '', parseTagValue: false,
  parseAttributeValue: false, trimValues: false, htmlEntities: true,
});
/** [name, attributes, children], with words as plain strings. */
function tree(xml) {
  assert.equal(XMLValidator.validate(xml), true);
  const node = (n) => {
    if ('#text' in n) return n['#text'];
    const { ':@': attributes = {}, ...rest } = n;
    const [[name, children]] = Object.entries(rest);
    return [name, attributes, children.map(node)];
  };
  const [declaration, ...roots] = parser.parse(xml).map(node);
  assert.deepEqual(declaration.slice(0, 2), ['?xml', { version: '1.0', encoding: 'UTF-8' }]);
  assert.equal(roots.length, 1);
  return roots[0];
}

const voices = {
  en: ['en-US', 'Polly.Joanna-Neural', 'Polly.Matthew-Neural'],
  es: ['es-US', 'Polly.Lupe-Neural', 'Polly.Pedro-Neural'],
  fr: ['fr-CA', 'Polly.Gabrielle-Neural', 'Polly.Liam-Neural'],
};
const within = (n, [min, max]) => Math.min(Math.max(Number(n), min), max);
const sayable = (s) => s.replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '');
const limits = {
  twilio: { pause: [1, 180], gather: [1, 120], dial: [1, 600], record: [1, 14400] },
  telnyx: { pause: [1, 180], gather: [1, 120], dial: [5, 120], record: [1, 14400] },
};

/** What the official package makes of a case's [script]. */
function official(carrier, script) {
  const response = new VoiceResponse();
  const most = limits[carrier];
  let [language, woman, man] = voices.en, isMan = false, gather;
  const voice = () => ({ voice: isMan ? man : woman, language });
  const method = 'POST';
  const verbs = {
    say: (to, rest) => to.say(voice(), sayable(rest.startsWith('"') ? JSON.parse(rest) : rest)),
    pause: (to, rest) => to.pause({ length: within(rest, most.pause) }),
    gather(to, rest) {
      const [seconds, action] = rest.split(' ');
      gather = to.gather({ input: ['dtmf'], numDigits: 1, finishOnKey: '', action, method,
                           timeout: within(seconds, most.gather) });
    },
    dial(to, rest) {
      const [number, callerId, seconds, action] = rest.split(' ');
      to.dial({ callerId, timeout: within(seconds, most.dial), action, method }).number(number);
    },
    record(to, rest) {
      const [seconds, action] = rest.split(' ');
      to.record({ playBeep: true, trim: 'trim-silence', timeout: 5, action, method,
                  maxLength: within(seconds, most.record), ...(carrier === 'telnyx' && { channels: 'single' }) });
    },
    redirect: (to, rest) => to.redirect({ method }, rest),
    'hang-up': (to) => to.hangup(),
    reject: (to) => to.reject(),
    language(to, rest) { [language, woman, man] = voices[rest] ?? voices.en; },
    man() { isMan = true; },
  };
  for (const line of script.split('\n').filter(Boolean)) {
    const inside = line.startsWith('\t');
    const [word, rest] = line.trim().split(/ (.*)/s);
    if (inside && !['say', ...(carrier === 'twilio' ? ['pause'] : [])].includes(word)) continue;
    verbs[word](inside ? gather : response, rest ?? '');
  }
  return response.toString();
}

for (const carrier of ['twilio', 'telnyx'])
  test(`${carrier}: scripts are what the official package writes`, () => {
    for (const c of cases(carrier, 'script_'))
      assert.deepEqual(tree(c['expect script']), tree(official(carrier, c.script)), c.name);
  });

const d_ts = readFileSync(path.join(path.dirname(require.resolve('twilio')), 'twiml/VoiceResponse.d.ts'), 'utf8');
/** The attributes that the package declares for a verb, with their types. */
const declared = (name) => Object.fromEntries([...(d_ts.match(
  new RegExp(`interface ${name}Attributes \\{(.*?)\\n    \\}`, 's'))?.[1] ?? '').matchAll(/^\s+(\w+)\?: (.*);/gm)]
  .map((m) => [m[1], m[2]]));
const union = (name) => [...d_ts.match(new RegExp(`type ${name} = (.*?);`, 's'))[1].matchAll(/"([^"]+)"/g)].map((m) => m[1]);

test('TwiML: every attribute is declared for its verb, has its type, and every verb may stand where it does', () => {
  const r = new VoiceResponse();
  const parents = { Response: r, Gather: r.gather(), Dial: r.dial(), Say: r.say({}, ''), Pause: r.pause(),
                    Number: r.dial().number(''), Record: r.record(), Redirect: r.redirect({}, ''),
                    Hangup: r.hangup(), Reject: r.reject() };
  const words = ['Say', 'Number', 'Redirect'];
  const fits = {
    number: (v) => /^\d+$/.test(v), boolean: (v) => ['true', 'false'].includes(v), string: () => true,
    'GatherInput[]': (v) => v.split(' ').every((one) => union('GatherInput').includes(one)),
  };
  const seen = new Set();
  const walk = ([name, attributes, children], where) => {
    seen.add(name);
    for (const [key, value] of Object.entries(attributes)) {
      const type = declared(name)[key];
      assert.ok(type, `${where}: ${name} has no ${key}`);
      assert.ok(fits[type] ? fits[type](value) : union(type).includes(value), `${where}: ${name} ${key}=${value}`);
    }
    for (const child of children) {
      if (typeof child === 'string') { assert.ok(words.includes(name), `${where}: words in ${name}`); continue; }
      assert.equal(typeof parents[name][child[0].toLowerCase()], 'function', `${where}: ${child[0]} in ${name}`);
      walk(child, where);
    }
  };
  for (const c of cases('twilio', 'script_')) walk(tree(c['expect script']), c.name);
  assert.deepEqual([...seen].sort(), Object.keys(parents).sort()); // each is in some case
});

/** By developers.telnyx.com/docs/voice/programmable-voice/texml-verbs, a page for each; none by package. */
const url = /^https:\/\/[^\s]+$/, number = /^\+[1-9]\d{6,14}$/, post = /^POST$/;
const range = (min, max) => ({ test: (v) => /^\d+$/.test(v) && Number(v) >= min && Number(v) <= max });
const texml = {
  Response: { in: ['Say', 'Pause', 'Gather', 'Dial', 'Record', 'Redirect', 'Hangup', 'Reject'] },
  Say: { has: { voice: /^Polly\.[A-Z][a-z]+-Neural$/, language: /^[a-z]{2}-[A-Z]{2}$/, loop: range(0, 10) }, in: 'words' },
  Pause: { has: { length: range(1, 180) } },
  // its page has no method: it is the application's, which we ask to be POST
  Gather: { has: { action: url, timeout: range(1, 120), input: /^dtmf$/, finishOnKey: /^[0-9*#]*$/,
                   numDigits: range(1, 128), method: post }, in: ['Say', 'Play'] },
  Dial: { has: { action: url, method: post, callerId: number, timeout: range(5, 120) }, in: ['Number'] },
  Number: { in: 'words' },
  Record: { has: { action: url, method: post, maxLength: range(0, 14400), timeout: range(0, 14400),
                   playBeep: /^(true|false)$/, trim: /^trim-silence$/, channels: /^(single|dual)$/ } },
  Redirect: { has: { method: post }, in: 'words' },
  Hangup: {}, Reject: { has: { reason: /^(rejected|busy)$/ } },
};

test('TeXML: every attribute is on the page of its verb and in its range, and nests as it says', () => {
  const seen = new Set();
  const walk = ([name, attributes, children], where) => {
    const rule = texml[name];
    seen.add(name);
    for (const [key, value] of Object.entries(attributes))
      assert.ok(rule.has?.[key]?.test(value), `${where}: ${name} ${key}=${value}`);
    for (const child of children)
      if (typeof child === 'string') {
        assert.equal(rule.in, 'words', `${where}: words in ${name}`);
      } else {
        assert.ok(Array.isArray(rule.in) && rule.in.includes(child[0]), `${where}: ${child[0]} in ${name}`);
        walk(child, where);
      }
  };
  for (const c of cases('telnyx', 'script_')) walk(tree(c['expect script']), c.name);
  assert.deepEqual([...seen].sort(), Object.keys(texml).sort());
});

/* ---- calls ---- */

/** A client whose requests go nowhere: they are kept, and answered with a case's [response]. */
const answering = (c, asked) => {
  const { first, body } = httpOf(c.response);
  return { request: async (o) => { asked.push(o); return { statusCode: Number(first.split(' ')[1]), body }; } };
};
const [AC, token] = ['AC00000000000000000000000000000001', '0123456789abcdef0123456789abcdef'];

test('a call is created as Twilio\'s client creates it, and its answer read alike', async () => {
  const [c] = cases('twilio', 'call.case');
  const asked = [];
  const { first, headers, body } = httpOf(c['expect request']);
  const ours = parse(body);
  const made = await twilio(AC, token, { httpClient: answering(c, asked) }).calls.create({
    to: ours.To, from: ours.From, url: ours.Url, method: ours.Method, fallbackUrl: ours.FallbackUrl,
    fallbackMethod: ours.FallbackMethod, statusCallback: ours.StatusCallback,
    statusCallbackMethod: ours.StatusCallbackMethod, statusCallbackEvent: ours.StatusCallbackEvent,
    timeout: 25, machineDetection: 'DetectMessageEnd', machineDetectionTimeout: 30,
  });
  assert.equal(first, `${asked[0].method.toUpperCase()} ${asked[0].uri}`);
  const theirs = Object.fromEntries(Object.entries(asked[0].data).filter(([, v]) => v !== undefined)
    .map(([k, v]) => [k, Array.isArray(v) ? v : String(v)]));
  assert.deepEqual({ ...ours }, theirs);
  assert.equal(headers['Content-Type'], asked[0].headers['Content-Type']);
  assert.match(c['expect result'], new RegExp(`^carrier_id = ${made.sid}$`, 'm'));
});

for (const c of cases('twilio', 'call_refused_').concat(cases('twilio', 'call_ambiguous_2')))
  test(`Twilio's client reads the same code out of ${c.name}`, async () => {
    const e = await twilio(AC, token, { httpClient: answering(c, []) }).calls.create({ to: '+1', from: '+1', url: 'https://a.b/' })
      .then(() => assert.fail('it was created'), (error) => error);
    assert.match(c['expect result'], new RegExp(`^code = ${e.code}$`, 'm'));
  });

const telnyxCalls = declarations(path.join(path.dirname(require.resolve('telnyx')), 'resources/texml/accounts/calls/calls.d.ts'));
const [TAC, key] = ['61bf923e-5e4d-4595-a110-56190ea18a1b', 'KEY0001'];

test('a call is created as Telnyx\'s client creates it', async () => {
  const [c] = cases('telnyx', 'call.case');
  const { first, headers, body } = httpOf(c['expect request']);
  assert.deepEqual(telnyxCalls(JSON.parse(body), 'CallCallsParams.WithURL'), []);
  let asked;
  const client = new Telnyx({ apiKey: key, maxRetries: 0, fetch: async (to, init) => {
    asked = { to: String(to), ...init };
    return new Response(httpOf(c.response).body, { headers: { 'content-type': 'application/json' } });
  } });
  const { sid } = await client.texml.accounts.calls.calls(TAC, { body: JSON.parse(body) });
  assert.equal(first, `${asked.method.toUpperCase()} ${asked.to}`);
  assert.deepEqual(JSON.parse(asked.body), JSON.parse(body));
  assert.equal(headers.Authorization, new Headers(asked.headers).get('authorization'));
  assert.match(c['expect result'], new RegExp(`^carrier_id = ${sid}$`, 'm'));
});

test('calls in our cases are as Telnyx declares them', () => {
  for (const c of cases('telnyx', 'call_fetched_')) {
    if (/absent|unknown/.test(c.name)) continue;
    assert.deepEqual(telnyxCalls(JSON.parse(httpOf(c.response).body), 'CallResource'), [], c.name);
  }
});

/* ---- webhooks ---- */

test('what the package signs of a call is believed, and nothing else', async () => {
  const all = ['voice_', 'call_status_'].flatMap((start) => cases('twilio', start))
    .filter((c) => /^POST.*[^]*Signature: sign$/m.test(c.request) && !/_(not_text|foreign_account|odd_names_in_url)/.test(c.name));
  assert.ok(all.length > 40);
  for (const c of all) {
    const { first, headers, body } = httpOf(c.request);
    const to = first.split(' ')[1];
    const signature = getExpectedTwilioSignature(token, to, parse(body));
    const ask = (more) => checkWebhook({
      carrier: 'twilio', url: to, secrets: [token], body,
      headers: { 'Content-Type': headers['Content-Type'], 'X-Twilio-Signature': signature }, ...more,
    });
    assert.equal(twilio.validateRequest(token, signature, to, parse(body)), true);
    assert.equal(await ask(), true, c.name);
    if (c.name.endsWith('/voice_key.case')) assert.equal(await ask({ body: body.replace('Digits=1', 'Digits=9') }), false, c.name);
  }
});

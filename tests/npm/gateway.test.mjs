// gateway.test.mjs - the carriers' official packages and our gateway agree on which webhooks are the
// carrier's own: over what the packages sign, and over requests changed at random. The same at
// `maitred check webhook`. TEST_SEED=n chooses other changes.
import assert from 'node:assert/strict';
import { createHash, createPrivateKey, sign } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import { parse } from 'node:querystring';
import { after, before, test } from 'node:test';
import twilio from 'twilio';
import { each, guest, house, until, TELNYX_NUMBER, TWILIO_NUMBER } from '../e2e/house.mjs';
import { telnyxReply } from '../e2e/sign.mjs';
import { chance, checkWebhook, telnyxClient } from './tools.mjs';

const { getExpectedBodyHash, getExpectedTwilioSignature, validateRequest, validateRequestWithBody } = twilio;
const SEED = Number(process.env.TEST_SEED ?? 1);
const FORM = 'application/x-www-form-urlencoded; charset=utf-8';

let h, sms, messages, token, publicKey;
before(async () => {
  h = await house();
  await h.gateway();
  sms = `${h.gatewayUrl}/webhooks/twilio/sms`;
  messages = `${h.gatewayUrl}/webhooks/telnyx/messages`;
  token = h.credentials.TWILIO_AUTH_TOKEN;
  publicKey = h.credentials.TELNYX_PUBLIC_KEY;
});
after(() => h?.close());

/** Posts bytes to a target that no library tidies up, and gives the status. */
async function post({ url, headers, body = '', method = 'POST' }) {
  const { hostname, port, origin } = new URL(url);
  const request = http.request({ method, hostname, port, path: url.slice(origin.length), headers,
                                 agent: false }).end(body);
  const [response] = await once(request, 'response');
  response.resume();
  await once(response, 'end');
  return response.statusCode;
}
/** Did the gateway believe it? What it then made of it is another matter. */
const atTheDoor = async (q) => {
  const status = await post(q);
  assert.ok([200, 400, 403].includes(status), `${status}`);
  return status !== 403;
};

/* ---- Twilio ---- */

const byTool = (q, secrets = [token]) => checkWebhook({ carrier: 'twilio', secrets, ...q });
const formOf = (pairs) => new URLSearchParams(pairs).toString();

/** A form as it is signed by the package: `pairs` are sent, in this order. */
function signedForm(url, pairs, { signedUrl = url, key = token } = {}) {
  const body = formOf(pairs);
  return {
    url, body,
    headers: { 'content-type': FORM,
               'x-twilio-signature': getExpectedTwilioSignature(key, signedUrl, parse(body)) },
  };
}
const byPackage = (q, key = token) =>
  validateRequest(key, q.headers['x-twilio-signature'], q.url, parse(q.body, '&', '=', { maxKeys: 0 }));

let serial = 0;
const reply = (i, Body, ...more) => {
  const sid = `SM${String(++serial).padStart(32, '0')}`;
  return [['AccountSid', h.credentials.TWILIO_ACCOUNT_SID], ['From', guest(i)], ['To', TWILIO_NUMBER],
          ['Body', Body], ['MessageSid', sid], ['SmsStatus', 'received'], ...more];
};

const odd = ['', ' ', '+', '%', '%2B', '%zz', '1+1=2', "it's", '~', '!*()', 'a&b=c', '#?/\\', '"<>', 'é', 'e\u0301',
             '日本語', '🎉👨‍👩‍👧', '\u00a0', 'a\r\nb\tc', '\u2028', '  both  ', '|^`{}[]', '$@:;,', 'x'.repeat(1600)];

test('what the package signs is accepted, and arrives unchanged: odd values', async () => {
  for (const [i, Body] of odd.entries()) {
    const q = signedForm(sms, reply(i, Body));
    assert.ok(byPackage(q) && await byTool(q), JSON.stringify(Body));
    assert.equal(await post(q), 200, JSON.stringify(Body));
  }
  await until('all are applied', () => h.sql('SELECT count(*) FROM pending') === '0');
  for (const [i, Body] of odd.entries()) {
    const hex = Buffer.from(Body).toString('hex');
    assert.equal(h.sql(`SELECT encode(convert_to(body, 'UTF8'), 'hex') FROM messages
                        WHERE phone = '${guest(i)}' AND direction = 'in'`), hex, JSON.stringify(Body));
  }
});

const forms = {
  'odd names': odd.filter((x) => x.length < 20).map((name, i) => [name, `${i}`]),
  'names that begin alike': [['From', 'x'], ['FromCity', 'y'], ['Fro', 'z'], ['FromCity2', 'a']],
  'names of every case': [['b', '1'], ['B', '2'], ['a', '3'], ['_', '4'], ['Z', '5'], ['é', '6']],
  'names of JavaScript': [['__proto__', '1'], ['toString', '2'], ['constructor', '3'], ['length', '4']],
  'a repeated name': [['a', '2'], ['a', '1'], ['a', '10']],
  'a repeated name, with the same value': [['a', 'x'], ['b', 'y'], ['a', 'x']],
  'a repeated name, once empty': [['a', ''], ['a', 'x'], ['a', '']],
  'repeated odd names': [['ü', '+'], ['ü', '%'], ['ü', "'"], ['ü', '~'], ['ü', '🎉'], ['ü', '']],
  'nothing': [],
  'a hundred parameters': Array.from({ length: 100 }, (_, i) => [`p${i * 7919 % 100}`, `${i}`]),
};
for (const [name, pairs] of Object.entries(forms))
  test(`what the package signs is accepted: ${name}`, async () => {
    const q = signedForm(`${sms}?a=1`, pairs);
    assert.ok(byPackage(q));
    assert.ok(await byTool(q));
    assert.ok(await atTheDoor(q));
  });

test('what the package signs is accepted: queries', async () => {
  for (const query of ['a=1&a=2', 'b=2&a=1', 'x=%20y', 'x=+y', 'x=', 'x', '~=~', 'n=%C3%A9', 'n=%c3%a9', 'p=%2B', 'a=b=c',
                       'a%5B%5D=1', 'a[]=1', 'u=https://x.example/?y', 'q=%27', 'q=%22', '&&a=1&', 'a=1;b=2', 'e=!*()|^`{}']) {
    const q = signedForm(`${sms}?${query}`, reply(1, 'hi'));
    assert.ok(byPackage(q), query);
    assert.ok(await byTool(q), query);
    assert.equal(await post(q), 200, query);
  }
});

test('both try the URL with its port and without, and no other', async () => {
  const urls = ['https://gw.example.com/sms', 'https://gw.example.com:443/sms', 'https://gw.example.com:8443/sms',
                'https://gw.example.com:80/sms', 'http://gw.example.com/sms', 'http://gw.example.com:80/sms',
                'http://gw.example.com:8080/sms', 'http://gw.example.com:443/sms'].map((url) => `${url}?a=1`);
  const verdicts = [];
  await each(urls.length ** 2, 4, async (i) => {
    const [url, signedUrl] = [urls[i % urls.length], urls[Math.floor(i / urls.length)]];
    const q = signedForm(url, [['a', 'b']], { signedUrl });
    verdicts.push(byPackage(q));
    assert.equal(await byTool(q), byPackage(q), `${url} signed as ${signedUrl}`);
  });
  assert.equal(verdicts.filter(Boolean).length, 16); // each fits itself and one more
});

test('JSON is covered by bodySHA256, for both', async () => {
  const signed = (body, query, changed = body) => {
    const url = `${sms}?${query}`;
    return { url, body: changed, headers: { 'content-type': 'application/json',
             'x-twilio-signature': getExpectedTwilioSignature(token, url, {}) } };
  };
  const hash = getExpectedBodyHash;
  let accepted = 0;
  for (const body of ['{"a":1}', '', '[]', '{"text":"é🎉 +%\\u0000"}', ' {} \n', 'a=b&c=d', 'x'.repeat(60_000)])
    for (const [what, q] of Object.entries({
      right: signed(body, `bodySHA256=${hash(body)}`),
      'after another': signed(body, `a=1&bodySHA256=${hash(body)}&b=2`),
      'two, the first right': signed(body, `bodySHA256=${hash(body)}&bodySHA256=${hash('x')}`),
      'two, the second right': signed(body, `bodySHA256=${hash('x')}&bodySHA256=${hash(body)}`),
      'none': signed(body, 'a=1'),
      'an empty one': signed(body, 'bodySHA256='),
      'in capitals': signed(body, `bodySHA256=${hash(body).toUpperCase()}`),
      'a name in capitals': signed(body, `BODYSHA256=${hash(body)}`),
      'of another body': signed(body, `bodySHA256=${hash(body)}`, `${body} `),
      'cut off': signed(body, `bodySHA256=${hash(body).slice(0, 40)}`),
      'of another kind': signed(body, `bodySHA256=${createHash('sha1').update(body).digest('hex')}`),
    })) {
      const expected = validateRequestWithBody(token, q.headers['x-twilio-signature'], q.url, q.body);
      accepted += expected;
      assert.equal(await byTool(q), expected, `${what}: ${body.slice(0, 20)}`);
      assert.equal(await atTheDoor(q), expected, `${what}: ${body.slice(0, 20)}`);
    }
  assert.equal(accepted, 7 * 3);
});

test('a GET is covered by its URL alone, for both', async () => {
  for (const [url, signedUrl] of [['a=1', 'a=1'], ['a=1', 'a=2'], ['', ''], ['a=+&b=%20', 'a=+&b=%20'], ['b=1&a=2', 'a=2&b=1']]
    .map((pair) => pair.map((query) => `https://gw.example.com/sms${query && `?${query}`}`))) {
    const q = signedForm(url, [], { signedUrl });
    assert.equal(await byTool({ ...q, method: 'GET' }), byPackage(q), url);
  }
});

test('with two tokens either is good, as when one is replaced', async () => {
  const other = 'e'.repeat(32);
  for (const key of [token, other, 'f'.repeat(32)]) {
    const q = signedForm(sms, reply(1, 'hi'), { key });
    assert.equal(await byTool(q, [token, other]), byPackage(q, token) || byPackage(q, other));
  }
});

/* Changes to a signed request. Each takes the request and chance, and may return the same one. */

const pick = (roll, list) => list[roll(list.length)];
const encode = (s) => encodeURIComponent(s);
const rebuilt = (q, pairs) => ({ ...q, body: formOf(pairs) });
const withSignature = (q, signature) => ({ ...q, headers: { ...q.headers, 'x-twilio-signature': signature } });
const pairsOf = (q) => [...new URLSearchParams(q.body)];
/** The pairs after a change to one of them; the change returns the pairs that replace it. */
const onePair = (change) => (q, roll) => {
  const pairs = pairsOf(q), i = roll(pairs.length);
  return rebuilt(q, [...pairs.slice(0, i), ...change(pairs[i], roll), ...pairs.slice(i + 1)]);
};
const signature = (change) => (q, roll) => withSignature(q, change(q.headers['x-twilio-signature'], roll));
const urlOf = (change) => (q, roll) => ({ ...q, url: change(q.url, roll) });
const body = (change) => (q, roll) => ({ ...q, body: change(q.body, roll) });

const changes = {
  'nothing': (q) => q,
  'a character of the signature': signature((s, roll) => {
    const i = roll(s.length);
    return s.slice(0, i) + pick(roll, [...'ABCxyz019+/=']) + s.slice(i + 1);
  }),
  'the signature cut off': signature((s, roll) => s.slice(0, roll(s.length))),
  'the signature made longer': signature((s, roll) => s + pick(roll, ['=', 'A', '==', s])),
  'the case of the signature': signature((s, roll) => (roll(2) ? s.toLowerCase() : s.toUpperCase())),
  'the alphabet of the signature': signature((s) => s.replaceAll('+', '-').replaceAll('/', '_')),
  'the signature in hex': signature((s) => Buffer.from(s, 'base64').toString('hex')),
  "another token's signature": (q) => withSignature(q, getExpectedTwilioSignature('f'.repeat(32), q.url, parse(q.body))),
  'no token at all': (q) => withSignature(q, getExpectedTwilioSignature('', q.url, parse(q.body))),
  'another value': onePair(([name], roll) => [[name, pick(roll, odd)]]),
  'another name': onePair(([, value], roll) => [[pick(roll, odd), value]]),
  'the case of a name': onePair(([name, value]) => [[name.toLowerCase(), value]]),
  'a parameter less': onePair(() => []),
  'a parameter more': onePair((pair, roll) => [pair, [pick(roll, odd), pick(roll, odd)]]),
  'a parameter twice': onePair((pair) => [pair, pair]),
  'a parameter twice, with another value': onePair((pair, roll) => [pair, [pair[0], pick(roll, odd)]]),
  'a value trimmed': onePair(([name, value]) => [[name, value.trim()]]),
  'a value in another normal form': onePair(([name, value]) => [[name, value.normalize('NFC')]]),
  'a letter moved from the value to the name': onePair(([name, value]) => {
    const [first = '', ...rest] = value;
    return [[name + first, rest.join('')]];
  }),
  'a value split in two parameters': onePair(([name, value]) => [[name, value.slice(0, 2)], [value.slice(2), '']]),
  'the order': (q) => rebuilt(q, pairsOf(q).reverse()),
  'the values of two parameters exchanged': (q) => {
    const [[a, x], [b, y], ...rest] = pairsOf(q);
    return rebuilt(q, [[a, y], [b, x], ...rest]);
  },
  'how it is escaped': (q) => ({ ...q, body: pairsOf(q).map((p) => p.map(encode).join('=')).join('&') }),
  'that all of it is escaped': (q) => ({
    ...q,
    body: pairsOf(q).map((p) => p.map((s) => Buffer.from(s).toString('hex').replace(/../g, '%$&')).join('=')).join('&'),
  }),
  'escaped twice': (q) => rebuilt(q, pairsOf(q).map(([name, value]) => [name, encode(value)])),
  'plus signs for spaces, and back': body((b) => b.replaceAll('+', '%2B')),
  'empty parameters between': body((b) => `&&${b.replaceAll('&', '&&')}&`),
  'a nameless parameter': body((b) => `${b}&=`),
  'another scheme': urlOf((url) => (url.startsWith('https') ? url.replace('https', 'http') : url.replace('http', 'https'))),
  'another port': urlOf((url, roll) => url.replace(/^(https?:\/\/[^:/]+)(:\d+)?/, `$1${pick(roll, ['', ':443', ':80', ':8443'])}`)),
  'a slash more': urlOf((url) => url.replace(/(\?|$)/, '/$1')),
  'the case of the path': urlOf((url) => url.replace('/sms', '/SMS')),
  'a query more': urlOf((url) => `${url}${url.includes('?') ? '&' : '?'}z=1`),
  'no query': urlOf((url) => url.replace(/\?.*/, '')),
  'the order of the query': urlOf((url) => url.replace(/\?(.*)$/, (_, query) => `?${query.split('&').reverse().join('&')}`)),
};

test('over 250 changed requests the package, the gateway and the tool agree', async () => {
  const roll = chance(SEED);
  const kinds = Object.keys(changes);
  const verdicts = { true: 0, false: 0 };
  const cases = Array.from({ length: 250 }, (_, i) => {
    const more = Array.from({ length: roll(6) }, () => [pick(roll, ['Extra', 'From', 'FromCity', 'é', 'a b', '🎉']), pick(roll, odd)]);
    const base = pick(roll, [sms, sms, 'https://gw.example.com/sms', 'https://gw.example.com:8443/sms', 'http://gw.example.com/sms']);
    const url = base + pick(roll, ['', '?attempt=att_1&account=acc_1', '?b=2&a=1&a=1', '?n=%C3%A9&x=%20']);
    const start = signedForm(url, reply(100 + i, pick(roll, odd), ...more));
    const names = [kinds[i % kinds.length], ...(roll(3) ? [] : [pick(roll, kinds)])];
    return { i, names, q: names.reduce((q, name) => changes[name](q, roll), start) };
  });
  await each(cases.length, 4, async (n) => {
    const { i, names, q } = cases[n];
    const what = `TEST_SEED=${SEED}, case ${i} (${names.join(', then ')}): ${JSON.stringify(q)}`;
    const expected = byPackage(q);
    verdicts[expected]++;
    assert.equal(await byTool(q), expected, `the tool disagrees. ${what}`);
    if (/^[^?]*\/webhooks\/twilio\/sms(\?|$)/.test(q.url) && q.url.startsWith(h.gatewayUrl))
      assert.equal(await atTheDoor(q), expected, `the gateway disagrees. ${what}`);
  });
  assert.ok(verdicts.true > 40 && verdicts.false > 80, JSON.stringify(verdicts));
});

/**
 * Where we differ, and why: the package reads URLs and forms leniently, and may so accept what was
 * not signed as it stands; a few times it rejects what was. [what, request, its verdict, ours]
 */
const differences = () => [
  ["the query is rewritten before it is compared: an apostrophe beside a plus sign fits none of the forms",
   signedForm(`${sms}?n=O'Hara+Co`, reply(1, 'x')), false, true],
  ['capitals in the host are lowered', signedForm('https://GW.example.com/sms', [['a', 'b']], { signedUrl: 'https://gw.example.com/sms' }), true, false],
  ['the query is also tried as it might have been written', signedForm(`${sms}?a=b+c`, reply(1, 'x'), { signedUrl: `${sms}?a=b%20c` }), true, false],
  ['dots in the path are resolved', signedForm('https://gw.example.com/a/../sms', [['a', 'b']], { signedUrl: 'https://gw.example.com/sms' }), true, false],
  ['a fragment is kept; Twilio never signs one', signedForm('https://gw.example.com/sms#x', [['a', 'b']]), true, false],
  ['a broken form is mended', { ...signedForm(sms, [['a', '%zz']]), body: 'a=%zz' }, true, false],
  ['more parameters than Twilio has', signedForm(sms, Array.from({ length: 257 }, (_, i) => [`p${i}`, ''])), true, false],
  ['values of one name are sorted by UTF-16 units, not by bytes', signedForm(sms, [['a', '🎉'], ['a', '\uff01']]), true, false],
  ['names are sorted so as well', signedForm(sms, [['🎉', '1'], ['\uff01', '2']]), true, false],
];

test('the known differences are those, and no more', async () => {
  for (const [what, q, packages, ours] of differences()) {
    assert.equal(byPackage(q), packages, what);
    assert.equal(await byTool(q), ours, what);
    if (q.url.startsWith(sms)) assert.equal(await atTheDoor(q), ours, what);
  }
});

test("what is signed for an account that is not ours is none of the gateway's", async () => {
  const q = signedForm(sms, reply(1, 'STOP').map(([n, v]) => [n, n === 'AccountSid' ? `AC${'1'.repeat(32)}` : v]));
  assert.ok(byPackage(q));
  assert.equal(await post(q), 403);
});

/* ---- Telnyx ---- */

const keyOf = (seed) => createPrivateKey({
  key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.from(seed, 'hex')]),
  format: 'der', type: 'pkcs8',
});
const ours = keyOf('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60'); // RFC 8032, test 1
const theirs = keyOf('4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb'); // and 2
const STAMP = 'telnyx-timestamp', SIGNATURE = 'telnyx-signature-ed25519';

const signedEvent = (at, text, key = ours) => ({
  url: messages, body: text,
  headers: { 'content-type': 'application/json', [STAMP]: String(at),
             [SIGNATURE]: sign(null, Buffer.from(`${at}|${text}`), key).toString('base64') },
});
const withHeaders = (q, more) => {
  const headers = { ...q.headers, ...more };
  for (const name of Object.keys(headers)) if (headers[name] === undefined) delete headers[name];
  return { ...q, headers };
};
/** Does Telnyx's client believe it? That a body is no JSON comes later. */
const byTelnyx = (q, key = publicKey) => telnyxClient(h, { publicKey: key }).webhooks
  .unwrap(q.body, { headers: q.headers })
  .then(() => true, (e) => {
    if (e instanceof SyntaxError) return true;
    assert.equal(e.name, 'TelnyxWebhookVerificationError', e.stack);
    return false;
  });
const byTelnyxTool = (q, now, secrets = [publicKey]) => checkWebhook({ carrier: 'telnyx', secrets, ...q, now });

const NOW = 1770000000;
const EVENT = JSON.stringify(telnyxReply(guest(1), TELNYX_NUMBER, 'é🎉 | hi'));

/** S plus the order of the group: the same point, written otherwise. RFC 8032 forbids it. */
function malleated(signature) {
  const bytes = Buffer.from(signature, 'base64');
  const order = (1n << 252n) + 27742317777372353535851937790883648493n;
  let s = BigInt(`0x${Buffer.from(bytes.subarray(32)).reverse().toString('hex')}`) + order;
  for (let i = 32; i < 64; i++, s >>= 8n) bytes[i] = Number(s & 255n);
  return bytes.toString('base64');
}

function telnyxTable() {
  const good = signedEvent(NOW, EVENT);
  const s = good.headers[SIGNATURE], bytes = Buffer.from(s, 'base64');
  const flipped = (i) => { const b = Buffer.from(bytes); b[i >> 3] ^= 1 << (i & 7); return b.toString('base64'); };
  const rows = { right: [good, true] };
  for (const seconds of [1, 299, 300, 301, 302, 3600, 1e9])
    for (const way of [-1, 1])
      rows[`${way * seconds} s`] = [signedEvent(NOW + way * seconds, EVENT), seconds <= 300];
  for (const [stamp, expected = false] of [
    [`00${NOW}`, true], [`+${NOW}`], [`-${NOW}`], [`${NOW}.0`], [`${NOW}s`], [`s${NOW}`], ['1770 000000'], ['1770_000000'],
    ['1,770,000,000'], ['1.77e9'], [`0x${NOW.toString(16)}`], [`${NOW}000`], ['0'], ['-0'], ['NaN'], ['Infinity'], ['null'],
    ['true'], ['9007199254740993'], ['9223372036854775807'], ['18446744073709551616'], ['9'.repeat(40)],
    ['2026-02-02T02:40:00Z'], ['١٧٧٠٠٠٠٠٠٠'], [`${NOW},${NOW}`], [`${NOW}|`], ['']])
    rows[`the time "${stamp}"`] = [signedEvent(stamp, EVENT), expected];
  for (const [what, signature, expected = false] of [
    ['for URLs', s.replaceAll('+', '-').replaceAll('/', '_'), !/[+/]/.test(s)],
    ['without padding', s.replace(/=+$/, '')], ['with less padding', s.replace(/=$/, '')], ['with more padding', `${s}=`],
    ['with padding for four', `${s}====`], ['with a space in it', `${s.slice(0, 40)} ${s.slice(40)}`],
    ['in quotes', `"${s}"`], ['in hex', bytes.toString('hex')], ['twice encoded', Buffer.from(s).toString('base64')],
    ['of 63 bytes', bytes.subarray(0, 63).toString('base64')],
    ['of 65 bytes', Buffer.concat([bytes, Buffer.alloc(1)]).toString('base64')],
    ['twice in a row', Buffer.concat([bytes, bytes]).toString('base64')], ['of zeros', Buffer.alloc(64).toString('base64')],
    ['with its halves exchanged', Buffer.concat([bytes.subarray(32), bytes.subarray(0, 32)]).toString('base64')],
    ['with S made larger', malleated(s)], ['in small letters', s.toLowerCase()], ['of another text', signedEvent(NOW, '{}').headers[SIGNATURE]],
    ['with a stroke', `${s}|`], ['that is only padding', '===='], ['with a prefix', `ed25519=${s}`], ['empty', ''],
    ['missing', undefined], ...[0, 7, 255, 256, 300, 511].map((i) => [`with bit ${i} turned`, flipped(i)])])
    rows[`a signature ${what}`] = [withHeaders(good, { [SIGNATURE]: signature }), expected];
  rows['no time'] = [withHeaders(good, { [STAMP]: undefined }), false];
  rows['another time than signed'] = [withHeaders(good, { [STAMP]: String(NOW + 1) }), false];
  rows['the time with zeros before it, not signed'] = [withHeaders(good, { [STAMP]: `0${NOW}` }), false];
  rows['header names in capitals'] = [{ ...good, headers: Object.fromEntries(
    Object.entries(good.headers).map(([name, value]) => [name.toUpperCase(), value])) }, true];
  for (const [what, text] of Object.entries({ empty: '', 'a stroke': '|', 'not JSON': 'a=b&c=d', 'with a NUL': '{"a":"\0"}',
                                              'with CRLF': '{\r\n}\r\n', 'with a mark at its start': '\ufeff{}', 'large': `{"a":"${'é'.repeat(20_000)}"}` }))
    rows[`a body: ${what}`] = [signedEvent(NOW, text), true];
  for (const [what, text] of Object.entries({ 'one space more': `${EVENT} `, 'written anew': JSON.stringify(JSON.parse(EVENT), null, 1),
                                              'one letter less': EVENT.slice(0, -1), 'another form of é': EVENT.normalize('NFD'),
                                              'a letter changed': EVENT.replace('hi', 'ho'), none: '' }))
    rows[`a body changed: ${what}`] = [{ ...good, body: text }, false];
  rows["another's key"] = [signedEvent(NOW, EVENT, theirs), false];
  return rows;
}

test("over a table of times, signatures and bodies Telnyx's client and our tool agree", async () => {
  const table = Object.entries(telnyxTable());
  const real = Date.now;
  const verdicts = [];
  try {
    Date.now = () => NOW * 1000 + 500;
    for (const [, [q]] of table) verdicts.push(await byTelnyx(q));
  } finally {
    Date.now = real;
  }
  await each(table.length, 4, async (i) => {
    const [what, [q, expected]] = table[i];
    assert.equal(verdicts[i], expected, `Telnyx's client: ${what}`);
    assert.equal(await byTelnyxTool(q, NOW), expected, `our tool: ${what}`);
  });
  assert.ok(table.length > 80, `${table.length}`);
});

test("Telnyx's client and the gateway agree on what comes over the wire", async () => {
  const now = Math.floor(Date.now() / 1000);
  const q = signedEvent(now, EVENT), s = q.headers[SIGNATURE];
  for (const [what, request] of Object.entries({
    right: q,
    '290 s old': signedEvent(now - 290, EVENT),
    '310 s old': signedEvent(now - 310, EVENT),
    '290 s ahead': signedEvent(now + 290, EVENT),
    '310 s ahead': signedEvent(now + 310, EVENT),
    'zeros before the time': signedEvent(`0${now}`, EVENT),
    'a sign before the time': signedEvent(`+${now}`, EVENT),
    'white space around the time': withHeaders(q, { [STAMP]: `  ${now}\t` }),
    'white space around the signature': withHeaders(q, { [SIGNATURE]: ` ${s} ` }),
    'white space in the signature': withHeaders(q, { [SIGNATURE]: `${s.slice(0, 8)} ${s.slice(8)}` }),
    'no padding': withHeaders(q, { [SIGNATURE]: s.replace(/=+$/, '') }),
    'a byte changed': { ...q, body: q.body.replace('hi', 'ho') },
    'no signature': withHeaders(q, { [SIGNATURE]: undefined }),
    'no time': withHeaders(q, { [STAMP]: undefined }),
    'an empty body': signedEvent(now, ''),
    'S made larger': withHeaders(q, { [SIGNATURE]: malleated(s) }),
    "another's key": signedEvent(now, EVENT, theirs),
    'to another path with a query': { ...q, url: `${messages}?attempt=att_1` },
  })) {
    // HTTP itself takes the white space off a header's ends.
    const seen = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, value.trim()]));
    assert.equal(await atTheDoor(request), await byTelnyx({ ...request, headers: seen }), what);
  }
});

test('over 300 bytes changed at random both disbelieve', async () => {
  const roll = chance(SEED);
  const q = signedEvent(Math.floor(Date.now() / 1000), EVENT);
  for (let i = 0; i < 300; i++) {
    const part = pick(roll, ['body', STAMP, SIGNATURE]);
    const text = part === 'body' ? q.body : q.headers[part];
    const at = roll(part === SIGNATURE ? text.length - 3 : text.length); // the last letter: see below
    const letter = pick(roll, [...'0123456789abcdefXYZ+/'].filter((c) => c !== text[at]));
    const changed = text.slice(0, at) + letter + text.slice(at + 1);
    const request = part === 'body' ? { ...q, body: changed } : withHeaders(q, { [part]: changed });
    const what = `TEST_SEED=${SEED}, case ${i}: ${part}[${at}] = ${letter}`;
    assert.equal(await byTelnyx(request), false, what);
    assert.equal(await post(request), 403, what);
  }
});

test('with two keys either is good, as when one is replaced', async () => {
  const other = 'PUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw='; // of RFC 8032's test 2
  for (const [key, expected] of [[ours, true], [theirs, true]]) {
    const q = signedEvent(Math.floor(Date.now() / 1000), EVENT, key);
    assert.equal(await byTelnyx(q) || await byTelnyx(q, other), expected);
    assert.equal(await byTelnyxTool(q, undefined, [publicKey, other]), expected);
  }
});

test('a known difference: bits that base64 does not use must be zero for us', async () => {
  const q = signedEvent(Math.floor(Date.now() / 1000), EVENT);
  const s = q.headers[SIGNATURE];
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  const last = alphabet[alphabet.indexOf(s[85]) + 1];
  const other = withHeaders(q, { [SIGNATURE]: `${s.slice(0, 85)}${last}==` });
  assert.deepEqual(Buffer.from(other.headers[SIGNATURE], 'base64'), Buffer.from(s, 'base64'));
  assert.equal(await byTelnyx(other), true);
  assert.equal(await byTelnyxTool(other), false);
  assert.equal(await atTheDoor(other), false);
});

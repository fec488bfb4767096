// canary.test.mjs - the search that ends every house: it finds a secret, a number and a guest's words where one was
// planted, and in what a house really says, nothing.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { leaks, secrets } from './canary.mjs';
import { call, guest, house, KEY, TWILIO_NUMBER, until } from './house.mjs';

const TOKEN = 'canary-operators-token-2';
let h, g;
before(async () => {
  h = await house({ prism: false });
  g = await h.gateway({ OPERATOR_TOKEN: TOKEN, LOG_LEVEL: 'debug', TWILIO_AUTH_TOKEN_NEXT: 'canary-of-the-next' });
});
after(() => h?.close());

test('secrets are taken out of an environment, whatever they stand in', () => {
  assert.deepEqual(secrets({ TWILIO_AUTH_TOKEN: 'aaaaaaaaaa', TELNYX_API_KEY: 'KEYbbbbbbbb', SESSION_KEYS: 'one:cccccccc,two:dddddddd',
    MAIL_URL: 'smtp://me:eeeeeeee@host:587', DATABASE_URL: 'postgres:///x?host=/tmp&password=ffffffff', PUBLIC_URL: 'https://x.example',
    TWILIO_API_SECRET: 'short', LOG_LEVEL: 'debugdebug' }),
  ['aaaaaaaaaa', 'KEYbbbbbbbb', 'cccccccc', 'dddddddd', 'eeeeeeee', 'ffffffff']);
});

test('a house that works at the most talkative level says nothing of them', async () => {
  const id = await h.text(guest(1), 'Your marzipanschwein is ready.');
  await until('delivered', async () => (await h.message(id)).state === 'delivered');
  await h.sim('/sim/v1/replies', { body: { from: guest(2), to: TWILIO_NUMBER, provider: 'twilio', body: 'one more quittenbrot, please' } });
  await until('it is here', () => h.sql("SELECT count(*) FROM messages WHERE direction = 'in'") === '1');
  await call(`${g.url}/v1/messages`, { body: { to: guest(3), body: '' }, headers: { authorization: `Bearer ${KEY}` } });
  await call(`${g.url}/g/${guest(1)}?to=${guest(1)}`);
  assert.deepEqual(await h.leaks(), []);
  assert.ok(g.output.includes('"status":"debug"') || g.output.length > 500);
});

for (const [what, planted] of [
  ['a number', () => `{"event":"x","to":"${guest(1)}"}`], ['a number in an address', () => `path=/v1?to=%2B${guest(2).slice(1)}`],
  ['a guest\'s words', () => 'why=one more quittenbrot, please'], ['what was texted', () => 'body=Your marzipanschwein is ready.'],
  ['the operator\'s token', () => `authorization=Bearer ${TOKEN}`], ['a password of the database', () => 'url=postgres://u:canary-of-the-database@h'],
  ['a session key', () => h.env.SESSION_KEYS.slice(4)], ['a carrier\'s token', () => `${h.credentials.TWILIO_AUTH_TOKEN} TWILIO`],
  ['the next one', () => 'canary-of-the-next'], ['an account\'s key', () => KEY], ['the privacy key', () => h.env.PRIVACY_KEY]])
  test(`planted, it is found: ${what}`, async () => {
    const before = g.output;
    g.output += `${planted()}\n`;
    const found = await h.leaks();
    g.output = before;
    assert.equal(found.length, 1, found.join('\n'));
    assert.match(found[0], /^a (secret|guest's number|guest's words)/);
  });

test('numbers of ours, ids and times are none of a guest\'s', () => {
  const text = 'from=+13125550002 message=msg_02125550101aaaa duration=1212555010112 at=1770000000000';
  assert.deepEqual(leaks(text, { phones: ['+12125550101'] }), []);
  assert.equal(leaks('to=12125550101', { phones: ['+12125550101'] }).length, 1);
});

test('a house in whose log one stands does not end well', async () => {
  const other = await house({ prism: false });
  const p = await other.worker();
  p.output += `${other.env.PRIVACY_KEY}\n`;
  await assert.rejects(other.close(), (e) => /a secret/.test(e.message) && !e.message.includes(other.env.PRIVACY_KEY));
});

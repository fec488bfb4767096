// rotation.test.mjs - every key is replaced while requests come in, as docs/rotate-keys.md says: none that
// is valid is refused, every text goes out at the first try. Also the settings that are sealed in the database.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash, createHmac, createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { PASSWORD, staff } from './desk.mjs';
import { ACCOUNT, call, guest, house, KEY, maitred, ORGANISATION, TELNYX_NUMBER, TWILIO_NUMBER, until } from './house.mjs';
import { recurly } from './recurly.mjs';
import { router } from './router.mjs';
import { telnyxReply, twilioReply, twilioRequest } from './sign.mjs';

const bytes = (n) => Buffer.alloc(32, n).toString('base64');
const OLD = { token: 'old-auth-token', api: 'KEYold', seed: '11'.repeat(32), operator: 'old-operator-token', hook: 'old-hook-key',
              key: KEY, session: `one:${bytes(1)}`, privacy: bytes(2) };
const NEW = { token: 'new-auth-token', api: 'KEYnew', seed: '22'.repeat(32), operator: 'new-operator-token', hook: 'new-hook-key',
              key: 'mak_a-second-key-of-this-account', session: `two:${bytes(3)}`, privacy: bytes(4) };
const SEAL = [`a:${bytes(5)}`, `b:${bytes(6)}`];
const OTHER = { account: 'acc_00000000000000000000000009', key: 'mak_of-an-account-that-has-telnyx-only' };
const PAUSE_MS = 400;

const pair = (seed) => createPrivateKey({ format: 'der', type: 'pkcs8',
  key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.from(seed, 'hex')]) });
const publicKey = (seed) => createPublicKey(pair(seed)).export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64');

let h, r, bill, current;
const env = {}; // what every process is started with
before(async () => {
  h = await house({ prism: false });
  r = await router(h.dir, new URL(h.gatewayUrl).port);
  bill = await recurly();
  const sha = (key) => createHash('sha256').update(key).digest('hex');
  h.sql(`INSERT INTO accounts (account_id, organisation_id, name) VALUES ('${OTHER.account}', '${ORGANISATION}', 'Other');
         INSERT INTO numbers (account_id, number_id, provider, phone)
           VALUES ('${OTHER.account}', 'num_00000000000000000000000009', 'telnyx', '+18005550009');
         INSERT INTO api_keys (account_id, key_id, name, hash) VALUES
           ('${ACCOUNT}', 'key_00000000000000000000000002', 'new', '${sha(NEW.key)}'),
           ('${OTHER.account}', 'key_00000000000000000000000009', 'other', '${sha(OTHER.key)}')`);
});
after(async () => {
  bill?.close();
  await r?.close();
  await h?.close();
});

const carriers = (keys) => h.sim('/sim/v1/keys', { method: 'PUT', body: keys });
const secret = (args, input, more = {}) => spawnSync(maitred, ['secret', ...args], {
  input, encoding: 'utf8', env: { ...process.env, DATABASE_URL: h.env.DATABASE_URL, ...env, ...more } });

/** New settings, and a new process that has them; then the old one goes. */
async function restart(settings) {
  Object.assign(env, settings);
  const young = await h.gateway({ PORT: '0', LINGER_S: '1', TRUST_PROXY: 'yes', ...env });
  await r.add(young.url);
  if (current) {
    current.child.kill('SIGTERM');
    await r.remove(current.url);
    assert.deepEqual(await current.stop('SIGTERM'), { code: 0, signal: null });
    await r.forget(current.url);
  }
  current = young;
}

/** What clients hold, and sign with. */
const client = { ...OLD };
const telnyxRequest = (event) => {
  const body = JSON.stringify(event), at = Math.floor(Date.now() / 1000);
  return { method: 'POST', body, headers: { 'content-type': 'application/json', 'telnyx-timestamp': String(at),
    'telnyx-signature-ed25519': sign(null, Buffer.from(`${at}|${body}`), pair(client.seed)).toString('base64') } };
};

/** Every kind of request, one after the other of its kind, until stop(). */
function load() {
  const l = { done: {}, failed: [], texts: 0 };
  let on = true, n = 0;
  const bearer = (token) => ({ headers: { authorization: `Bearer ${token}` } });
  const kinds = {
    text: [202, () => call(`${r.url}/v1/messages`, { ...bearer(client.key), body: { to: guest(n++), body: 'Your table is ready.' } })],
    session: [200, () => call(`${r.url}/v1/parties`, bearer(client.login))],
    twilio: [200, () => call(`${r.url}/webhooks/twilio/sms`, twilioRequest(`${h.gatewayUrl}/webhooks/twilio/sms`,
      twilioReply(h, guest(n++), TWILIO_NUMBER, 'We come'), client.token))],
    telnyx: [200, () => call(`${r.url}/webhooks/telnyx/messages`, telnyxRequest(telnyxReply(guest(n++), TELNYX_NUMBER, 'We come')))],
    other: [202, () => call(`${r.url}/v1/messages`, { ...bearer(OTHER.key), body: { to: guest(n++), body: 'See you.' } })],
    recurly: [200, () => bill.hook(r.url, ACCOUNT, { keys: [client.hook] })],
    metrics: [200, () => call(`${r.url}/metrics`, bearer(client.operator))],
  };
  const lanes = Object.entries(kinds).map(async ([kind, [wanted, ask]]) => {
    for (l.done[kind] = 0; on; l.done[kind]++) {
      const a = await ask().catch((e) => ({ status: e.cause?.code ?? e.message }));
      if (a.status !== wanted) l.failed.push(`${kind}: ${a.status} ${a.text ?? ''}`);
      await sleep(20);
    }
  });
  l.stop = async () => { on = false; await Promise.all(lanes); };
  return l;
}

const login = async () => {
  const a = await call(`${r.url}/v1/login`, { body: { login: 'marta', password: PASSWORD } });
  assert.equal(a.status, 201, a.text);
  return a.json.token;
};
const hash = (key, phone) => createHmac('sha256', Buffer.from(key, 'base64')).update(phone).digest('hex');
const gone = (i, key) => h.sql(`INSERT INTO opt_outs VALUES ('${ACCOUNT}', '${hash(key, guest(i))}', now(), 'staff')`);
const asked = (i, key) => call(`${r.url}/v1/messages`, { body: { to: guest(i), body: 'Your table is ready.' }, headers: { authorization: `Bearer ${key}` } });

test('every key is replaced under load, and no valid request is refused', async (t) => {
  await carriers({ auth_tokens: [OLD.token], api_keys: [OLD.api], seed_hex: OLD.seed });
  Object.assign(env, { SEAL_KEYS: SEAL[0] });
  assert.equal(secret(['set', 'TELNYX_API_KEY'], `${OLD.api}\n`).stderr, '');
  assert.equal(secret(['set', 'TWILIO_AUTH_TOKEN'], OLD.token).stderr, '');
  await restart({ TWILIO_AUTH_TOKEN: '', TELNYX_API_KEY: '', TELNYX_PUBLIC_KEY: publicKey(OLD.seed), SESSION_KEYS: OLD.session,
    OPERATOR_TOKEN: OLD.operator, PRIVACY_KEY: OLD.privacy, ...bill.env(), RECURLY_WEBHOOK_KEYS: OLD.hook });
  for (const i of [5001, 5002]) gone(i, OLD.privacy);
  staff(h, 'Marta');
  client.login = await login();
  const l = load();
  await sleep(PAUSE_MS);

  // all sides know both
  await carriers({ auth_tokens: [OLD.token, NEW.token], api_keys: [OLD.api, NEW.api], seed_hex: OLD.seed });
  assert.equal(secret(['set', 'TELNYX_API_KEY'], NEW.api).status, 0);
  assert.equal(secret(['set', 'TWILIO_AUTH_TOKEN'], NEW.token).status, 0);
  await restart({ TWILIO_AUTH_TOKEN_NEXT: OLD.token, TELNYX_PUBLIC_KEY: `${publicKey(OLD.seed)}, ${publicKey(NEW.seed)}`,
    SESSION_KEYS: `${OLD.session},${NEW.session}`, OPERATOR_TOKEN: `${OLD.operator}, ${NEW.operator}`,
    PRIVACY_KEY: `${OLD.privacy},${NEW.privacy}`, RECURLY_WEBHOOK_KEYS: `${OLD.hook},${NEW.hook}`, SEAL_KEYS: `${SEAL[1]},${SEAL[0]}` });
  await sleep(PAUSE_MS);

  // the other sides use the new ones
  await carriers({ auth_tokens: [NEW.token], api_keys: [NEW.api], seed_hex: NEW.seed });
  Object.assign(client, { ...NEW, login: client.login });
  await restart({ SESSION_KEYS: `${NEW.session},${OLD.session}`, PRIVACY_KEY: `${NEW.privacy},${OLD.privacy}` });
  gone(5003, NEW.privacy);
  const before = client.login;
  client.login = await login();
  assert.notEqual(before.split('.')[0], client.login.split('.')[0], 'it names the new key');
  await sleep(PAUSE_MS);

  // the old ones go
  assert.equal(secret(['reseal']).status, 0);
  h.sql("UPDATE api_keys SET revoked_at = now() WHERE key_id = 'key_00000000000000000000000001'");
  await restart({ TWILIO_AUTH_TOKEN_NEXT: '', TELNYX_PUBLIC_KEY: publicKey(NEW.seed), SESSION_KEYS: NEW.session,
    OPERATOR_TOKEN: NEW.operator, RECURLY_WEBHOOK_KEYS: NEW.hook, SEAL_KEYS: SEAL[1] });
  await sleep(PAUSE_MS);
  await l.stop();

  t.diagnostic(`requests: ${JSON.stringify(l.done)}`);
  assert.deepEqual(l.failed.slice(0, 5), [], `${l.failed.length} failed`);
  for (const [kind, done] of Object.entries(l.done)) assert.ok(done > 20, `${kind}: only ${done}`);
  await until('nothing is queued', () => h.sql('SELECT count(*) FROM queue') === '0', 60);
  await until('all callbacks came', async () => (await h.sim('/sim/v1/callbacks')).json.idle, 60);
  await until('all are applied', () => h.sql('SELECT count(*) FROM pending') === '0', 30);
  assert.deepEqual(h.states(), { delivered: l.done.text + l.done.other });
  assert.equal(h.sql('SELECT count(*) FROM attempts'), `${l.done.text + l.done.other}`, 'each at the first try');
  const { twilio, telnyx } = (await h.sim('/sim/v1/callbacks')).json;
  for (const c of [twilio, telnyx]) assert.deepEqual([c.retried, c.answered, c.sent > 20], [0, { 200: c.sent }, true]);
});

test('what the old keys signed or said is refused afterwards', async () => {
  const bearer = (token) => ({ headers: { authorization: `Bearer ${token}` } });
  Object.assign(client, { seed: OLD.seed });
  const status = async (answer) => (await answer).status;
  assert.equal(await status(call(`${r.url}/webhooks/telnyx/messages`, telnyxRequest(telnyxReply(guest(1), TELNYX_NUMBER, 'x')))), 403);
  assert.equal(await status(call(`${r.url}/webhooks/twilio/sms`, twilioRequest(`${h.gatewayUrl}/webhooks/twilio/sms`,
    twilioReply(h, guest(1), TWILIO_NUMBER, 'x'), OLD.token))), 403);
  assert.equal(await status(bill.hook(r.url, ACCOUNT, { keys: [OLD.hook] })), 403);
  for (const token of [OLD.operator, '', ',', `${OLD.operator}, ${NEW.operator}`])
    assert.equal(await status(call(`${r.url}/metrics`, bearer(token))), 401, token);
  assert.equal(await status(call(`${r.url}/v1/parties`, bearer(OLD.key))), 401);
});

test('who said STOP and was erased is known by the hash of any key', async () => {
  for (const i of [5001, 5003]) {
    const a = await asked(i, NEW.key);
    assert.equal(a.status, 409, `${i}: ${a.text}`);
  }
  await r.remove(current.url); // who was told of the new key alone would text them
  const blind = await h.gateway({ PORT: '0', ...env, PRIVACY_KEY: NEW.privacy });
  const a = await call(`${blind.url}/v1/messages`, { body: { to: guest(5002), body: 'x' }, headers: { authorization: `Bearer ${NEW.key}` } });
  assert.equal(a.status, 202, 'this test would see it');
  await blind.stop();
  await r.add(current.url);
});

test('what is sealed: listed without its value, opened by a key that is there, or a problem that says which', () => {
  const listed = secret(['list']);
  assert.match(listed.stdout, /^TELNYX_API_KEY\tb\t20.*Z\nTWILIO_AUTH_TOKEN\tb\t/);
  const dump = execFileSync('pg_dump', ['--data-only', '-t', 'sealed_settings', h.env.DATABASE_URL], { encoding: 'utf8' });
  for (const value of [NEW.api, NEW.token, Buffer.from(NEW.api).toString('base64').slice(0, 8)]) assert.ok(!dump.includes(value));
  const config = (more) => spawnSync(maitred, ['config'], { encoding: 'utf8', env: { ...process.env, ...h.env, ...env, ...more } });
  assert.match(config({}).stdout, /^TELNYX_API_KEY=\(set\)$/m);
  const without = config({ SEAL_KEYS: SEAL[0] });
  assert.match(without.stderr, /TELNYX_API_KEY is sealed with the key b, which SEAL_KEYS lacks/);
  assert.match(config({ SEAL_KEYS: `b:${bytes(7)}` }).stderr, /TWILIO_AUTH_TOKEN is sealed with the key b/);
  assert.match(config({ SEAL_KEYS: 'b:short' }).stderr, /SEAL_KEYS: key 1 is/);
  h.sql("UPDATE sealed_settings SET name = 'MAIL_URL' WHERE name = 'TELNYX_API_KEY'"); // moved to another name
  assert.match(config({}).stderr, /MAIL_URL is sealed with the key b, which SEAL_KEYS lacks, or it was changed/);
  assert.equal(secret(['remove', 'MAIL_URL']).status, 0);
  assert.equal(h.sql("SET ROLE maitred_app; SELECT has_table_privilege('sealed_settings', 'SELECT')"), 'f', 'not by what staff ask');
});

test('secret: what it refuses', () => {
  for (const [args, input, status, said, more] of [
    [['set', 'DATABASE_URL'], 'x', 64, /no secret setting/], [['set', 'SEAL_KEYS'], 'x', 64, /no secret setting/],
    [['set', 'PORT'], '1', 64, /no secret setting/], [['set', 'TELNYX_API_KEY'], '', 65, /standard input/],
    [['set', 'TELNYX_API_KEY'], 'x'.repeat(16385), 65, /standard input/], [['set', 'TELNYX_API_KEY'], 'a\0b', 65, /standard input/],
    [['remove', 'MAIL_URL'], '', 65, /None of that name/], [[], '', 64, /Usage/], [['open'], '', 64, /Usage/],
    [['list'], '', 78, /SEAL_KEYS have to be set/, { SEAL_KEYS: '' }], [['list'], '', 69, /./, { DATABASE_URL: 'postgresql:///x?host=/nowhere' }],
    [['reseal'], '', 78, /cannot be opened/, { SEAL_KEYS: `c:${bytes(8)}` }]]) {
    const a = secret(args, input, more);
    assert.equal(a.status, status, `${args}: ${a.stderr}`);
    assert.match(a.stderr, said);
  }
});

test('rotate-keys.md: its commands', () => {
  const blocks = [...readFileSync('docs/rotate-keys.md', 'utf8').matchAll(/(<!-- needs .* -->\n)?```sh\n([^]*?)```/g)]
    .filter((m) => !m[1]).map((m) => m[2]);
  assert.ok(blocks.length >= 5);
  h.sql('DELETE FROM sealed_settings');
  const ran = spawnSync('bash', ['-euc', `maitred() { "${maitred}" "$@"; }\n${blocks.join('\n')}`], { encoding: 'utf8', env: {
    ...process.env, DATABASE_URL: h.env.DATABASE_URL, NEW_TELNYX_API_KEY: 'KEY0185', ...Object.fromEntries(['SESSION_KEYS', 'PRIVACY_KEY'].map((k) => [k, env[k]])) } });
  assert.equal(ran.status, 0, ran.stderr);
  assert.match(ran.stdout, /TELNYX_API_KEY\ta\t[^]*TELNYX_API_KEY\tb\t[^]*TELNYX_API_KEY is gone/);
});

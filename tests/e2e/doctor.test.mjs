// doctor.test.mjs - `maitred doctor`: a house that is well is all ok; and each fault of the table below, planted by
// itself, is named, and nothing else is, with what mends it. No secret is ever printed.
//
// | Fault | Named by |
// |---|---|
// | the database is away, frozen, or its URL is none | database |
// | a migration is missing; a later one is there | database.schema |
// | fsync, synchronous_commit off | database.durability |
// | maitred_app may not be taken, or goes around row-level security | database.role |
// | a table of accounts without its walls | database.walls |
// | more WORKERS than max_connections, or than the role may have | database.connections |
// | this machine's clock 2 min off; a carrier's | clock |
// | Twilio's token, Telnyx's key wrong; a carrier answers 500, or not at all | twilio, telnyx |
// | a number that is not at the carrier | twilio.numbers, telnyx.numbers |
// | webhooks elsewhere, by GET, at an application, at none; retries off | twilio.webhooks, telnyx.webhooks |
// | a carrier drained, failing, silent | twilio.state, telnyx.state |
// | PUBLIC_URL http; nobody, or somebody else there; a redirection; only this machine | configuration, public_url |
// | its certificate expired, of another name, of nobody, ending soon | public_url.certificate |
// | an old queue with and without a gateway; callbacks not applied; a message unknown for long | queue, callbacks, ... |
// | the mail server is away, refuses the login; no MAIL_URL | mail |
// | PRIVACY_KEY, SESSION_KEYS missing | configuration, sign_in |
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { ACCOUNT, call, freePort, guest, house, KEY, maitred, TELNYX_NUMBER, TWILIO_NUMBER, until } from './house.mjs';

const FAKETIME = '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1';
let h, g, admin, certificates;
const open = [];
let printed = '';

before(async () => {
  h = await house({ prism: false });
  g = await h.gateway();
  const superuser = h.postgres('url', h.dir, 'postgres');
  admin = (text) => execFileSync('psql', ['-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', superuser, '-c', text], { encoding: 'utf8' }).trim();
});
after(async () => { for (const server of open) { server.closeAllConnections?.(); server.close(); } await h?.close(); });

async function doctor(args = [], env = {}, program = maitred) {
  const child = spawn(program, ['doctor', ...args], { env: { ...process.env, ...h.env, ...env } });
  let out = '', err = '';
  child.stdout.on('data', (d) => { out += d; });
  child.stderr.on('data', (d) => { err += d; });
  const [code] = await once(child, 'close');
  assert.doesNotMatch(err, /Sanitizer: |runtime error|Assertion/);
  printed += out + err;
  return { code, out, json: args.includes('--json') && JSON.parse(out) };
}

/** Of what is not ok: level and check, sorted, each once. */
async function named(env, program) {
  const { code, json } = await doctor(['--json'], env, program);
  const bad = json.checks.filter((c) => c.level !== 'ok');
  for (const c of bad) assert.ok(c.mend?.length > 10, `${c.check}: ${c.found} has no mend`);
  assert.equal(code, bad.some((c) => c.level === 'fail') ? 69 : 0);
  assert.equal(json.ok, code === 0);
  return { bad, short: [...new Set(bad.map((c) => `${c.level} ${c.check}`))].sort() };
}

/** Plants, looks, takes it away. `plant` may return a part of the environment. */
function fault(name, expected, said, { plant = () => ({}), cure = () => {}, program }) {
  test(name, async () => {
    try {
      const { bad, short } = await named(await plant(), program?.());
      assert.deepEqual(short, [expected].flat().sort(), JSON.stringify(bad));
      assert.match(bad.map((c) => `${c.found} -> ${c.mend}`).join('\n'), said);
    } finally {
      await cure();
    }
  });
}

test('a house that is well is all ok, in a few seconds; and so it is told to people', async () => {
  await until('the first round of the carriers is over', () => h.sql('SELECT count(*) FROM breakers') === '4');
  const { code, json } = await doctor(['--json']);
  assert.deepEqual(json.checks.filter((c) => c.level !== 'ok'), []);
  assert.equal(code, 0);
  assert.ok(json.took_ms < 5000);
  const { out } = await doctor();
  assert.match(out, /^ok {4}twilio\.numbers +1 of 1 is there\.$/m);
  assert.match(out, new RegExp(`^${json.checks.length} ok, 0 to look at, 0 failed; \\d+\\.\\d s$`, 'm'));
  for (const [args, status] of [[['--help'], 0], [['--what'], 64], [['now'], 64]]) assert.equal((await doctor(args)).code, status);
});

/* ---- the database ---- */

fault('the database is away', 'fail database', /No such file or directory.*psql "\$DATABASE_URL"/,
      { plant: () => ({ DATABASE_URL: 'postgresql:///maitred?host=/nowhere' }) });
fault('a DATABASE_URL that is none, with its password', 'fail database', /no URL of PostgreSQL/,
      { plant: () => ({ DATABASE_URL: 'postgresql//us:canary-of-database@host/db' }) });
fault('a password that is not taken or not even asked for', 'fail database', /does not exist/,
      { plant: () => ({ DATABASE_URL: `${h.env.DATABASE_URL.replace('user=maitred', 'user=nobody')}&password=canary-of-database` }) });
{
  const postmaster = () => Number(readFileSync(execFileSync('find', [h.dir, '/var/tmp', '-name', 'postmaster.pid', '-path', '*data*'],
    { encoding: 'utf8' }).trim().split('\n')[0], 'utf8').split('\n')[0]);
  fault('the database is frozen', ['fail database'], /timeout|does not answer/,
        { plant: () => { process.kill(postmaster(), 'SIGSTOP'); }, cure: () => { process.kill(postmaster(), 'SIGCONT'); } });
}
{
  let last;
  fault('a migration is missing', 'fail database.schema', /It lacks 00\d\d_\w+\. -> maitred migrate/, {
    plant: () => { last = h.sql('DELETE FROM schema_migrations WHERE name = (SELECT max(name) FROM schema_migrations) RETURNING name'); },
    cure: () => h.sql(`INSERT INTO schema_migrations (name) VALUES ('${last}')`) });
}
test('a database without our tables lacks them all', async () => {
  admin('CREATE DATABASE empty OWNER maitred');
  const { bad } = await named({ DATABASE_URL: h.env.DATABASE_URL.replace('/maitred?', '/empty?') });
  assert.match(bad.find((c) => c.check === 'database.schema').found, /lacks 0001_first_light, 0002/);
});
fault('a later migration is there', 'warn database.schema', /later version than this program: 9999_future/, {
  plant: () => { h.sql("INSERT INTO schema_migrations (name) VALUES ('9999_future')"); },
  cure: () => h.sql("DELETE FROM schema_migrations WHERE name = '9999_future'") });
fault('fsync is off', 'fail database.durability', /fsync is off.*ALTER SYSTEM SET fsync = on/, {
  plant: () => { admin('ALTER SYSTEM SET fsync = off'); admin('SELECT pg_reload_conf()'); },
  cure: () => { admin('ALTER SYSTEM RESET fsync'); admin('SELECT pg_reload_conf()'); } });
fault('synchronous_commit is off, and that was wished for', 'warn database.durability', /synchronous_commit is off/, {
  plant: () => { admin('ALTER ROLE maitred SET synchronous_commit = off'); return { UNSAFE_DATABASE: 'yes' }; },
  cure: () => admin('ALTER ROLE maitred RESET synchronous_commit') });
fault('maitred_app may not be taken', 'warn database.role', /GRANT maitred_app/, {
  plant: () => { admin('REVOKE maitred_app FROM maitred'); }, cure: () => admin('GRANT maitred_app TO maitred') });
fault('maitred_app goes around the walls', 'fail database.role', /NOBYPASSRLS/, {
  plant: () => { admin('ALTER ROLE maitred_app BYPASSRLS'); }, cure: () => admin('ALTER ROLE maitred_app NOBYPASSRLS') });
fault('a table of accounts without its walls', 'fail database.walls', /security: quick_replies\..*guard_account_table/, {
  plant: () => { h.sql('ALTER TABLE quick_replies NO FORCE ROW LEVEL SECURITY'); },
  cure: () => h.sql('ALTER TABLE quick_replies FORCE ROW LEVEL SECURITY') });
fault('more workers than max_connections', 'fail database.connections', /need 422 connections.*PROCESSES=2.*WORKERS=30.*gives 197/,
      { plant: () => ({ WORKERS: '30' }) });
fault('the role may have fewer', 'fail database.connections', /gives 8/, {
  plant: () => { admin('ALTER ROLE maitred CONNECTION LIMIT 8'); }, cure: () => admin('ALTER ROLE maitred CONNECTION LIMIT -1') });

/* ---- the clock ---- */

fault('this machine\'s clock is 2 min behind', 'fail clock', /This machine's clock is (2 min|11\d s) behind.*timedatectl/, {
  plant: () => { assert.ok(existsSync(FAKETIME)); return { LD_PRELOAD: FAKETIME, FAKETIME: '-120', FAKETIME_DONT_FAKE_MONOTONIC: '1' }; },
  program: () => process.env.MAITRED_RELEASE });

/** A server that hands all on; `answer` may change what comes back. */
async function before_(target, answer, server = http.createServer()) {
  server.on('request', (q, a) => {
    const to = http.request(target + q.url, { method: q.method, headers: q.headers }, (r) => {
      const changed = answer(r);
      a.writeHead(changed.status ?? r.statusCode, { ...r.headers, ...changed.headers });
      r.pipe(a);
    });
    to.on('error', () => a.destroy());
    q.pipe(to);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  open.push(server);
  return server.address().port;
}
fault('a carrier\'s clock is ahead of all others', 'warn clock', /Twilio's clock is (29|30|31) s ahead, by ours/, { plant: async () => {
  const port = await before_(h.twilioUrl, () => ({ headers: { date: new Date(Date.now() + 30_000).toUTCString() } }));
  return { TWILIO_BASE_URL: `http://127.0.0.1:${port}` };
} });

/* ---- the carriers ---- */

fault('Twilio\'s token is wrong', 'fail twilio', /401, Authenticate.*TWILIO_AUTH_TOKEN/,
      { plant: () => ({ TWILIO_AUTH_TOKEN: 'canary-of-twilio' }) });
fault('Telnyx\'s key is wrong', 'fail telnyx', /401.*TELNYX_API_KEY/, { plant: () => ({ TELNYX_API_KEY: 'KEY_canary-of-telnyx' }) });
fault('Telnyx\'s public key is none', 'fail configuration', /TELNYX_PUBLIC_KEY must be base64/,
      { plant: () => ({ TELNYX_PUBLIC_KEY: 'AAAA' }) });
fault('a carrier refuses connections', 'fail twilio', /cannot be reached: .*[Cc]onnect/,
      { plant: () => h.faults('twilio', { kind: 'refuse' }), cure: () => h.heal() });
fault('a carrier never answers', 'fail telnyx', /cannot be reached: .*timed out/,
      { plant: () => h.faults('telnyx', { kind: 'hang_before_accept', ms: 9000, on: 'all' }), cure: () => h.heal() });
fault('a carrier answers 500', 'fail telnyx', /answers with an error: 500/,
      { plant: () => h.faults('telnyx', { kind: 'status', http_status: 500, on: 'all' }), cure: () => h.heal() });

const reset = () => h.sim('/sim/v1/reset', { method: 'POST' });
/** As people do in the carrier's console. */
async function twilio(method, fields) {
  const base = `${h.twilioUrl}/2010-04-01/Accounts/${h.credentials.TWILIO_ACCOUNT_SID}`;
  const basic = Buffer.from(`${h.credentials.TWILIO_ACCOUNT_SID}:${h.credentials.TWILIO_AUTH_TOKEN}`).toString('base64');
  const headers = { authorization: `Basic ${basic}`, 'content-type': 'application/x-www-form-urlencoded' };
  const list = await call(`${base}/IncomingPhoneNumbers.json?${new URLSearchParams({ PhoneNumber: TWILIO_NUMBER })}`, { headers });
  const r = await call(`${base}/IncomingPhoneNumbers/${list.json.incoming_phone_numbers[0].sid}.json`,
                       { method, headers, body: fields && String(new URLSearchParams(fields)) });
  assert.ok(r.status < 300, r.text);
  return r.json;
}
async function telnyx(method, what, body) {
  const headers = { authorization: `Bearer ${h.credentials.TELNYX_API_KEY}` };
  if (what === 'phone_numbers') {
    const list = await call(`${h.telnyxUrl}/v2/phone_numbers?filter%5Bphone_number%5D=${encodeURIComponent(TELNYX_NUMBER)}`, { headers });
    what += `/${list.json.data[0].id}`;
  }
  const r = await call(`${h.telnyxUrl}/v2/${what}`, { method, body, headers });
  assert.equal(r.status, 200, r.text);
  return r.json.data;
}
const PROFILE = 'messaging_profiles/740572b6-099c-44a1-89b9-6c92163bc68d';
const APPLICATION = () => `texml_applications/${h.credentials.TELNYX_VOICE_APP}`;

fault('a number that Twilio does not have', 'fail twilio.numbers', /Not in our account there: \+13125550002.*console\.twilio\.com/,
      { plant: () => twilio('DELETE').then(() => ({})), cure: reset });
fault('a number that Telnyx does not have', 'fail telnyx.numbers', /Not in our account there: \+17735550002/,
      { plant: () => telnyx('DELETE', 'phone_numbers').then(() => ({})), cure: reset });
const elsewhere = { SmsUrl: 'https://user:canary-of-another@old.example.com/sms?token=canary-of-another', VoiceMethod: 'GET' };
fault('Twilio\'s webhooks are elsewhere', 'fail twilio.webhooks',
      /texts of \+13125550002 go to https:\/\/old\.example\.com\/sms; calls of \S+ go to \S+\/voice by GET.*--set-webhooks/,
      { plant: () => twilio('POST', elsewhere).then(() => ({})), cure: reset });
fault('an application stands before the number\'s own webhook', 'fail twilio.webhooks', /texts of \S+ go to AP0/,
      { plant: () => twilio('POST', { SmsApplicationSid: `AP${'0'.repeat(32)}` }).then(() => ({})), cure: reset });
fault('Twilio does not try again', 'warn twilio.webhooks', /does not try again.*--set-webhooks/,
      { plant: () => twilio('POST', { SmsUrl: `${h.gatewayUrl}/webhooks/twilio/sms` }).then(() => ({})), cure: reset });
fault('Telnyx\'s webhooks are elsewhere', 'fail telnyx.webhooks', /texts of profile 'Guests' go to https:\/\/old\.example\.com\//,
      { plant: () => telnyx('PATCH', PROFILE, { webhook_url: 'https://old.example.com/' }).then(() => ({})), cure: reset });
fault('a number of Telnyx\'s belongs to nothing', 'fail telnyx.webhooks', /\+17735550002 belongs to no messaging profile/,
      { plant: () => telnyx('PATCH', 'phone_numbers', { messaging_profile_id: null }).then(() => ({})), cure: reset });

test('--set-webhooks mends them, says what it changed, and changes nothing the second time', async () => {
  const written = async () => {
    const before = Number(h.sql("SELECT count(*) FROM messages WHERE direction = 'in'"));
    for (const [provider, to] of [['twilio', TWILIO_NUMBER], ['telnyx', TELNYX_NUMBER]])
      await h.sim('/sim/v1/replies', { body: { from: guest(3), to, provider, body: 'we come' } });
    return Number(h.sql('SELECT count(*) FROM callbacks')) - before;
  };
  await twilio('POST', { ...elsewhere, SmsUrl: 'http://127.0.0.1:9/', VoiceFallbackUrl: '' });
  await telnyx('PATCH', PROFILE, { webhook_url: null });
  await telnyx('PATCH', APPLICATION(), { friendly_name: 'Guests who call', voice_url: 'https://old.example.com/', voice_fallback_url: null });
  const { code, json } = await doctor(['--json', '--set-webhooks']);
  assert.equal(code, 0);
  const set = json.checks.filter((c) => c.level === 'set').map((c) => `${c.check} ${c.found}`);
  assert.deepEqual(set, [
    'twilio.webhooks texts of +13125550002 come here now. They went to http://127.0.0.1:9/.',
    `twilio.webhooks calls of +13125550002 come here now. They went to ${h.gatewayUrl}/webhooks/twilio/voice.`,
    "telnyx.webhooks texts of profile 'Guests' come here now. They went nowhere.",
    "telnyx.webhooks calls of application 'Guests who call' come here now. They went to https://old.example.com/."]);
  const number = await twilio('POST', {});
  assert.deepEqual([number.sms_url, number.sms_method, number.voice_url, number.voice_method, number.voice_fallback_url],
    [`${h.gatewayUrl}/webhooks/twilio/sms#rc=5&rp=all`, 'POST', `${h.gatewayUrl}/webhooks/twilio/voice`, 'POST',
     `${h.gatewayUrl}/webhooks/twilio/voice-fallback`]);
  const { voice_url: voice, voice_fallback_url: fallback, voice_method: method } = await telnyx('GET', APPLICATION());
  assert.deepEqual([voice, fallback, method], [`${h.gatewayUrl}/webhooks/telnyx/voice`, `${h.gatewayUrl}/webhooks/telnyx/voice-fallback`, 'post']);
  assert.equal((await telnyx('GET', PROFILE)).webhook_url, `${h.gatewayUrl}/webhooks/telnyx/messages`);
  assert.equal(await written(), 2, 'guests are heard again');
  const again = await doctor(['--json', '--set-webhooks']);
  assert.deepEqual(again.json.checks.filter((c) => c.level !== 'ok'), []);
  await reset();
});

fault('a carrier that somebody took out', 'warn twilio.state', /took it out: an incident.*maitred undrain twilio/, {
  plant: () => { execFileSync(maitred, ['drain', 'twilio', 'an incident'], { env: { ...process.env, ...h.env } }); },
  cure: () => execFileSync(maitred, ['undrain', 'twilio'], { env: { ...process.env, ...h.env } }) });
fault('a carrier that fails is left alone', 'warn telnyx.state', /left alone for a while/, {
  plant: () => { h.sql("UPDATE breakers SET state = 'open', open_until = now() + interval '1 h' WHERE provider = 'telnyx' AND operation = 'send'"); },
  cure: () => h.heal() });
fault('a carrier whose callbacks do not come', 'warn telnyx.state', /none of its callbacks do/, {
  plant: () => { h.sql("UPDATE carriers SET alarmed_at = now() WHERE provider = 'telnyx'"); },
  cure: () => h.sql('UPDATE carriers SET alarmed_at = NULL') });

/* ---- PUBLIC_URL ---- */

fault('PUBLIC_URL is http', 'fail configuration', /PUBLIC_URL must be an https/, { plant: () => ({ PUBLIC_URL: 'http://texts.example.com' }) });

/** Lets webhooks go to that URL, so that nothing but the URL itself is wrong. */
async function publicUrl(url, env = {}) {
  await doctor(['--set-webhooks'], { PUBLIC_URL: url, ...env });
  return { PUBLIC_URL: url, ...env };
}
/** An own certificate authority, and a server with a certificate of it. */
async function tls(name, days, answer = () => ({}), trusted = true) {
  const dir = h.dir, run = (...args) => execFileSync('openssl', args, { cwd: dir, stdio: 'pipe' });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  if (!certificates) run('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '30', '-subj', '/CN=test');
  certificates = true;
  writeFileSync(path.join(dir, 'ext'), `subjectAltName=DNS:${name}`);
  run('req', ...key, '-keyout', 'server.key', '-out', 'server.csr', '-subj', `/CN=${name}`);
  run('x509', '-req', '-in', 'server.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', `${days}`, '-extfile', 'ext', '-out', 'server.pem');
  const read = (file) => readFileSync(path.join(dir, file));
  const port = await before_(h.gatewayUrl, answer, https.createServer({ key: read('server.key'), cert: read('server.pem') }));
  return publicUrl(`https://localhost:${port}`, trusted ? { SSL_CERT_FILE: path.join(dir, 'ca.pem') } : {});
}
test('behind TLS all is ok, and the certificate\'s days are told', async () => {
  const env = await tls('localhost', 40);
  const { code, json } = await doctor(['--json'], env);
  assert.equal(code, 0, JSON.stringify(json));
  assert.match(json.checks.find((c) => c.check === 'public_url.certificate').found, /good for (39|40) days/);
});
fault('nobody is at PUBLIC_URL', 'fail public_url', /cannot be reached: .*maitred serve/, { plant: async () => publicUrl(`http://127.0.0.1:${await freePort()}`) });
fault('somebody else is at PUBLIC_URL', 'fail public_url', /is not this gateway/,
      { plant: async () => publicUrl(`http://127.0.0.1:${await before_(h.control, () => ({}))}`) });
fault('PUBLIC_URL redirects', 'fail public_url', /redirects to https:\/\/www\.example\.com\/: /, { plant: async () =>
  publicUrl(`http://127.0.0.1:${await before_(h.gatewayUrl, () => ({ status: 301, headers: { location: 'https://www.example.com/' } }))}`) });
fault('PUBLIC_URL is this machine, and the carrier is not', ['fail public_url', 'fail twilio'], /carriers cannot reach it/,
      { plant: async () => { await reset(); return { TWILIO_BASE_URL: `https://127.0.0.1:${await freePort()}` }; } });
fault('the certificate has expired', 'fail public_url.certificate', /certificate has expired.*heroku certs/, { plant: () => tls('localhost', -1) });
fault('the certificate is of another name', 'fail public_url.certificate', /no alternative certificate subject name/, { plant: () => tls('other.example.com', 30) });
fault('nobody trusts the certificate', 'fail public_url.certificate', /unable to get local issuer certificate|self.signed/, { plant: () => tls('localhost', 30, () => ({}), false) });
fault('the certificate ends soon', 'warn public_url.certificate', /good for [67] days/, { plant: () => tls('localhost', 7), cure: reset });

/* ---- what waits ---- */

const wait = (state, age) => {
  const id = `msg_${String(Math.random()).slice(2, 12).padStart(26, '0')}`;
  h.sql(`INSERT INTO conversations (account_id, conversation_id, phone, last_message_id, created_at)
           VALUES ('${ACCOUNT}', 'cnv_${id.slice(4)}', '+12125550999', '${id}', now()) ON CONFLICT DO NOTHING;
         INSERT INTO messages (account_id, message_id, conversation_id, direction, kind, phone, body, encoding, segments, state, rank, created_at)
         SELECT account_id, '${id}', conversation_id, 'out', 'message', phone, 'x', 'GSM-7', 1, '${state}', ${state === 'unknown' ? 2 : 0},
                now() - interval '${age}' FROM conversations WHERE phone = '+12125550999';
         INSERT INTO queue (account_id, conversation_id, message_id, due_at)
           SELECT account_id, conversation_id, message_id, now() + interval '1 h' FROM messages WHERE message_id = '${id}'`);
};
const clear = () => h.sql('TRUNCATE messages, attempts, receipts, queue, conversations, turns, paces, pending CASCADE');
fault('the oldest message has waited too long', 'fail queue', /oldest of 1 messages should have left 10 min ago\..*GET \/v1\/messages/,
      { plant: () => { wait('queued', '10 min'); }, cure: clear });
fault('a message is unknown for long', 'warn queue.unknown', /Of 1 messages .*20 min.*send it again/,
      { plant: () => { wait('unknown', '20 min'); }, cure: clear });

/* ---- mail, and keys ---- */

fault('the mail server is away', 'fail mail', /cannot be handed over: .*[Cc]onnect.*maitred check mail/,
      { plant: async () => ({ MAIL_URL: `smtp://u:canary-of-mail@127.0.0.1:${await freePort()}` }) });
fault('the mail server refuses our login', 'fail mail', /535 no such login/, { plant: async () => {
  const server = net.createServer((s) => {
    s.write('220 x ESMTP\r\n');
    s.on('error', () => {}).on('data', (d) => s.write(/^EHLO/.test(d) ? '250-x\r\n250 AUTH PLAIN\r\n' : /^AUTH/.test(d) ? '535 no such login\r\n' : '250 ok\r\n'));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  open.push(server);
  return { MAIL_URL: `smtp://u:canary-of-mail@127.0.0.1:${server.address().port}` };
} });
fault('there is no mail server', 'warn mail', /nobody can sign up.*MAIL_FROM/, { plant: () => ({ MAIL_URL: '' }) });
fault('PRIVACY_KEY is missing', 'fail configuration', /PRIVACY_KEY is missing.*openssl rand -base64 32/, { plant: () => ({ PRIVACY_KEY: '' }) });
fault('SESSION_KEYS is missing', 'warn sign_in', /nobody can sign in/, { plant: () => ({ SESSION_KEYS: '' }) });
test('several problems of the configuration are all told, and the rest is looked at', async () => {
  const { short } = await named({ PRIVACY_KEY: '', WORKERS: 'many', LOG_LEVEL: 'loud' });
  assert.deepEqual(short, ['fail configuration']);
  const { bad } = await named({ PRIVACY_KEY: '', WORKERS: 'many', LOG_LEVEL: 'loud' });
  assert.equal(bad.length, 3);
});

/* ---- without a gateway ---- */

test('without a gateway: that is what is wrong; and what waits is named', async () => {
  await g.stop();
  assert.deepEqual((await named()).short, ['fail public_url', 'warn gateways']);
  wait('queued', '10 min');
  h.sql(`INSERT INTO pending (batch_id, batch_at) VALUES ('bat_${'0'.repeat(26)}', now() - interval '5 min')`);
  const { short, bad } = await named();
  assert.deepEqual(short, ['fail public_url', 'fail queue', 'warn callbacks', 'warn gateways']);
  assert.match(bad.find((c) => c.check === 'queue').found, /no gateway works/);
  assert.match(bad.find((c) => c.check === 'queue').mend, /maitred serve, or maitred work/);
});

test('no secret was printed', () => {
  const secrets = [h.credentials.TWILIO_AUTH_TOKEN, h.credentials.TELNYX_API_KEY, h.env.PRIVACY_KEY, h.env.SESSION_KEYS.split(':')[1],
                   'canary-of-', KEY];
  assert.ok(printed.length > 50_000);
  assert.deepEqual(secrets.filter((s) => printed.includes(s)), []);
});

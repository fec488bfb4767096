// edge.test.mjs - what clients meet first: TLS and its certificate, whose address is believed, headers of every route, slow
// and hoarding clients, no descriptors left, a log that nobody reads.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import net from 'node:net';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import tls from 'node:tls';
import { call, each, freePort, guest, house, KEY, maitred, until } from './house.mjs';

const OPERATOR_TOKEN = 'operator-token-of-the-edge';
const SECRET = 'the-secret-of-our-zone';
let h, g;
before(async () => {
  h = await house({ prism: false });
  certificate('first', 'localhost');
  g = await h.gateway({ OPERATOR_TOKEN });
});
after(() => h?.close());

function certificate(name, host, days = 90) {
  const at = `${h.dir}/${name}`;
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', `${days}`,
    '-subj', `/CN=${host}`, '-addext', `subjectAltName=DNS:${host}`, '-keyout', `${at}.key`, '-out', `${at}.pem`], { stdio: 'ignore' });
}

/** A whole file takes the place of the one before, as certbot does it. */
function replace(name) {
  for (const end of ['pem', 'key']) {
    copyFileSync(`${h.dir}/${name}.${end}`, `${h.dir}/new`);
    renameSync(`${h.dir}/new`, `${h.dir}/live.${end}`);
  }
}

const files = () => ({ TLS_CERT_FILE: `${h.dir}/live.pem`, TLS_KEY_FILE: `${h.dir}/live.key` });

/** What a handshake came to: version, application protocol, name in the certificate; or the error. */
const shake = (port, options = {}) => new Promise((resolve) => {
  const s = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options }, () => {
    resolve({ version: s.getProtocol(), alpn: s.alpnProtocol, name: s.getPeerCertificate().subject.CN, cipher: s.getCipher().name });
    s.destroy();
  });
  s.on('error', (e) => resolve({ error: e.code ?? e.message }));
});

const ask = (port, path, headers = {}) => new Promise((resolve, reject) => {
  https.get({ port, path, host: '127.0.0.1', rejectUnauthorized: false, headers, agent: false }, (r) => {
    let text = '';
    r.on('data', (d) => { text += d; }).on('end', () => resolve({ status: r.statusCode, headers: r.headers, text }));
  }).on('error', reject);
});

test('TLS 1.2 and 1.3, nothing older, never HTTP/2; requests and streams go through it', async (t) => {
  replace('first');
  const s = await h.gateway({ PORT: '0', ...files(), PUBLIC_URL: 'https://localhost' });
  t.after(() => s.stop());
  const port = new URL(s.url).port;
  assert.equal((await shake(port)).version, 'TLSv1.3');
  assert.equal((await shake(port, { maxVersion: 'TLSv1.2' })).version, 'TLSv1.2');
  const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' };
  assert.match((await shake(port, old)).error, /PROTOCOL_VERSION|RESET/);
  assert.equal((await shake(port, { ALPNProtocols: ['h2', 'http/1.1'] })).alpn, 'http/1.1');
  assert.match((await shake(port, { ALPNProtocols: ['h2'] })).error, /NO_APPLICATION_PROTOCOL|RESET/);
  for (const ciphers of ['AES128-GCM-SHA256', 'ECDHE-ECDSA-AES128-SHA256', 'ECDHE-ECDSA-AES128-SHA'])
    assert.ok((await shake(port, { ciphers, maxVersion: 'TLSv1.2' })).error, ciphers);
  const asked = execFileSync('sh', ['-c', `(printf 'R\\n'; sleep 1) | timeout 5 openssl s_client -connect 127.0.0.1:${port} -tls1_2 2>&1 || true`]).toString();
  assert.match(asked, /error:/, 'no renegotiation: the connection ends');
  assert.equal(asked.match(/^verify return:1/gm).length, 2, asked); // of one handshake
  const r = await ask(port, '/healthz');
  assert.deepEqual([r.status, r.headers['strict-transport-security']], [200, 'max-age=31536000; includeSubDomains']);
  const list = await ask(port, '/v1/messages', { authorization: `Bearer ${KEY}` });
  assert.equal(list.status, 200);
  await new Promise((resolve, reject) => {
    const stream = https.get({ port, path: '/v1/events', host: '127.0.0.1', rejectUnauthorized: false, agent: false,
                               headers: { authorization: `Bearer ${KEY}` } }, (answer) => {
      answer.on('data', (d) => { if (`${d}`.includes('event: hello')) { stream.destroy(); resolve(); } });
    }).on('error', reject);
  });
  const plain = net.connect(port, '127.0.0.1', () => plain.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n'));
  plain.on('data', () => {}).on('error', () => {});
  await once(plain, 'close');
  assert.equal((await ask(port, '/healthz')).status, 200);
});

test('a new certificate is taken without a restart, on SIGHUP too; a bad one is not', async (t) => {
  certificate('second', 'second.example'); certificate('third', 'third.example');
  replace('first');
  const s = await h.gateway({ PORT: '0', ...files() });
  t.after(() => s.stop());
  const { port } = new URL(s.url);
  const kept = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
  await once(kept, 'secureConnect');
  replace('second');
  await until('the second', async () => (await shake(port)).name === 'second.example', 10);
  await s.line(/"event":"certificate_loaded","days":"89"/);
  writeFileSync(`${h.dir}/live.pem`, 'no certificate\n');
  await s.line(/"event":"certificate_refused","why":"TLS_CERT_FILE: /);
  assert.equal((await shake(port)).name, 'second.example', 'the one before');
  copyFileSync(`${h.dir}/third.pem`, `${h.dir}/live.pem`);
  await s.line(/"event":"certificate_refused","why":"TLS_KEY_FILE: key values mismatch/);
  replace('third');
  s.child.kill('SIGHUP');
  await until('the third', async () => (await shake(port)).name === 'third.example', 10);
  kept.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
  assert.match(`${(await once(kept, 'data'))[0]}`, /^HTTP\/1\.1 200/, 'who was connected stays so');
  kept.destroy();
  assert.equal(s.end, undefined, 'SIGHUP ends nothing');
});

test('wrong files, half a pair and a short secret are problems of the configuration, all told at once', async () => {
  const run = (env) => {
    try { execFileSync(maitred, ['serve'], { env: { ...process.env, ...h.env, ...env }, stdio: 'pipe' }); return { status: 0 }; }
    catch (e) { return { status: e.status, said: `${e.stderr}` }; }
  };
  const a = run({ TLS_CERT_FILE: '/nowhere.pem', TLS_KEY_FILE: '/nowhere.key', TRUST_PROXY: 'cloudflare' });
  assert.equal(a.status, 78);
  assert.match(a.said, /TLS_CERT_FILE: No such file[^]*CLOUDFLARE_SECRET and TRUST_PROXY=cloudflare go together/);
  const b = run({ TLS_CERT_FILE: `${h.dir}/first.pem`, TRUST_PROXY: 'cloudflare', CLOUDFLARE_SECRET: 'short' });
  assert.match(b.said, /TLS_CERT_FILE and TLS_KEY_FILE go together[^]*16 characters/);
});

test('the client\'s address behind Heroku and Cloudflare, and never from a forged header', async (t) => {
  const s = await h.gateway({ PORT: '0', TRUST_PROXY: 'cloudflare', CLOUDFLARE_SECRET: `${SECRET}, the-next-one-of-it`, LOG_LEVEL: 'debug' });
  t.after(() => s.stop());
  const rows = [
    [{ 'x-forwarded-for': '1.2.3.4, 162.158.1.2', 'cf-connecting-ip': '198.51.100.1', 'x-cloudflare-secret': SECRET, 'cf-ray': '230b030023ae2822-SJC' }, '198.51.100.1', '230b030023ae2822-SJC'],
    [{ 'x-forwarded-for': '1.2.3.4, 162.158.1.2', 'cf-connecting-ip': '6.6.6.6', 'x-cloudflare-secret': 'guessed-and-wrong', 'cf-ray': 'forged' }, '162.158.1.2'],
    [{ 'x-forwarded-for': '1.2.3.4, 198.51.100.7', 'cf-connecting-ip': '6.6.6.6', 'x-cloudflare-secret': SECRET }, '198.51.100.7'],
    [{ 'x-forwarded-for': '162.158.1.2, 198.51.100.7', 'cf-connecting-ip': '6.6.6.6' }, '198.51.100.7'],
    [{ 'cf-connecting-ip': '6.6.6.6', forwarded: 'for=6.6.6.6', 'x-real-ip': '6.6.6.6', 'true-client-ip': '6.6.6.6' }, '127.0.0.1'],
  ];
  for (const [i, [headers, client, ray]] of rows.entries()) {
    await call(`${s.url}/healthz`, { headers: { ...headers, 'x-request-id': `row-${i}` } });
    const line = (await s.line(new RegExp(`.*"http.request_id":"row-${i}".*`)))[0];
    assert.match(line, new RegExp(`"network.client.ip":"${client}"`), `row ${i}: ${line}`);
    assert.equal(line.match(/"cf.ray":"([^"]*)"/)?.[1], ray);
  }
});

test('http behind a proxy: pages lead to https, the API refuses; probes are answered', async (t) => {
  const s = await h.gateway({ PORT: '0', TRUST_PROXY: 'yes', PUBLIC_URL: 'https://texts.example.com' });
  t.after(() => s.stop());
  const by = (method, path, proto = 'http') => fetch(s.url + path, { method, redirect: 'manual', headers: { 'x-forwarded-proto': proto, authorization: `Bearer ${KEY}` } });
  const page = await by('GET', '/g/abc?lang=fr');
  assert.deepEqual([page.status, page.headers.get('location')], [308, 'https://texts.example.com/g/abc?lang=fr']);
  assert.equal((await by('GET', '//evil.example/')).headers.get('location'), 'https://texts.example.com//evil.example/');
  assert.equal((await by('GET', '/v1/messages')).status, 403);
  assert.equal((await by('POST', '/w/abc')).status, 403);
  assert.equal((await by('POST', '/webhooks/twilio/sms')).status, 403);
  assert.equal((await by('GET', '/healthz')).status, 200);
  assert.equal((await by('GET', '/v1/messages', 'https')).status, 200);
  assert.equal((await by('GET', '/v1/messages', 'http, https')).status, 200, 'the last one is the proxy\'s');
});

test('each route has the headers that keep browsers safe', async () => {
  const { paths } = (await call(`${g.url}/openapi.json`)).json;
  const routes = Object.entries(paths).flatMap(([path, methods]) => Object.keys(methods).map((m) => [m.toUpperCase(), path]));
  routes.push(['GET', '/nothing/here'], ['PUT', '/healthz'], ['OPTIONS', '/v1/messages']);
  const fixed = { 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer', 'cross-origin-resource-policy': 'same-origin',
                  'cross-origin-opener-policy': 'same-origin', 'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()' };
  assert.ok(routes.length > 100, `${routes.length}`);
  await each(routes.length, 8, async (i) => {
    const [method, path] = routes[i];
    const r = await fetch(g.url + path.replace(/\{\w+\}/g, 'x'), { method, redirect: 'manual' });
    await r.body?.cancel();
    const csp = r.headers.get('content-security-policy') ?? '';
    for (const [name, value] of Object.entries(fixed)) assert.equal(r.headers.get(name), value, `${method} ${path}: ${name}`);
    assert.match(csp, /default-src 'none'/, `${method} ${path}`);
    assert.match(csp, /frame-ancestors 'none'/, `${method} ${path}`);
    assert.doesNotMatch(csp, /unsafe|\*/, `${method} ${path}`);
    assert.ok(r.headers.get('cache-control'), `${method} ${path}`);
    assert.ok(r.headers.get('x-request-id'), `${method} ${path}`);
    assert.equal(r.headers.get('server')?.includes('/') ?? false, false, 'no versions');
    assert.ok(r.status < 500 || r.status === 503, `${method} ${path}: ${r.status}`);
  });
});

test('X-Request-ID: 200 characters of Heroku\'s are kept', async () => {
  const id = 'a'.repeat(200);
  assert.equal((await call(`${g.url}/healthz`, { headers: { 'x-request-id': id } })).headers.get('x-request-id'), id);
  assert.match((await call(`${g.url}/healthz`, { headers: { 'x-request-id': `${id}a` } })).headers.get('x-request-id'), /^req_/);
});

/** Opens one, writes a little every now and then; how long it lived, in ms. */
const drip = (port, first, more, every_ms) => new Promise((resolve) => {
  const began = Date.now();
  const s = net.connect(port, '127.0.0.1', () => s.write(first));
  const timer = setInterval(() => s.write(more), every_ms);
  s.on('error', () => {}).on('data', () => {}).on('close', () => { clearInterval(timer); resolve(Date.now() - began); });
  setTimeout(() => s.destroy(), 15000).unref();
});

test('slow headers, slow bodies, silence: 300 of them are gone in time, and others are answered meanwhile', async (t) => {
  const s = await h.gateway({ PORT: '0', REQUEST_S: '2', IDLE_S: '3' });
  t.after(() => s.stop());
  const { port } = new URL(s.url);
  const slow = Array.from({ length: 300 }, (_, i) => [
    () => drip(port, 'GET /healthz HTTP/1.1\r\nHost: x\r\n', 'X-A: 1\r\n', 300),
    () => drip(port, 'POST /v1/login HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n', 'x', 300),
    () => drip(port, '', '', 10000),
  ][i % 3]());
  const took = [];
  for (let i = 0; i < 30; i++) { const at = Date.now(); assert.equal((await call(`${s.url}/v1/messages`, { headers: { authorization: `Bearer ${KEY}` } })).status, 200); took.push(Date.now() - at); }
  assert.ok(Math.max(...took) < 1500, `${took}`);
  assert.ok(Math.max(...await Promise.all(slow)) < 9000, 'all were closed');
  const much = await drip(port, `GET /healthz HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(20000)}`, 'aaaa', 300);
  assert.ok(much < 3500, `a head without end is cut: ${much} ms`);
});

test('who hoards connections gets no more of them; others do', async (t) => {
  const s = await h.gateway({ PORT: '0', CONNECTIONS_PER_ADDRESS: '20' });
  t.after(() => s.stop());
  const port = Number(new URL(s.url).port);
  const open = (from) => new Promise((resolve) => {
    const c = net.connect({ port, host: '127.0.0.1', localAddress: from });
    c.on('error', () => {}).on('close', () => { c.gone = true; });
    setTimeout(() => resolve(c), 200);
  });
  const hoard = await Promise.all(Array.from({ length: 50 }, () => open('127.0.0.66')));
  assert.equal(hoard.filter((c) => !c.gone).length, 20);
  assert.equal((await call(`${s.url}/healthz`)).status, 200);
  for (const c of hoard) c.destroy();
  await until('there is room again', async () => { const c = await open('127.0.0.66'); const fine = !c.gone; c.destroy(); return fine; }, 5);
});

test('no descriptors left: it rests instead of spinning, and comes back', async (t) => {
  const port = await freePort();
  const p = spawn('sh', ['-c', `ulimit -n 64; exec "$0" serve`, maitred], { env: { ...process.env, ...h.env, PORT: `${port}`, OPERATOR_TOKEN } });
  let said = '';
  p.stderr.on('data', (d) => { said += d; });
  t.after(async () => { p.kill('SIGTERM'); if (p.exitCode === null) await once(p, 'close'); });
  await until(`ready: ${said}`, () => said.includes('"event":"ready"'), 30);
  assert.match(said, /"event":"few_descriptors"/);
  const many = Array.from({ length: 100 }, () => net.connect(port, '127.0.0.1').on('error', () => {}));
  await sleep(500);
  const ticks = () => readFileSync(`/proc/${p.pid}/stat`, 'utf8').split(') ')[1].split(' ').slice(11, 13).reduce((a, b) => a + Number(b), 0);
  const before_ = ticks();
  await sleep(2000);
  assert.ok(ticks() - before_ < 60, `${ticks() - before_} ticks of 200`);
  for (const c of many) c.destroy();
  await until('it answers', () => call(`http://127.0.0.1:${port}/readyz`).then((r) => r.status === 200, () => false), 10);
});

test('a log that nobody reads: lines are dropped and counted, requests are answered', async (t) => {
  const port = await freePort();
  const p = spawn(maitred, ['serve'], { env: { ...process.env, ...h.env, PORT: `${port}`, LOG_LEVEL: 'debug', OPERATOR_TOKEN }, stdio: ['ignore', 'ignore', 'pipe'] });
  t.after(async () => { p.stderr.resume(); p.kill('SIGTERM'); if (p.exitCode === null) await once(p, 'close'); });
  await until('ready', () => call(`http://127.0.0.1:${port}/readyz`).then((r) => r.status === 200, () => false), 30);
  const slowest = { ms: 0 };
  await each(2000, 10, async (i) => { // the pipe holds 64 kB, node some more
    const at = Date.now();
    assert.equal((await call(`http://127.0.0.1:${port}/healthz`, { headers: { 'x-request-id': `${'x'.repeat(180)}-${i}` } })).status, 200);
    slowest.ms = Math.max(slowest.ms, Date.now() - at);
  });
  assert.ok(slowest.ms < 2000, `${slowest.ms} ms`);
  const metrics = await call(`http://127.0.0.1:${port}/metrics`, { headers: { authorization: `Bearer ${OPERATOR_TOKEN}` } });
  assert.ok(Number(metrics.text.match(/^maitred_log_lines_dropped_total (\d+)/m)[1]) > 100, metrics.text.match(/log_lines.*/g).join());
  let said = '';
  p.stderr.on('data', (d) => { said += d; });
  await until('it says how many', async () => { await call(`http://127.0.0.1:${port}/healthz`); return /"event":"log_dropped","lines":"\d{3,}"/.test(said); }, 10);
  for (const line of said.split('\n').slice(0, -1)) assert.doesNotThrow(() => JSON.parse(line), line.slice(0, 200));
});

test('a table that is locked: the answer is 503 after 10 s, not silence', async () => {
  const lock = spawn('psql', ['-XAtq', '-d', h.env.DATABASE_URL, '-c', 'BEGIN; LOCK TABLE messages IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(20)'], { stdio: 'ignore' });
  await until('it is locked', () => h.sql("SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND relation = 'messages'::regclass AND granted") === '1', 10);
  const at = Date.now();
  const r = await call(`${g.url}/v1/messages`, { headers: { authorization: `Bearer ${KEY}` } });
  assert.deepEqual([r.status, Date.now() - at < 12000], [503, true]);
  assert.ok(Number(r.headers.get('retry-after')) >= 1);
  h.sql("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND relation = 'messages'::regclass");
  await once(lock, 'close');
});

test('a client that is gone before its answer: what it asked for is done', async () => {
  const body = JSON.stringify({ to: guest(77), body: 'The client of this one is gone.' });
  const s = net.connect(new URL(g.url).port, '127.0.0.1', () => s.write(
    `POST /v1/messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${KEY}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    () => s.resetAndDestroy()));
  s.on('error', () => {});
  await until('it is sent', () => Number(h.sql(`SELECT count(*) FROM messages WHERE phone = '${guest(77)}' AND state IN ('sent', 'delivered')`)) === 1, 15);
});

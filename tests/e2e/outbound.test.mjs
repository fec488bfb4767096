// outbound.test.mjs - carriers that are not who they say, or not there: not a byte of a text leaves, it goes by the other
// carrier, the attempt says why; and a name or network that hangs holds nothing up.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { after, before, test } from 'node:test';
import tls from 'node:tls';
import { call, freePort, guest, house, until } from './house.mjs';

let h, n = 200;
before(async () => { h = await house({ prism: false }); makeAuthority(); });
after(() => h?.close());

const run = (...args) => execFileSync('openssl', args, { cwd: h.dir, stdio: 'pipe' });
const EC = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

function makeAuthority() {
  run('req', '-x509', ...EC, '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '30', '-subj', '/CN=test');
}

function certificate(name, host, days) {
  writeFileSync(`${h.dir}/ext`, `subjectAltName=DNS:${host}`);
  run('req', ...EC, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${host}`);
  run('x509', '-req', '-in', `${name}.csr`, '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', `${days}`, '-extfile', 'ext', '-out', `${name}.pem`);
  return { key: readFileSync(`${h.dir}/${name}.key`), cert: readFileSync(`${h.dir}/${name}.pem`) };
}

/** Listens as a carrier would; what it could read of a request is in s.read. */
async function carrier(options) {
  const s = options ? tls.createServer(options) : net.createServer();
  s.read = '';
  s.tried = 0;
  s.on(options ? 'secureConnection' : 'connection', (c) => { c.on('data', (d) => { s.read += d; }).on('error', () => {}); });
  s.on('connection', (c) => { s.tried++; c.on('error', () => {}); }).on('tlsClientError', () => {});
  s.listen(0, '127.0.0.1');
  await once(s, 'listening');
  s.url = `https://localhost:${s.address().port}`;
  return s;
}

/** Texts by way of a gateway whose Twilio is there; how long it took to arrive by Telnyx. */
async function texts(t, twilio, env = {}) {
  const g = await h.gateway({ PORT: '0', TWILIO_BASE_URL: twilio, SEND_TIMEOUT_S: '3', SSL_CERT_FILE: `${h.dir}/ca.pem`, ...env });
  t.after(async () => { await g.stop(); await h.heal(); });
  const to = guest(n++), at = Date.now();
  const r = await call(`${g.url}/v1/messages`, { body: { to, body: 'Your table is ready.' }, headers: { authorization: 'Bearer mk_test_0000000000000000000000000001' } });
  assert.equal(r.status, 202);
  const rows = () => h.sql(`SELECT a.provider || ' ' || a.state FROM attempts a WHERE a.message_id = '${r.json.id}' ORDER BY a.ordinal`).split('\n');
  const seen = await until(`by Telnyx: ${rows()}`, () => rows().some((s) => /^telnyx (accepted|sent|delivered)/.test(s)) && rows(), 20);
  const ms = Date.now() - at;
  return { seen, ms, said: h.sql(`SELECT sentence FROM attempts WHERE message_id = '${r.json.id}' AND provider = 'twilio' ORDER BY ordinal LIMIT 1`) };
}

for (const [name, make, why] of [
  ['expired', () => certificate('expired', 'localhost', -1), /expired/],
  ['of another name', () => certificate('other', 'api.example.com', 10), /subject name/],
  ['signed by itself', () => { run('req', '-x509', ...EC, '-keyout', 'self.key', '-out', 'self.pem', '-days', '9', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost');
    return { key: readFileSync(`${h.dir}/self.key`), cert: readFileSync(`${h.dir}/self.pem`) }; }, /self.signed/],
  ['of TLS 1.1', () => ({ ...certificate('old', 'localhost', 10), minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }), /protocol|alert|unsupported/i],
]) test(`a carrier whose certificate is ${name}: nothing is sent to it`, async (t) => {
  const s = await carrier(make());
  t.after(() => s.close());
  const { said, seen } = await texts(t, s.url);
  assert.ok(s.tried > 0, 'it was tried');
  assert.equal(s.read, '', 'nothing of a text, no password');
  assert.match(seen[0], /^twilio (rejected|not_sent|failed|refused)/);
  assert.match(said, why, 'an operator can read why');
});

test('a handshake that never ends: not sent, and the other carrier has it within the time-out', async (t) => {
  const s = await carrier(null);
  t.after(() => s.close());
  const { seen, ms } = await texts(t, s.url);
  assert.ok(ms < 8000, `${ms} ms`);
  assert.match(seen[0], /^twilio (rejected|not_sent|failed|refused)/);
  assert.doesNotMatch(s.read, /POST|Your table/, 'a hello of TLS at most');
});

test('a name that does not exist: not sent, and the other carrier has it', async (t) => {
  const { seen } = await texts(t, 'https://nowhere.invalid');
  assert.match(seen[0], /^twilio (rejected|not_sent|failed|refused)/);
});

test('IPv6 leads nowhere: IPv4 within a second', async (t) => {
  // a backlog that is full: the kernel drops what comes, as a network does that leads nowhere
  const port = await freePort();
  const hole = execFileSync('python3', ['-c', 'import socket\ntry:\n s=socket.socket(socket.AF_INET6);s.bind(("::1",0));print("yes")\nexcept OSError:print("no")']).toString().trim();
  assert.equal(hole, 'yes', 'this machine has ::1');
  const { spawn } = await import('node:child_process');
  const blackhole = spawn('python3', ['-c', `import socket,time
s=socket.socket(socket.AF_INET6);s.setsockopt(socket.SOL_SOCKET,socket.SO_REUSEADDR,1);s.bind(("::1",${port}));s.listen(0)
held=[]
for i in range(4):
  c=socket.socket(socket.AF_INET6);c.setblocking(False)
  try: c.connect(("::1",${port}))
  except BlockingIOError: pass
  held.append(c)
print("ready",flush=True);time.sleep(60)`]);
  t.after(() => blackhole.kill());
  await once(blackhole.stdout, 'data');
  let asked = 0;
  const real = new URL(h.twilioUrl);
  const four = http.createServer((req, res) => { // on to the simulated Twilio
    asked++;
    req.pipe(http.request({ host: real.hostname, port: real.port, path: req.url, method: req.method, headers: req.headers }, (r) => {
      res.writeHead(r.statusCode, r.headers); r.pipe(res); }));
  }).listen(port, '127.0.0.1');
  await once(four, 'listening');
  t.after(() => four.close());
  const g = await h.gateway({ PORT: '0', TWILIO_BASE_URL: `http://localhost:${port}`, SEND_TIMEOUT_S: '5' });
  t.after(() => g.stop());
  const to = guest(n++), at = Date.now();
  const r = await call(`${g.url}/v1/messages`, { body: { to, body: 'Your table is ready.' }, headers: { authorization: 'Bearer mk_test_0000000000000000000000000001' } });
  assert.equal(r.status, 202);
  await until('it is asked', () => asked > 0, 5);
  assert.ok(Date.now() - at < 1500, `${Date.now() - at} ms, with the queue`);
});

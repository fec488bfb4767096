// attack.test.mjs - `make attack`: other people's tools against the real thing on this machine, with simulated carriers.
// testssl.sh on our TLS, slowhttptest, sqlmap and wapiti; and the API's p99 beside thousands of slow clients and idle streams.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { call, each, guest, house, KEY, maitred, until } from '../e2e/house.mjs';

const tools = path.join(path.dirname(maitred), 'attack');
let h;
before(async () => {
  h = await house({ prism: false });
  mkdirSync(tools, { recursive: true });
  for (const [name, libs] of [['load', ['-lcrypto']], ['streams', []]])
    execFileSync('gcc', ['-O2', '-std=gnu11', '-D_GNU_SOURCE', '-Wno-deprecated-declarations', '-o', `${tools}/${name}`, `tests/bench/${name}.c`, ...libs]);
});
after(() => h?.close());

/** Runs a tool for at most so long; what it said. */
async function run(command, args, seconds, options = {}) {
  const p = spawn(command, args, { cwd: h.dir, env: { ...process.env, HOME: h.dir, TERM: 'dumb' }, stdio: ['ignore', 'pipe', 'pipe'], ...options });
  let said = '';
  for (const out of [p.stdout, p.stderr]) out.on('data', (d) => { said += d; });
  const timer = setTimeout(() => p.kill('SIGINT'), seconds * 1000);
  const hard = setTimeout(() => p.kill('SIGKILL'), (seconds + 20) * 1000);
  await once(p, 'close');
  clearTimeout(timer); clearTimeout(hard);
  return said;
}

const alive = async (g) => assert.equal((await call(`${g.url}/readyz`)).status, 200, 'it lives and takes work');

test('testssl.sh: nothing from LOW upwards but that nobody vouches for the certificate', async (t) => {
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '90', '-subj', '/CN=localhost',
    '-addext', 'subjectAltName=DNS:localhost', '-keyout', `${h.dir}/key.pem`, '-out', `${h.dir}/cert.pem`], { stdio: 'ignore' });
  const g = await h.gateway({ PORT: '0', PUBLIC_URL: 'https://localhost', TLS_CERT_FILE: `${h.dir}/cert.pem`, TLS_KEY_FILE: `${h.dir}/key.pem` });
  t.after(() => g.stop());
  const said = await run('testssl', ['--quiet', '--color', '0', '--warnings', 'off', '--ip', '127.0.0.1', '--nodns', 'min',
    '--jsonfile', `${h.dir}/ssl.json`, `localhost:${new URL(g.url).port}`], 300);
  const rows = JSON.parse(readFileSync(`${h.dir}/ssl.json`, 'utf8'));
  // BREACH: only files of the console are compressed, which hold no secret and nothing that was sent
  const bad = rows.filter((r) => ['LOW', 'MEDIUM', 'HIGH', 'CRITICAL', 'FATAL'].includes(r.severity) &&
    !/^(cert_chain_of_trust|cert_revocation|cert_crlDistributionPoints|cert_ocsp|OCSP_stapling|DNS_CAArecord|cert_trust|overall_grade|grade_cap|cert_expirationStatus|cert_extlifeSpan|BREACH)/.test(r.id));
  t.diagnostic(`${rows.length} findings, ${rows.filter((r) => r.severity === 'OK').length} ok; grade ${rows.find((r) => r.id === 'overall_grade')?.finding}`);
  assert.ok(rows.filter((r) => r.severity === 'OK').length > 20, said.slice(-2000));
  assert.deepEqual(bad.map((r) => `${r.severity} ${r.id}: ${r.finding}`), []);
  await until('it runs', async () => !g.end, 1);
});

/** p99 in ms of 1,500 requests, 200 a second. */
async function p99(g, keys = KEY) {
  const said = await run(`${tools}/load`, ['get', '-p', new URL(g.url).port, '-t', '/v1/messages?limit=5', '-k', keys, '-n', '1500', '-c', '20', '-r', '200'], 60);
  assert.match(said, /refused=0/, said);
  return Number(said.match(/p99=([\d.]+)/)[1]);
}

const busy = (g, kind, num, seconds) => run('slowhttptest', [...kind, '-c', `${num}`, '-r', '2000', '-i', '5', '-l', `${seconds}`, '-p', '3', '-u', `${g.url}/v1/login`], seconds + 15);

for (const [name, kind] of [['headers', ['-H']], ['bodies', ['-B', '-s', '8192']], ['readers', ['-X', '-w', '10', '-y', '20', '-z', '5', '-n', '2']]])
  test(`slowhttptest: 1,000 slow ${name} shut nobody out, and are gone in time`, async (t) => {
    const g = await h.gateway({ PORT: '0', REQUEST_S: '5', IDLE_S: '30', CONNECTIONS_PER_ADDRESS: '0', OPERATOR_TOKEN: 'operator-token-of-the-attack' });
    t.after(() => g.stop());
    const slow = busy(g, kind, 1000, 20);
    await sleep(2000);
    const ms = await p99(g);
    const said = await slow;
    t.diagnostic(`p99 of others ${ms} ms`);
    assert.ok(ms < 1000, `${ms} ms`);
    assert.match(said, /service available:[^A-Z]*YES/, said.slice(-800));
    assert.doesNotMatch(said, /service available:[^A-Z]*NO/, said.slice(-800));
    await until('they are gone', async () => {
      const r = await call(`${g.url}/metrics`, { headers: { authorization: 'Bearer operator-token-of-the-attack' } });
      return Number(r.text.match(/^maitred_http_connections_open (\d+)/m)[1]) < 30;
    }, 20);
    await alive(g);
  });

test('10,000 slow clients and 10,000 idle streams: the p99 of the API within twice', async (t) => {
  const most = Number(execFileSync('sh', ['-c', 'ulimit -Hn'])), num = Math.min(10000, Math.floor((most - 600) / 2 / 50) * 50);
  h.sql(`INSERT INTO accounts (account_id, name) SELECT 'acc_bench' || i, 'Bench' FROM generate_series(0, ${num / 50 - 1}) i;
    INSERT INTO api_keys (account_id, key_id, name, hash) SELECT 'acc_bench' || i, 'key_bench' || i, 'bench',
      encode(sha256(convert_to('mk_bench_' || i, 'UTF8')), 'hex') FROM generate_series(0, ${num / 50 - 1}) i`);
  const g = await h.gateway({ PORT: '0', MAX_CONNECTIONS: '30000', CONNECTIONS_PER_ADDRESS: '0', REQUEST_S: '60' });
  t.after(() => g.stop());
  const median = async () => { const all = []; for (let i = 0; i < 3; i++) all.push(await p99(g)); return all.sort((a, b) => a - b)[1]; };
  await p99(g);
  const alone = await median();
  const streams = spawn(`${tools}/streams`, [new URL(g.url).port, `${num}`, '50'], { stdio: ['pipe', 'pipe', 'inherit'] });
  t.after(() => streams.kill());
  let said = '';
  streams.stdout.on('data', (d) => { said += d; });
  await until('the streams are open', () => said.includes(`open=${num}`), 60);
  const streaming = await median();
  const slow = [], { port } = new URL(g.url);
  await each(num, 100, async () => {
    const c = net.connect(port, '127.0.0.1');
    c.on('error', () => {});
    await once(c, 'connect');
    c.write('POST /v1/login HTTP/1.1\r\nHost: x\r\nContent-Length: 9000\r\n');
    slow.push(c);
  });
  let next = 0; // each writes a line every 15 s, not all of them in one moment
  const drip = setInterval(() => { for (let i = 0; i < num / 1500; i++) slow[next++ % num].write('X-A: 1\r\n'); }, 10);
  t.after(() => { clearInterval(drip); for (const c of slow) c.destroy(); });
  const sockets = () => Number(execFileSync('sh', ['-c', `ls /proc/${g.child.pid}/fd | wc -l`]));
  await until('the slow ones are there', () => sockets() > num * 1.9, 30);
  const open = sockets(), beside = await median();
  t.diagnostic(`${open} descriptors; p99 alone ${alone} ms, beside the streams ${streaming} ms, beside ${num} slow clients and ${num} streams ${beside} ms: ${(beside / alone).toFixed(2)} times`);
  assert.ok(beside <= 2 * alone, `${beside} ms, alone ${alone} ms`);
  await alive(g);
});

test('sqlmap finds nothing to inject into', async (t) => {
  const g = await h.gateway({ PORT: '0', TRUST_PROXY: 'yes' }); // each request comes from another address
  t.after(() => g.stop());
  const common = ['--batch', '--flush-session', '--level=2', '--risk=2', '--threads=4', '--disable-coloring', '--timeout=10', '--technique=BEUST', '--time-sec=2', '--ignore-code=*', '--tamper=xforwardedfor',
    `--output-dir=${h.dir}/sqlmap`, `--headers=Authorization: Bearer ${KEY}`];
  const to = guest(5);
  for (const args of [
    ['-u', `${g.url}/v1/messages?limit=3&cursor=x&conversation=cnv_x`],
    ['-u', `${g.url}/v1/messages/msg_x*`],
    ['-u', `${g.url}/v1/guests/find`, '--method=POST', '--data', JSON.stringify({ phone: to })],
    ['-u', `${g.url}/v1/login`, '--method=POST', '--data', JSON.stringify({ login: 'a@example.com', password: 'x' })],
    ['-u', `${g.url}/g/abc*`],
  ]) {
    const said = await run('sqlmap', [...common, ...args], 45);
    // "appears to be injectable" is its guess, as when a limit begins to answer; this is what it says when it has looked
    assert.doesNotMatch(said, /is vulnerable|identified the following injection/i, `${args[1]}\n${said.slice(-1500)}`);
    assert.match(said, /testing|tested/i, said.slice(-1500));
  }
  await alive(g);
});

test('wapiti finds nothing in the pages', async (t) => {
  const g = await h.gateway({ PORT: '0' });
  t.after(() => g.stop());
  const report = `${h.dir}/wapiti.json`;
  const said = await run('wapiti', ['-u', `${g.url}/`, '-s', `${g.url}/join`, '-s', `${g.url}/docs`, '-s', `${g.url}/status`, '-s', `${g.url}/w/abc?lang=en`, '--scope', 'domain', '--flush-session',
    '--max-scan-time', '60', '--max-attack-time', '10', '-d', '3', '-f', 'json', '-o', report, '--color', '-v', '0'].filter((a) => a !== '--color'), 120);
  const found = JSON.parse(readFileSync(report, 'utf8').toString());
  const list = Object.entries({ ...found.vulnerabilities, ...found.anomalies }).filter(([, v]) => v.length).flatMap(([k, v]) => v.map((x) => `${k}: ${x.info} ${x.path ?? ''}`));
  // frame-ancestors says more than X-Frame-Options; no browser reads X-XSS-Protection any more; this is not https
  const real = list.filter((l) => !/X-Frame-Options|X-XSS-Protection|Strict-Transport-Security/.test(l));
  t.diagnostic(`${list.length} remarks`);
  assert.deepEqual(real, [], said.slice(-500));
  await alive(g);
});

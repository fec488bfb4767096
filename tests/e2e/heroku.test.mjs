// heroku.test.mjs - maitred as Heroku starts it, without Heroku: the commands of Procfile with the settings that
// app.json would make, $PORT and dyno metadata, behind a stand-in for its router. `make check-image` runs the
// same in the image's files (IMAGE=): here it is the release build.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { axe_clean, browse, page_of, shot } from './browser.mjs';
import { call, freePort, guest, house, KEY, maitred, until } from './house.mjs';
import { router } from './router.mjs';
import { stream } from './sse.mjs';

const { IMAGE } = process.env;
const folder = path.dirname(process.env.MAITRED_RELEASE ?? maitred);
const commands = Object.fromEntries(readFileSync('Procfile', 'utf8').trim().split('\n').map((l) => l.split(/: (.*)/)));

let h, r, bridge, web, board;
before(async () => {
  h = await house({ prism: false });
  r = await router(h.dir, new URL(h.gatewayUrl).port);
  const socket = new URL(h.env.DATABASE_URL).searchParams.get('host');
  bridge = net.createServer((c) => { // the database by TCP, as Heroku has it
    const db = net.connect(`${socket}/.s.PGSQL.5432`);
    for (const end of [c, db]) end.on('error', () => {});
    c.pipe(db).pipe(c);
  }).listen(0, '127.0.0.1');
  await once(bridge, 'listening');
  if (!IMAGE) return;
  mkdirSync(path.join(IMAGE, h.dir, 'mail'), { recursive: true });
  chmodSync(path.join(IMAGE, h.dir, 'mail'), 0o777);
  rmSync(path.join(h.dir, 'mail'), { recursive: true });
  symlinkSync(path.join(IMAGE, h.dir, 'mail'), path.join(h.dir, 'mail'));
});
after(async () => {
  board?.cut();
  bridge?.close();
  await r?.close();
  for (const p of processes) if (p.exitCode === null) p.kill('SIGKILL');
  await h?.close();
});

/** A URL of the database, as the one of an add-on. */
const database = (name = 'maitred', host = '127.0.0.1') => `postgres://maitred@${host}:${bridge.address().port}/${name}`;

/** What a deployment by the button sets: app.json's values, secrets that it makes, and what the owner typed. */
function settings() {
  const { env } = JSON.parse(readFileSync('app.json', 'utf8'));
  const made = {};
  for (const [name, { value, generator }] of Object.entries(env)) {
    if (value !== undefined) made[name] = value;
    if (generator === 'secret') made[name] = randomBytes(32).toString('hex');
  }
  return { ...made, ...h.credentials, PUBLIC_URL: r.url, MAIL_URL: h.env.MAIL_URL, MAIL_FROM: h.env.MAIL_FROM,
           PASSWORD_COST: '4', PACE_10DLC: '0', DATABASE_URL: database() };
}

const metadata = (DYNO) => ({ DYNO, HEROKU_APP_NAME: 'chez-ana', HEROKU_RELEASE_VERSION: 'v42', HEROKU_SLUG_COMMIT: 'abc123' });
const processes = [];

/** A dyno: a command of Procfile, by a shell, with nothing in its environment but this. */
function dyno(type, env) {
  const args = ['-c', `exec ${commands[type]}`]; // Heroku signals every process of a dyno: here there is one
  const root = IMAGE ? ['/usr/sbin/chroot', ['--userspec=maitred:maitred', IMAGE, '/bin/sh', ...args]] : ['/bin/sh', args];
  const p = spawn(...root, {
    cwd: '/', env: { PATH: IMAGE ? '/usr/local/bin:/usr/bin:/bin' : `${folder}:/usr/bin:/bin`,
                     ASAN_OPTIONS: process.env.ASAN_OPTIONS ?? '', ...env },
  });
  p.said = '';
  for (const out of [p.stdout, p.stderr]) out.on('data', (d) => { p.said += d; });
  p.ended = once(p, 'close').then(([code, signal]) => signal ?? code);
  processes.push(p);
  p.lines = () => p.said.split('\n').filter((l) => l.startsWith('{')).map((l) => JSON.parse(l));
  p.line = (event, more = () => true) => until(`${type} says ${event}: ${p.said.slice(-3000)}`, () => {
    assert.equal(p.exitCode, null, p.said);
    return p.lines().find((l) => l.event === event && more(l));
  });
  return p;
}

async function start_web(env = {}) {
  const PORT = String(await freePort()), begun = Date.now();
  const p = dyno('web', { ...settings(), ...metadata('web.1'), ...env, PORT });
  p.url = `http://127.0.0.1:${PORT}`;
  await until(`it answers: ${p.said}`, () => call(`${p.url}/healthz`).then((a) => a.status === 200, () => false), 60);
  p.boot_ms = Date.now() - begun;
  return p;
}

test('the release phase needs DATABASE_URL and nothing else, and may run again', async () => {
  for (let i = 0; i < 2; i++) {
    const release = dyno('release', { DATABASE_URL: database(), ...metadata('release.1') });
    assert.equal(await release.ended, 0, release.said);
  }
  const without = dyno('release', metadata('release.1'));
  assert.notEqual(await without.ended, 0);
  assert.match(without.said, /DATABASE_URL is missing/);
});

test('a database on another machine is asked for TLS, unless the URL says otherwise', async () => {
  const DATABASE_URL = database('maitred', '0x7f000001'); // 127.0.0.1, and does not look like it
  const asked = dyno('release', { DATABASE_URL });
  assert.notEqual(await asked.ended, 0);
  assert.match(asked.said, /SSL was required/);
  const told = dyno('release', { DATABASE_URL: `${DATABASE_URL}?sslmode=disable` });
  assert.equal(await told.ended, 0, told.said);
});

test('web is up well within 60 s, on $PORT, and live events begin through the router', async (t) => {
  web = await start_web();
  t.diagnostic(`it answered after ${web.boot_ms} ms`);
  assert.ok(web.boot_ms < 10_000);
  await r.add(web.url);
  await until('it is ready', () => call(`${r.url}/readyz`).then((a) => a.status === 200), 10);
  board = await stream(r.url).opened();
  assert.equal(board.status, 200);
  board.begun = Date.now();
});

test('nothing is set: a page says what, by name and without values; the rest says that it is not ready', async (t) => {
  const p = await start_web(Object.fromEntries([...Object.keys(settings()), ...Object.keys(metadata(''))].map((n) => [n, ''])));
  const page = await fetch(`${p.url}/anything?x=1`);
  const text = await page.text();
  assert.equal(page.status, 503);
  assert.match(page.headers.get('content-type'), /^text\/html/);
  assert.equal(page.headers.get('retry-after'), '60');
  assert.equal(page.headers.get('cache-control'), 'no-store');
  assert.match(page.headers.get('content-security-policy'), /^default-src 'none'; style-src 'sha256-[^']+'; img-src data:;/);
  assert.doesNotMatch(text, /<script|style=|onload/);
  for (const name of ['DATABASE_URL', 'PRIVACY_KEY', 'PUBLIC_URL', 'TWILIO_ACCOUNT_SID'])
    for (const where of [text, p.said]) assert.ok(where.includes(name), name);
  assert.ok(text.includes('heroku config:set PRIVACY_KEY=&quot;$(openssl rand -base64 32)&quot;'), text);

  const api = await call(`${p.url}/v1/session`);
  assert.deepEqual([api.status, api.json.code, api.headers.get('retry-after')], [503, 'unavailable', '2']);
  assert.equal((await call(`${p.url}/healthz`)).status, 200);
  assert.equal((await call(`${p.url}/readyz`)).status, 503);

  const browser = await browse(t, h.dir);
  for (const [size, dark] of [['phone', false], ['phone', true], ['tablet', false], ['desktop', false], ['desktop', true]]) {
    const view = await page_of(browser, { size, dark });
    await view.goto(p.url);
    await axe_clean(view);
    await shot(view, `setup-${size}${dark ? '-dark' : ''}`);
    assert.deepEqual(view.problems.filter((s) => !/503/.test(s)), []);
  }
  p.kill('SIGTERM');
  assert.equal(await p.ended, 0);
});

test('a wrong setting is on the page, its value is not; nor is there a way in', async () => {
  const p = await start_web({ PUBLIC_URL: 'ftp://hunter2', SESSION_KEYS: 'hunter2', PRIVACY_KEY: 'hunter2',
                              WORKERS: 'hunter2', MAIL_URL: 'http://hunter2', DD_AGENT_HOST: 'hunter2', CORS_ORIGINS: 'hunter2',
                              PROCESSES: '99', TELNYX_PUBLIC_KEY: 'hunter2' });
  const text = await (await fetch(p.url)).text();
  for (const name of ['PUBLIC_URL', 'SESSION_KEYS', 'PRIVACY_KEY', 'WORKERS', 'MAIL_URL', 'DD_AGENT_HOST', 'CORS_ORIGINS', 'TELNYX_PUBLIC_KEY'])
    assert.ok(text.includes(name), name);
  assert.doesNotMatch(text + p.said, /hunter2/);
  p.kill('SIGTERM');
  assert.equal(await p.ended, 0);

  const few = await start_web({ PROCESSES: '99' });
  assert.match(await (await fetch(few.url)).text(), /DATABASE_CONNECTIONS is too low: 99 workers/);
  few.kill('SIGTERM');
  assert.equal(await few.ended, 0);
});

test('a database without its schema: the page says so', async () => {
  execFileSync('psql', ['-Xq', '-d', h.postgres('url', h.dir, 'postgres'), '-c', 'CREATE DATABASE bare']);
  const p = await start_web({ DATABASE_URL: database('bare') });
  assert.match(await (await fetch(p.url)).text(), /The database has no schema of this version/);
  p.kill('SIGTERM');
  assert.equal(await p.ended, 0);
});

test('somebody signs up and signs in through the router; their address is the one that the router saw', async () => {
  const person = { email: 'ana@example.com', password: 'Correct-horse-7', name: 'Ana', venue: 'Chez Ana' };
  const spoofed = { 'x-forwarded-for': '203.0.113.9' };
  assert.equal((await call(`${r.url}/v1/signup`, { body: person, headers: spoofed })).status, 202);
  const joined = await call(`${r.url}/v1/join`, { body: { token: await h.code(person.email) }, headers: spoofed });
  assert.equal(joined.status, 201, joined.text);
  const session = await call(`${r.url}/v1/login`, { body: { login: person.email, password: person.password }, headers: spoofed });
  assert.equal(session.status, 201, session.text);
  const headers = { authorization: `Bearer ${session.json.token}` };
  assert.equal((await call(`${r.url}/v1/me`, { headers })).status, 200);
  const entries = (await call(`${r.url}/v1/audit`, { headers })).json.data;
  assert.deepEqual([...new Set(entries.map((e) => e.ip).filter(Boolean))], ['127.0.0.1']);
  const page = await call(`${r.url}/`);
  assert.match(page.text, /<!doctype html>/i);
});

test('lines of the log name the request as the router does, the release and the dyno', async () => {
  const id = '0f8fad5b-d9cb-469f-a165-70867728950e';
  const sent = await call(`${r.url}/v1/messages`, {
    body: { to: guest(1), body: 'Your table is ready.' }, headers: { authorization: `Bearer ${KEY}`, 'x-request-id': id,
               traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' },
  });
  assert.equal(sent.status, 202, sent.text);
  assert.equal(sent.headers.get('x-request-id'), id);
  const line = await web.line('message_accepted', (l) => l['http.request_id'] === id);
  assert.deepEqual([line.service, line.version, line.host], ['maitred', 'v42', 'web.1']);
});

test('web and worker share the queue and what a plan allows of connections', async () => {
  const count = () => Number(h.sql("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'maitred'"));
  assert.equal(count(), 4); // (20 - 2) / 4
  const worker = dyno('worker', { ...settings(), ...metadata('worker.1') });
  assert.equal((await worker.line('ready')).host, 'worker.1');
  assert.equal(count(), 4 + 2);
  const ids = [];
  for (let i = 0; i < 40; i++) {
    const a = await call(`${r.url}/v1/messages`, { body: { to: guest(100 + i), body: 'Your table is ready.' }, headers: { authorization: `Bearer ${KEY}` } });
    assert.equal(a.status, 202, a.text);
    ids.push(a.json.id);
  }
  await until('all are delivered', () => h.states().delivered === 41, 30);
  assert.equal((await h.summary()).doubled, 0);
  worker.kill('SIGTERM');
  assert.equal(await worker.ended, 0);
});

test('a stream stays for longer than the router waits, with something to hear at least every 20 s', { timeout: 60_000 }, async () => {
  let heard = 0, silent = Date.now();
  while (Date.now() - board.begun < 33_000) {
    assert.ok(!board.error && board.response && !board.response.complete, 'the stream has ended');
    const all = board.comments + board.events.length;
    if (all > heard) [heard, silent] = [all, Date.now()];
    assert.ok(Date.now() - silent < 20_000);
    await sleep(200);
  }
  assert.ok(board.comments >= 1);
});

test('SIGTERM, and again: what it answers ends its connection, the board is told to come back, it ends in time', async () => {
  const begun = Date.now(), agent = new http.Agent({ keepAlive: true });
  web.kill('SIGTERM');
  await web.line('stopping');
  web.kill('SIGTERM');
  const last = await new Promise((resolve, reject) => {
    http.get(`${web.url}/readyz`, { agent }, (a) => { a.resume(); resolve(a); }).on('error', reject);
  });
  assert.deepEqual([last.statusCode, last.headers.connection], [503, 'close']);
  const late = await call(`${r.url}/v1/messages`, {
    body: { to: guest(2), body: 'Your table is ready.' }, headers: { authorization: `Bearer ${KEY}` },
  });
  assert.equal(late.status, 202); // taken, and kept for whoever comes
  assert.equal(await web.ended, 0, web.said);
  assert.ok(Date.now() - begun < 25_000);
  await board.closed;
  assert.ok(board.complete, 'the stream came to an end, and was not cut');
  assert.equal(h.sql(`SELECT state FROM messages WHERE message_id = '${late.json.id}'`), 'queued');
});

test('SIGTERM while it starts ends it as well, in order once it has begun', async () => {
  const ends = [];
  for (let ms = 5; ms < 150; ms += 15) {
    const p = dyno('web', { ...settings(), PORT: String(await freePort()), LINGER_S: '0' });
    await until('the program runs', () => readFileSync(`/proc/${p.pid}/cmdline`, 'utf8').startsWith('maitred'));
    await sleep(ms);
    p.kill('SIGTERM');
    ends.push(await p.ended);
    assert.ok(ends.at(-1) === 0 || !p.said, `${ms} ms: ${ends.at(-1)} ${p.said}`); // else its libraries were being loaded
  }
  assert.ok(ends.includes(0));
});

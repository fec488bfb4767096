// sandbox.test.mjs - the process as it runs: what the kernel says that it gave up, what of secrets can be found in its
// environment and memory, and that it says so when it has no sandbox. The release binary: it is the one that is run.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync, readSync, readdirSync, readlinkSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { call, house, until } from './house.mjs';

const release = process.env.MAITRED_RELEASE;
const PASSWORD = 'Tortoise-Umbrella-93', WRONG = 'Umbrella-Tortoise-39';
let h, crashes;
const started = [];
before(async () => {
  h = await house({ prism: false });
  crashes = path.join(h.dir, 'crashes');
  mkdirSync(crashes);
});
after(async () => {
  for (const p of started) if (p.child.exitCode === null) p.child.kill('SIGKILL');
  await h?.close();
});

async function start(env = {}, args = ['serve']) {
  const p = { output: '' };
  p.child = spawn(release, args, { env: { ...process.env, ...h.env, PORT: '0', CRASH_DIR: crashes, PGPASSWORD: 'stays-for-libpq', ...env } });
  started.push(p);
  p.child.stderr.on('data', (d) => { p.output += d; });
  p.end = once(p.child, 'close');
  p.lines = (event) => p.output.split('\n').filter((l) => l.startsWith('{')).map((l) => JSON.parse(l)).filter((l) => l.event === event);
  await until(`ready: ${p.output}`, () => p.lines('ready')[0] ?? p.lines('setup')[0]);
  p.url = `http://127.0.0.1:${(p.lines('ready')[0] ?? p.lines('setup')[0]).port}`;
  return p;
}
const proc = (p, file) => readFileSync(`/proc/${p.child.pid}/${file}`, 'utf8');
const stop = async (p) => { p.child.kill('SIGTERM'); assert.deepEqual(await p.end, [0, null]); };

test('every thread is in it: no new privileges, seccomp; no core; and the log says so', async () => {
  const p = await start({ WORKERS: '2' });
  const [line] = p.lines('sandbox');
  assert.deepEqual([line.status, line.calls, line.files], ['info', 'yes', 'yes']);
  const threads = readdirSync(`/proc/${p.child.pid}/task`);
  assert.ok(threads.length > 4);
  for (const thread of threads) {
    const status = proc(p, `task/${thread}/status`);
    assert.match(status, /^NoNewPrivs:\t1$/m);
    assert.match(status, /^Seccomp:\t2$/m);
  }
  assert.match(proc(p, 'limits'), /^Max core file size +0 +0 /m);
  await stop(p);
});

test('the page that says what is missing is in it too', async () => {
  const p = await start({ DATABASE_URL: '', PUBLIC_URL: '' }, ['serve', '--setup']);
  assert.equal((await call(`${p.url}/healthz`)).status, 200);
  assert.match(proc(p, 'status'), /^Seccomp:\t2$/m);
  await stop(p);
});

test('its environment, which others of its user can read, holds none of the secrets', async () => {
  const p = await start();
  const seen = proc(p, 'environ');
  for (const name of ['DATABASE_URL', 'PRIVACY_KEY', 'SESSION_KEYS', 'TWILIO_AUTH_TOKEN', 'TELNYX_API_KEY']) {
    assert.ok(h.env[name].length > 8, name);
    assert.ok(seen.includes(`${name}=`) && !seen.includes(h.env[name]), name);
  }
  assert.ok(seen.includes(`PUBLIC_URL=${h.env.PUBLIC_URL}`));
  await stop(p);
});

/** The parts of its writable memory that hold one of `words`. */
function found(p, words) {
  const fd = openSync(`/proc/${p.child.pid}/mem`), places = [];
  for (const [, from, to, name] of proc(p, 'maps').matchAll(/^(\w+)-(\w+) rw\S* \S+ \S+ \S+ *(.*)$/gm)) {
    const begin = parseInt(from, 16), bytes = Buffer.alloc(Math.min(parseInt(to, 16) - begin, 1 << 28));
    let n = 0;
    try { n = readSync(fd, bytes, 0, bytes.length, begin); } catch { continue; } // a guard page, or never touched
    for (const word of words) if (bytes.subarray(0, n).includes(word)) places.push(`${word} in ${name || 'anonymous memory'}`);
  }
  closeSync(fd);
  return places;
}

test('a password that was typed, right or wrong, is nowhere in its memory when it has answered', async () => {
  const p = await start({ SANDBOX: 'off' }); // else only root may look
  const json = (body) => ({ body, headers: { connection: 'close' } });
  assert.ok(found(p, [h.env.PRIVACY_KEY]).length, 'what it still needs is found');
  assert.equal((await call(`${p.url}/v1/signup`, json({ email: 'ana@example.com', password: PASSWORD, name: 'Ana', venue: 'Ana' }))).status, 202);
  assert.equal((await call(`${p.url}/v1/login`, json({ login: 'ana@example.com', password: WRONG }))).status, 401);
  let left; // the answer is there before the request is let go of
  await until('nothing is left', () => { left = found(p, [PASSWORD, WRONG]); return !left.length; }, 5).catch(() => {});
  assert.deepEqual(left, []);
  await stop(p);
});

test('systemd is told when it takes work, and when it stops', async () => {
  const NOTIFY_SOCKET = path.join(h.dir, 'notify'); // node has no datagrams of this machine
  const ear = spawn('python3', ['-uc', 'import socket, sys\ns = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)\ns.bind(sys.argv[1])\nprint("up")\nwhile 1: print(s.recv(99).decode())', NOTIFY_SOCKET]);
  let heard = '';
  ear.stdout.on('data', (d) => { heard += d; });
  await until('it listens', () => heard === 'up\n');
  const p = await start({ NOTIFY_SOCKET });
  await until('ready', () => heard === 'up\nREADY=1\n');
  await stop(p);
  await until('stopping', () => heard === 'up\nREADY=1\nSTOPPING=1\n');
  ear.kill();
});

test('SANDBOX=off leaves it out, and warns', async () => {
  const p = await start({ SANDBOX: 'off' });
  assert.match(proc(p, 'status'), /^Seccomp:\t0$/m);
  assert.deepEqual(p.lines('sandbox').map((l) => l.status), ['warn']);
  await stop(p);
});

test('it keeps no descriptor open but for its loops, sockets and its own folder of /proc', async () => {
  const p = await start();
  const kinds = readdirSync(`/proc/${p.child.pid}/fd`).filter((fd) => fd > 2).map((fd) => readlinkSync(`/proc/${p.child.pid}/fd/${fd}`))
    .filter((to) => !/^(socket:|anon_inode:\[event|pipe:)/.test(to));
  assert.deepEqual(kinds.filter((to) => to !== `/proc/${p.child.pid}` && to !== release), []);
  await stop(p);
});

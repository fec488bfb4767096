// readme.test.mjs - what the README and `make run` tell people is true.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { call, freePort, house, until } from './house.mjs';

const readme = readFileSync('README.md', 'utf8');
const maitred = process.env.MAITRED ?? 'build/san/maitred';
let h;
before(async () => { h = await house({ seeded: false }); });
after(() => h?.close());

test('the table of configuration is the program\'s', () => {
  const [, table] = readme.match(/a test compares -->\n([^]*?)<!-- end -->/);
  assert.equal(table, execFileSync(maitred, ['config', '--table'], { encoding: 'utf8' }));
});

test('so is the table of metrics', () => {
  const [, table] = readme.match(/a test holds it against that -->\n([^]*?)<!-- end -->/);
  assert.equal(table, execFileSync(maitred, ['metrics'], { encoding: 'utf8' }));
});

test('every file the tour names is there', () => {
  const links = [...readme.matchAll(/\]\(([a-z][^)#]*)\)/g)].map((m) => m[1])
    .filter((link) => !link.startsWith('https:'));
  assert.ok(links.length > 25);
  for (const link of links) assert.ok(existsSync(link), link);
});

test('every promise is shown by tests that exist', () => {
  const shown = [...readme.matchAll(/^\| \d .*?make test T='?(\w+)(?::\*(\w+)\*)?'?`/gm)];
  assert.equal(shown.length, 7);
  for (const [, suite, word] of shown) {
    const source = readFileSync(`tests/e2e/${suite.replace('e2e_', '')}.test.mjs`, 'utf8');
    const names = [...source.matchAll(/test\((['"`])([^]*?)\1,/g)].map((m) => m[2]);
    assert.ok(names.some((name) => name.includes(word ?? '')), `${suite}:${word}`);
  }
});

/** `maitred dev`, ready; what it says at start. */
async function dev(t) {
  const PORT = String(await freePort());
  const { spawn } = await import('node:child_process');
  const env = { PATH: process.env.PATH, DATABASE_URL: h.env.DATABASE_URL, SIM_PORT: '0', PORT,
                ASAN_OPTIONS: process.env.ASAN_OPTIONS ?? '',
                MAIL_URL: `file://${h.dir}/mail`, MAIL_FROM: 'maitred <maitred@example.com>' };
  const child = spawn(maitred, ['dev'], { env });
  let said = '', errors = '';
  child.stdout.on('data', (d) => { said += d; });
  child.stderr.on('data', (d) => { errors += d; });
  const ended = new Promise((resolve) => child.on('close', resolve));
  t.after(() => child.kill('SIGKILL'));
  await until('maitred: ready', () => {
    assert.equal(child.exitCode, null, errors);
    return said.includes('maitred: ready') && said.includes("}'");
  }, 60);
  const stop = async () => {
    child.kill('SIGINT');
    assert.equal(await ended, 0, errors.slice(-3000));
  };
  return { PORT, url: `http://127.0.0.1:${PORT}`, said, stop };
}

test('maitred dev is ready, and the line it prints works when pasted', async (t) => {
  const { PORT, said, stop } = await dev(t);
  const line = said.slice(said.indexOf('curl -s'));
  const answer = JSON.parse(execFileSync('bash', ['-c', line], { encoding: 'utf8' }));
  assert.equal(answer.state, 'queued');
  const [own] = said.match(/http:\S+\/sim/);
  const led = await fetch(`${own}?recipe=outage`, { redirect: 'manual' });
  const [phones, query] = led.headers.get('location').split('?');
  assert.deepEqual([led.status, query], [302, 'recipe=outage']);
  const ledger = async () => (await (await fetch(`${phones}/v1/ledger`)).json()).texts;
  await until('the text is on the phone', async () => (await ledger()).some((t) => t.to === '+12125550123'));
  assert.match(await (await fetch(phones)).text(), /<html/);

  const [, commands] = readme.match(/five commands: a test runs each -->\n```sh\n([^]*?)```/);
  assert.equal(commands.trim().split('\n').length, 5);
  const told = execFileSync('bash', ['-euc', commands
    .replaceAll('127.0.0.1:8080', `127.0.0.1:${PORT}`)
    .replaceAll('127.0.0.1:8081', new URL(phones).host)
    .replaceAll('.maitred/mail', `${h.dir}/mail`)], { encoding: 'utf8' });
  assert.match(told, /"mail" *: *"queued"/);
  assert.match(told, /"to": *"\+?12125550123"[^]*Your table is ready/);
  await stop();
});

test('the demo evening: a line and bookings, guests who were texted, people who can sign in; once', async (t) => {
  const rows = () => h.sql(`SELECT (SELECT count(*) FROM users), (SELECT count(*) FROM quick_replies),
    (SELECT count(*) FROM parties), (SELECT count(*) FROM bookings), (SELECT count(*) FROM messages WHERE kind = 'joined')`);
  const before = rows();
  const { url, said, stop } = await dev(t);
  assert.equal(rows(), before, 'it was there');
  const [, manager, host, password] = said.match(/Sign in +as (\w+) \(manager\) or (\w+), with (\S+)/);
  const ask = async (token, route, body) => (await call(url + route, { body, headers: { authorization: `Bearer ${token}` } })).json;
  const login = async (name) => (await call(`${url}/v1/login`, { body: { login: name, password } })).json.token;
  assert.equal((await ask(await login(manager), '/v1/me')).account.role, 'manager');
  const token = await login(host);
  assert.equal((await ask(token, '/v1/me')).account.role, 'host');
  const line = (await ask(token, '/v1/parties')).data;
  assert.deepEqual(line.map((p) => [p.state, p.guest.consent]), Array(5).fill(['waiting', 'open']));
  assert.equal((await ask(token, '/v1/quick-replies')).data.length, 3);
  assert.equal(h.sql(`SELECT count(*) FROM bookings WHERE starts_at BETWEEN now() AND now() + interval '2 days'`), '2');
  // each was texted once, with a link that leads to their page
  const joined = h.sql(`SELECT m.phone || ' ' || m.state || ' ' || substring(m.body FROM 'http\\S+')
                        FROM messages m WHERE kind = 'joined' ORDER BY m.phone`).split('\n').map((l) => l.split(' '));
  assert.deepEqual(joined.map(([, state]) => state), Array(5).fill('delivered'));
  assert.equal(new Set(joined.map(([phone]) => phone)).size, 5);
  const page = await fetch(url + new URL(joined[0][2]).pathname);
  assert.match(await page.text(), /<html lang="es">[^]*Maria Lopez/);
  await stop();
});

test('beside real credentials the simulated carriers refuse to start', () => {
  for (const command of ['dev', 'sim'])
    assert.throws(() => execFileSync(maitred, [command], {
      env: { PATH: process.env.PATH, DATABASE_URL: h.env.DATABASE_URL, TWILIO_AUTH_TOKEN: 'f'.repeat(32) },
      stdio: 'pipe' }), (e) => e.status === 78);
});

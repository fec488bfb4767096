// readme.test.mjs - what the README and `make run` tell people is true.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { freePort, house, until } from './house.mjs';

const readme = readFileSync('README.md', 'utf8');
const maitred = process.env.MAITRED ?? 'build/san/maitred';
let h;
before(async () => { h = await house({ seeded: false }); });
after(() => h?.close());

test('the table of configuration is the program\'s', () => {
  const [, table] = readme.match(/a test compares -->\n([^]*?)<!-- end -->/);
  assert.equal(table, execFileSync(maitred, ['config', '--table'], { encoding: 'utf8' }));
});

test('every file the tour names is there', () => {
  const links = [...readme.matchAll(/\]\(([a-z][^)#]*)\)/g)].map((m) => m[1])
    .filter((link) => !link.startsWith('https:'));
  assert.ok(links.length > 25);
  for (const link of links) assert.ok(existsSync(link), link);
});

test('every promise is shown by tests that exist', () => {
  const shown = [...readme.matchAll(/make test T='?(\w+)(?::\*(\w+)\*)?'?`/g)];
  assert.equal(shown.length, 7);
  for (const [, suite, word] of shown) {
    const source = readFileSync(`tests/e2e/${suite.replace('e2e_', '')}.test.mjs`, 'utf8');
    const names = [...source.matchAll(/test\((['"`])([^]*?)\1,/g)].map((m) => m[2]);
    assert.ok(names.some((name) => name.includes(word ?? '')), `${suite}:${word}`);
  }
});

test('maitred dev is ready, and the line it prints works when pasted', async (t) => {
  const PORT = String(await freePort());
  const { spawn } = await import('node:child_process');
  const env = { PATH: process.env.PATH, DATABASE_URL: h.env.DATABASE_URL, SIM_PORT: '0', PORT,
                ASAN_OPTIONS: process.env.ASAN_OPTIONS ?? '',
                MAIL_URL: `file://${h.dir}/mail`, MAIL_FROM: 'maitred <maitred@example.com>' };
  const dev = spawn(maitred, ['dev'], { env });
  let said = '', errors = '';
  dev.stdout.on('data', (d) => { said += d; });
  dev.stderr.on('data', (d) => { errors += d; });
  const ended = new Promise((resolve) => dev.on('close', resolve));
  t.after(() => dev.kill('SIGKILL'));

  await until('maitred: ready', () => {
    assert.equal(dev.exitCode, null, errors);
    return said.includes('maitred: ready') && said.includes("}'");
  }, 60);
  const line = said.slice(said.indexOf('curl -s'));
  const answer = JSON.parse(execFileSync('bash', ['-c', line], { encoding: 'utf8' }));
  assert.equal(answer.state, 'queued');
  const [phones] = said.match(/http:\S+\/sim/);
  const ledger = async () => (await (await fetch(`${phones}/v1/ledger`)).json()).texts;
  await until('the text is on the phone', async () => (await ledger()).length === 1);
  assert.match(await (await fetch(phones)).text(), /<html/);

  const [, commands] = readme.match(/five commands: a test runs each -->\n```sh\n([^]*?)```/);
  assert.equal(commands.trim().split('\n').length, 5);
  const told = execFileSync('bash', ['-euc', commands
    .replaceAll('127.0.0.1:8080', `127.0.0.1:${PORT}`)
    .replaceAll('127.0.0.1:8081', new URL(phones).host)
    .replaceAll('.maitred/mail', `${h.dir}/mail`)], { encoding: 'utf8' });
  assert.match(told, /"mail" *: *"queued"/);
  assert.match(told, /"to": *"\+?12125550123"[^]*Your table is ready/);
  dev.kill('SIGINT');
  assert.equal(await ended, 0, errors.slice(-3000));
});

test('beside real credentials the simulated carriers refuse to start', () => {
  for (const command of ['dev', 'sim'])
    assert.throws(() => execFileSync(maitred, [command], {
      env: { PATH: process.env.PATH, DATABASE_URL: h.env.DATABASE_URL, TWILIO_AUTH_TOKEN: 'f'.repeat(32) },
      stdio: 'pipe' }), (e) => e.status === 78);
});

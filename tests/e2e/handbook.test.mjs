// handbook.test.mjs - docs/: what an operator is told to type. self-host.md's commands are run, with this machine's
// places instead of a server's; those of a live account can only be read: they are commands, and what they
// set exists.
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { freePort, house, maitred, until } from './house.mjs';

const pages = readdirSync('docs').filter((f) => f.endsWith('.md')).map((f) => `docs/${f}`);
const names = execFileSync(maitred, ['config', '--names'], { encoding: 'utf8' }).trim().split('\n');

/** [text, why it is not run] of each block of commands. */
const blocks = (page) => [...readFileSync(page, 'utf8').matchAll(/(?:<!-- needs (.*) -->\n)?```sh\n([^]*?)```/g)].map((m) => [m[2], m[1]]);

let h, place, served;
before(async () => {
  h = await house({ seeded: false });
  const bin = path.join(h.dir, 'bin'), PORT = String(await freePort());
  for (const folder of [bin, path.join(h.dir, 'build'), path.join(h.dir, 'etc')]) mkdirSync(folder);
  copyFileSync(maitred, path.join(h.dir, 'build/maitred'));
  const socket = new URL(h.env.DATABASE_URL).searchParams.get('host');
  const write = (name, text) => { writeFileSync(path.join(bin, name), `#!/bin/sh\n${text}\n`); chmodSync(path.join(bin, name), 0o755); };
  write('sudo', 'case "$1 $2" in "-u postgres") export PGUSER=postgres;; esac; [ "$1" != -u ] || shift 2; exec "$@"');
  write('apt-get', ':');
  write('make', ':'); // it is built already
  place = (text) => text.replaceAll('/usr/local/bin', bin).replaceAll('/run/postgresql', socket)
    .replaceAll('/etc/maitred', path.join(h.dir, 'etc')).replaceAll(':8080', `:${PORT}`);
  place.env = { PATH: `${bin}:/usr/bin:/bin`, PGHOST: socket, PORT, ASAN_OPTIONS: process.env.ASAN_OPTIONS ?? '' };
  // as on a machine where nobody has made them yet
  execFileSync('psql', ['-Xq', '-d', `${h.postgres('url', h.dir, 'postgres').replace('/maitred?', '/postgres?')}`,
                        '-c', 'DROP DATABASE maitred', '-c', 'DROP OWNED BY maitred', '-c', 'DROP ROLE IF EXISTS maitred_app',
                        '-c', 'DROP ROLE maitred']);
});
after(async () => {
  served?.kill('SIGKILL');
  await h?.close();
});

test('each block of commands can be read by a shell, and each setting that it names exists', () => {
  assert.ok(pages.length >= 2);
  for (const page of pages)
    for (const [text] of blocks(page)) {
      const read = spawnSync('bash', ['-n'], { input: text, encoding: 'utf8' });
      assert.equal(read.status, 0, `${page}:\n${text}${read.stderr}`);
      const set = [...text.matchAll(/(?:^| )([A-Z][A-Z_0-9]+)=/gm)].map((m) => m[1])
        .filter((name) => !name.startsWith('PG')); // libpq's own
      for (const name of set) assert.ok(names.includes(name), `${page}: ${name}`);
    }
});

test('every file that they name is there, and every suite and target', () => {
  const makefile = readFileSync('Makefile', 'utf8');
  for (const page of pages) {
    const text = readFileSync(page, 'utf8');
    for (const [, link] of text.matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g))
      assert.ok(/^https:/.test(link) || existsSync(path.join('docs', link)), `${page}: ${link}`);
    for (const [, suite] of text.matchAll(/make test T=e2e_(\w+)/g)) assert.ok(existsSync(`tests/e2e/${suite}.test.mjs`), suite);
    for (const [, target] of text.matchAll(/`make ([a-z-]+)[` ]/g)) assert.match(makefile, new RegExp(`^${target}:`, 'm'));
  }
});

test('heroku.md has nothing that could be run without an account', () => {
  for (const [text, needs] of blocks('docs/heroku.md')) assert.equal(needs, 'a live account', text);
});

test('self-host.md: from nothing to a gateway that is ready', async () => {
  let ready;
  for (const [text, needs] of blocks('docs/self-host.md')) {
    if (needs === 'a live account') // of ours
      appendFileSync(path.join(h.dir, 'etc/env'), Object.entries(h.credentials).map(([k, v]) => `${k}='${v}'\n`).join(''));
    if (needs) continue;
    const command = place(text);
    if (/maitred serve'/.test(command)) {
      served = spawn('bash', ['-euc', `exec ${command}`], { cwd: h.dir, env: place.env });
      let said = '';
      served.stderr.on('data', (d) => { said += d; });
      await until(`it is ready: ${said}`, () => { assert.equal(served.exitCode, null, said); return said.includes('"event":"ready"'); }, 60);
      ready = true;
      continue;
    }
    const ran = spawnSync('bash', ['-euc', command], { cwd: h.dir, env: place.env, encoding: 'utf8' });
    assert.equal(ran.status, 0, `${command}\n${ran.stdout}${ran.stderr}`);
  }
  assert.ok(ready);
  assert.equal(statSync(path.join(h.dir, 'etc/env')).mode & 0o777, 0o600);
  assert.equal(execFileSync('psql', ['-XAtq', '-d', h.postgres('url', h.dir, 'postgres'), '-c', 'SELECT phone FROM number_pool'],
                            { encoding: 'utf8' }).trim(), '+13125550002');
  const ended = once(served, 'close');
  served.kill('SIGTERM');
  assert.deepEqual(await ended, [0, null]);
});

// image.test.mjs - what `make image` has built: what is in it, what is not, and how it starts. IMAGE is the
// folder with its files; e2e_heroku then runs them.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

const { IMAGE } = process.env;
const inside = (...command) => execFileSync('/usr/sbin/chroot', ['--userspec=maitred:maitred', IMAGE, ...command], { encoding: 'utf8' });

test('it starts as Procfile says, as nobody in particular, with no port and no volume of its own', () => {
  const { User, Cmd, Volumes, ExposedPorts } = JSON.parse(readFileSync(path.join(IMAGE, '../image.json'), 'utf8')).OCIv1.config;
  assert.equal(User, 'maitred');
  assert.ok(readFileSync('Procfile', 'utf8').includes(`web: ${Cmd.join(' ')}\n`));
  assert.deepEqual([Volumes, ExposedPorts], [undefined, undefined]);
  assert.notEqual(inside('id', '-u').trim(), '0');
});

test('it holds the program and what that needs; no compiler, no source, no tests, no npm', () => {
  assert.match(inside('maitred', '--help'), /serve/);
  assert.match(inside('pg_dump', '--version'), / 15\./);
  assert.match(inside('pg_restore', '--version'), / 15\./);
  assert.ok(statSync(path.join(IMAGE, 'etc/ssl/certs/ca-certificates.crt')).size > 100_000);
  for (const gone of ['src', 'usr/bin/gcc', 'usr/bin/make', 'usr/bin/node', 'usr/bin/npm', 'usr/lib/postgresql/15/bin/postgres',
                      'usr/include/h2o.h', 'tmp/packages'])
    assert.ok(!existsSync(path.join(IMAGE, gone)), gone);
});

test('it carries the console', () => {
  const text = inside('grep', '-c', 'console/index.html', '/usr/local/bin/maitred');
  assert.ok(Number(text) > 0);
});

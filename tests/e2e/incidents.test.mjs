// incidents.test.mjs - docs/incidents.md: each alarm has its section, each check of the doctor its row, and what it
// tells people to run at 2 a.m. runs, on a house that is well.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import yaml from 'js-yaml';
import { guest, house, maitred, until } from './house.mjs';

const guide = readFileSync('docs/incidents.md', 'utf8');
const sections = Object.fromEntries(guide.split(/^## /m).slice(1).map((s) => [s.slice(0, s.indexOf('\n')), s]));
const TOKEN = 'canary-operators-token-3';
let h;
before(async () => {
  h = await house({ prism: false });
  await h.gateway({ OPERATOR_TOKEN: TOKEN });
  const id = await h.text(guest(1));
  await until('delivered', async () => (await h.message(id)).state === 'delivered');
  mkdirSync(path.join(h.dir, 'bin'));
  symlinkSync(maitred, path.join(h.dir, 'bin/maitred'));
});
after(() => h?.close());

const run = (script) => new Promise((resolve) => execFile('bash', ['-euo', 'pipefail', '-c', script], {
  env: { ...process.env, ...h.env, OPERATOR_TOKEN: TOKEN, PATH: `${path.join(h.dir, 'bin')}:${process.env.PATH}` },
}, (error, out, err) => resolve({ code: error ? error.code : 0, out, err })));

test('each alarm has its section, with what it means, what to look at and what mends it', () => {
  const { groups } = yaml.load(readFileSync('fixtures/alerts/prometheus.yaml', 'utf8'));
  const alarms = groups.flatMap((g) => g.rules).map((r) => r.alert);
  assert.deepEqual(Object.keys(sections).filter((s) => s.startsWith('Maitred')), alarms);
  for (const name of alarms) {
    assert.match(sections[name], /Mend: |To mend/, name);
    assert.match(sections[name], /```sh\n/, name);
    assert.ok(sections[name].length > 250, name);
  }
});

const blocks = [...guide.matchAll(/```sh\n([^]*?)```/g)].map((m) => m[1]);
for (const block of blocks)
  test(`it runs: ${block.trim().split('\n')[0].slice(0, 90)}`, async () => {
    const { code, out, err } = await run(block);
    assert.equal(code, 0, out + err);
    assert.doesNotMatch(out + err, /Usage:\n {2}maitred doctor|command not found/);
    if (/metrics|status|doctor|check code/.test(block)) assert.ok(out.length > 20, out);
  });

test('statements in it are read-only, and of columns that exist', () => {
  const statements = blocks.join('\n').match(/psql [^\n]+/g);
  assert.ok(statements.length >= 8);
  for (const s of statements) assert.doesNotMatch(s, /UPDATE|DELETE|INSERT|ALTER|DROP|TRUNCATE/i);
});

test('each check of the doctor has its row, and each row its check', async () => {
  const { out } = await run('maitred doctor --json');
  const checks = JSON.parse(out).checks.map((c) => c.check).concat('public_url.certificate', 'database.pooler'); // with https only, or a pooler
  const rows = sections['What the doctor looks at'].split('\n').filter((l) => l.startsWith('| `'));
  const named = rows.flatMap((row) => [...row.split('|')[1].matchAll(/`([a-z_.]+)`/g)].map((m) => m[1]));
  assert.deepEqual([...new Set(named)].sort(), [...new Set(checks)].sort());
});

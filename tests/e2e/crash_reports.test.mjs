// crash_reports.test.mjs - a gateway that dies of a signal says one line, keeps it, dies all the same, and the next
// one tells of it, once. With the release binary: under sanitizers, theirs is the handler.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { house, maitred, until } from './house.mjs';

const release = process.env.MAITRED_RELEASE;
let h, dir;
before(async () => {
  h = await house({ prism: false });
  dir = path.join(h.dir, 'crashes');
  mkdirSync(dir);
});
after(() => h?.close());

async function start(program, env = {}) {
  const p = { output: '' };
  p.child = spawn(program, ['serve'], { env: { ...process.env, ...h.env, PORT: '0', CRASH_DIR: dir, DD_VERSION: 'v7-test', ...env } });
  p.child.stderr.on('data', (d) => { p.output += d; });
  p.end = once(p.child, 'close');
  await until('ready', () => p.output.includes('"event":"ready"'));
  return p;
}
const lines = (p, event) => p.output.split('\n').filter((l) => l.startsWith('{')).map((l) => JSON.parse(l)).filter((l) => l.event === event);

for (const signal of ['SIGSEGV', 'SIGABRT', 'SIGBUS', 'SIGILL', 'SIGFPE'])
  test(`${signal}: one line, a file, and the status of that signal`, async () => {
    const p = await start(release);
    p.child.kill(signal);
    const [code, by] = await p.end;
    assert.deepEqual([code, by], [null, signal]);
    const [line, ...more] = lines(p, 'crash');
    assert.equal(more.length, 0);
    assert.deepEqual([line.status, line.service, line.message, line.signal, line.version], ['error', 'maitred', 'crash', signal, 'v7-test']);
    assert.ok(Math.abs(Date.parse(line.timestamp) - Date.now()) < 5000);
    assert.match(line.build, /^[0-9a-f]{40}$/);
    assert.match(line.frames, /^\S+(\+0x[0-9a-f]+)?( \S+)+$/);
    assert.deepEqual(JSON.parse(readFileSync(path.join(dir, 'crash'), 'utf8')), line);
    // its own addresses are those of this program, wherever it was loaded
    const own = line.frames.split(' ').filter((f) => f.startsWith('0x'));
    assert.match(execFileSync('addr2line', ['-f', '-e', release, ...own], { encoding: 'utf8' }), /^(gateway_run|run_workers)$/m);
    assert.doesNotMatch(line.frames, /\//);
  });

test('the next start tells of the last one, once', async () => {
  const next = await start(release);
  const [told, ...more] = lines(next, 'crashed_before');
  assert.equal(more.length, 0);
  assert.deepEqual([told.status, told.signal, told.version], ['error', 'SIGFPE', 'v7-test']);
  assert.match(told.frames, /0x[0-9a-f]+/);
  assert.ok(!existsSync(path.join(dir, 'crash')));
  next.child.kill('SIGTERM');
  await next.end;
  const third = await start(release);
  assert.equal(lines(third, 'crashed_before').length, 0);
  third.child.kill('SIGTERM');
  assert.deepEqual(await third.end, [0, null]);
});

test('a folder that is not there: the line is there all the same', async () => {
  const p = await start(release, { CRASH_DIR: '/nowhere/at/all' });
  p.child.kill('SIGSEGV');
  assert.deepEqual(await p.end, [null, 'SIGSEGV']);
  assert.equal(lines(p, 'crash').length, 1);
});

test('a sanitizer keeps its own handler', async () => {
  const p = await start(maitred);
  p.child.kill('SIGSEGV');
  await p.end;
  assert.match(p.output, /AddressSanitizer/);
  assert.equal(lines(p, 'crash').length, 0);
});

test('many workers: SIGTERM ends them all, and no thread is asked for what another one had', async () => {
  const p = await start(release, { WORKERS: '16' }); // their stacks are more than libc keeps
  p.child.kill('SIGTERM');
  assert.deepEqual([await p.end, lines(p, 'crash')], [[0, null], []]);
});

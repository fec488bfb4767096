// no_memory.test.mjs - an allocation fails, or all of them from then on, at a random moment under load: the release
// gateway answers an error and goes on, or ends; it is started again. What was acknowledged, and only that, is done
// once. More moments: RUNS=200 SEED=3.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, test } from 'node:test';
import { random } from '../torture/random.mjs';
import { guest, house, KEY, TWILIO_NUMBER, until } from './house.mjs';
import { twilioReply, twilioRequest } from './sign.mjs';

const RUNS = Number(process.env.RUNS ?? 12), SEED = Number(process.env.SEED ?? 1);
const TEXTS = 30;
const ALLOCATIONS = 7500; // about as many as a run makes
const program = process.env.MAITRED_RELEASE ?? 'build/maitred';
const shim = path.join(path.dirname(program), 'tests/shim/no_memory.so');
const fast = { RECEIPT_WAIT_S: '1', SEND_TIMEOUT_S: '1' };

let h;
const running = new Set();
before(async () => {
  h = await house({ prism: false });
  for (const carrier of ['twilio', 'telnyx']) // webhooks are tried again while the gateway is away
    await h.sim(`/sim/v1/latency/${carrier}`, { method: 'PUT', body: { sent_ms: 0, delivered_ms: 0, retry_ms: 1000 } });
});
after(async () => {
  for (const p of running) p.child.kill('SIGKILL');
  await Promise.all([...running].map((p) => p.ended));
  await h?.close();
});

/** The program as it is shipped, on the port that callbacks go to. */
async function start(env = {}) {
  const p = { output: '', end: undefined };
  p.child = spawn(program, ['serve'], { env: { ...process.env, ...h.env, ...fast, PORT: new URL(h.gatewayUrl).port, ...env } });
  for (const stream of [p.child.stdout, p.child.stderr]) stream.on('data', (d) => { p.output += d; });
  p.ended = once(p.child, 'close').then(([code, signal]) => { p.end = { code, signal }; running.delete(p); });
  running.add(p);
  await until('it is ready', () => { assert.ok(!p.end, `it ended before it was ready: ${p.output}`); return p.output.includes('"event":"ready"'); });
  return p;
}

/** Asks until the answer is the wanted one, as clients and carriers do; others are errors of ours. */
const stubborn = (what, wanted, ask) => until(what, async () => {
  let r;
  try { r = await ask(AbortSignal.timeout(8000)); } catch { return false; } // it is dead just now
  const text = await r.text().catch(() => '');
  assert.ok(r.status === wanted || r.status >= 500, `${what}: ${r.status} ${text}`);
  return r.status === wanted || sleep(100, false);
}, 120);

const texts = [], replies = [], waiting = [];
function load(run, num) {
  const own = [];
  for (let i = 0; i < num; i++) {
    const body = `run ${run} text ${i}`;
    texts.push(body);
    own.push(stubborn(body, 202, (signal) => fetch(`${h.gatewayUrl}/v1/messages`, {
      method: 'POST', signal, body: JSON.stringify({ to: guest(i), body }),
      headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json', 'idempotency-key': body.replaceAll(' ', '-') },
    })));
  }
  for (let i = 0; i < num / 3; i++) {
    const body = `run ${run} reply ${i}`, url = `${h.gatewayUrl}/webhooks/twilio/sms`;
    replies.push(body);
    const request = twilioRequest(url, twilioReply(h, guest(i), TWILIO_NUMBER, body), h.credentials.TWILIO_AUTH_TOKEN);
    own.push(stubborn(body, 200, (signal) => fetch(url, { ...request, signal })));
  }
  waiting.push(...own);
  return Promise.all(own);
}

const draw = random(SEED);
const ends = new Map();
for (let run = 0; run < RUNS; run++) {
  const at = 1 + Math.floor(draw.next() * ALLOCATIONS), num = [1, 1e9, 30][run % 3];
  test(`no memory, run ${run}: ${num === 1 ? 'once, for' : num > 30 ? 'ever again, from' : '30 times, from'} allocation ${at}`, async (t) => {
    const p = await start({ LD_PRELOAD: shim, NO_MEMORY_AT: `${at}`, NO_MEMORY_NUM: `${num}` });
    await Promise.race([load(`${run} before`, 1), p.ended]); // what is read once, at the first one
    p.child.kill('SIGUSR2');
    const done = load(run, TEXTS).then(() => sleep(300)); // what follows: sending, receipts
    done.catch(() => p.child.kill('SIGKILL')); // the next one needs the port
    await Promise.race([done, p.ended]);
    if (!p.end) p.child.kill('SIGTERM');
    await p.ended;
    const how = p.end.signal ?? `exit ${p.end.code}`, struck = p.output.includes('no memory\n');
    const report = p.output.split('\n').find((l) => l.includes('"event":"crash"'));
    if (struck) ends.set(how, (ends.get(how) ?? 0) + 1);
    t.diagnostic(`${struck ? 'struck' : 'not struck'}: ${how} ${report?.replace(/.*"frames":/, '') ?? ''}`);
    assert.ok(how === 'exit 0' || (struck && report), p.output.slice(-1000));
  });
}

test('after all that: each text once on its phone, each reply once in its thread, and all has ended', async (t) => {
  t.diagnostic(JSON.stringify(Object.fromEntries(ends)));
  const times = [...ends.values()].reduce((a, b) => a + b, 0);
  assert.ok(times >= RUNS / 2, `it struck in ${times} of ${RUNS} runs`);
  // whoever could still send one is dead
  h.sql(`UPDATE attempts SET dead_at = least(dead_at, now()); UPDATE queue SET due_at = now();
         UPDATE pending SET due_at = now()`);
  await h.heal();
  const p = await start();
  await Promise.all(waiting);
  await until('all has ended', () => h.sql(`SELECT count(*) FROM messages WHERE direction = 'out' AND ended_at IS NULL`) === '0', 60);
  await until('all is applied', () => h.sql('SELECT count(*) FROM pending') === '0', 60);
  const ledger = (await h.sim('/sim/v1/ledger?limit=10000')).json.texts.map((x) => x.body).sort();
  assert.deepEqual(ledger, texts.sort());
  assert.deepEqual(h.sql("SELECT body FROM messages WHERE direction = 'in'").split('\n').sort(), replies.sort());
  assert.deepEqual(Object.keys(h.states()), ['delivered']);
  p.child.kill('SIGTERM');
  await p.ended;
  assert.deepEqual(p.end, { code: 0, signal: null });
});

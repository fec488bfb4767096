// alarms.test.mjs - the rules of fixtures/alerts: both files say the same, of metrics that exist; and for
// each rule the state that it warns of is brought about, and its number crosses the threshold.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { after, before, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import yaml from 'js-yaml';
import { call, each, guest, house, KEY, maitred, until } from './house.mjs';
import { page, scrape, sum, TOKEN } from './scrape.mjs';

const { groups } = yaml.load(readFileSync('fixtures/alerts/prometheus.yaml', 'utf8'));
const rules = Object.fromEntries(groups.flatMap((g) => g.rules).map((r) => [r.alert, r]));
const monitors = Object.fromEntries(JSON.parse(readFileSync('fixtures/alerts/datadog.json', 'utf8')).map((m) => [m.name, m]));
const covered = new Set();

let h, g;
before(async () => {
  h = await house({ prism: false, settings: [] });
  g = await h.gateway({ OPERATOR_TOKEN: TOKEN });
});
after(() => h?.close());
beforeEach(async () => {
  await h.sim('/sim/v1/reset', { method: 'POST' });
  await h.heal();
  h.sql('TRUNCATE messages, attempts, receipts, queue, conversations, turns, paces, carrier_events');
});

/** Whether a number is beyond the rule's own threshold. */
function crosses(rule, value) {
  covered.add(rule);
  const [, operator, bound] = rules[rule].expr.match(/(==|>) ([\d.]+)$/);
  return operator === '>' ? value > Number(bound) : value === Number(bound);
}
/** It is not so when all is well, then it is. */
async function raised(rule, value, seconds = 30) {
  return until(`${rule}: ${rules[rule].expr}`, async () => crosses(rule, await value()), seconds);
}
async function well(rule, value) {
  assert.ok(!crosses(rule, await value()), `${rule} already`);
}
const now = (name, labels) => async () => sum(await scrape(g.url), name, labels) ?? 0;
/** How much it has grown from here on. */
async function grown(name, labels) {
  const before = await now(name, labels)();
  return async () => await now(name, labels)() - before;
}
const run = (...args) => assert.equal(spawnSync(maitred, args, { env: { ...process.env, ...h.env } }).status, 0);

test('both files say the same, of metrics and labels that exist, with what it means and what to do', () => {
  const table = Object.fromEntries(execFileSync(maitred, ['metrics'], { encoding: 'utf8' }).split('\n').slice(2).filter(Boolean)
    .map((row) => row.split(' | ')).map(([name, type, labels]) => [name.slice(3, -1), { type, labels: labels.split(', ') }]));
  assert.deepEqual(Object.keys(rules).sort(), Object.keys(monitors).sort());
  for (const [name, rule] of Object.entries(rules)) {
    const { summary, meaning, mend } = rule.annotations, monitor = monitors[name];
    assert.ok([summary, meaning, mend].every((text) => /^[A-Z`a-z].{15,}[.?]$/.test(text)), name);
    assert.equal(monitor.message, `${summary} ${meaning}\n\nWhat to do: ${mend}`, name);
    assert.ok(['page', 'warning'].includes(rule.labels.severity));
    assert.deepEqual(monitor.tags, ['service:maitred', `severity:${rule.labels.severity}`]);
    assert.equal(monitor.type, 'query alert');
    assert.match(monitor.query, new RegExp(`[<>] ${monitor.options.thresholds.critical}$`), name);
    assert.match(rule.for, /^\d+[mh]$/);
    const named = (text, pattern) => [...new Set([...text.matchAll(pattern)].map((m) => m[0]))];
    const metrics = named(rule.expr, /\b(?:maitred|process)_[a-z_]+/g)
      .map((m) => (m in table ? m : m.replace(/_(bucket|sum|count)$/, '')));
    assert.ok(metrics.length, name);
    for (const m of metrics) assert.ok(table[m], `${name}: ${m}`);
    assert.deepEqual(named(monitor.query.replace(/\.(sum|count)\b/g, ''), /\b(?:maitred|process)_[a-z_]+/g).sort(), metrics.sort(), name);
    const known = new Set(metrics.flatMap((m) => table[m].labels).concat('le'));
    for (const [, label] of rule.expr.matchAll(/[{,]([a-z]+)=/g)) assert.ok(known.has(label), `${name}: ${label}`);
    for (const [, label] of monitor.query.matchAll(/[{,]([a-z]+):/g)) assert.ok(known.has(label), `${name}: ${label}`);
    for (const [, list] of (rule.expr + monitor.query).matchAll(/by [({](\w+)[)}]/g)) assert.ok(known.has(list), `${name}: ${list}`);
  }
});

test('MaitredCarrierOut, MaitredNoCarrier, MaitredQueueStuck: carriers that fail', async () => {
  const twilio = now('maitred_carrier_breaker_open', { carrier: 'twilio', operation: 'send' });
  const telnyx = now('maitred_carrier_breaker_open', { carrier: 'telnyx', operation: 'send' });
  const least = async () => Math.min(await twilio(), await telnyx());
  const age = now('maitred_queue_oldest_age_seconds');
  await well('MaitredCarrierOut', twilio);
  await h.faults('twilio', { kind: 'refuse' });
  let i = 0;
  await raised('MaitredCarrierOut', async () => { await h.text(guest(i++)); return twilio(); });
  await well('MaitredNoCarrier', least);
  await h.faults('telnyx', { kind: 'refuse' });
  await raised('MaitredNoCarrier', async () => { await h.text(guest(i++)); return least(); });
  await well('MaitredQueueStuck', age);
  h.sql("UPDATE messages SET created_at = created_at - interval '6 minutes' WHERE state = 'queued'");
  await raised('MaitredQueueStuck', age);
});

test('MaitredCarrierDrained and MaitredCarrierSilent', async () => {
  const drained = now('maitred_carrier_drained', { carrier: 'twilio' }), silent = now('maitred_carrier_silent', { carrier: 'telnyx' });
  await well('MaitredCarrierDrained', drained);
  run('drain', 'twilio', 'an incident');
  await raised('MaitredCarrierDrained', drained);
  run('undrain', 'twilio');
  await well('MaitredCarrierDrained', drained);
  await well('MaitredCarrierSilent', silent);
  h.sql("UPDATE carriers SET alarmed_at = now() WHERE provider = 'telnyx'"); // e2e_carriers shows when it is
  await raised('MaitredCarrierSilent', silent);
  h.sql('UPDATE carriers SET alarmed_at = NULL');
});

test('MaitredCarrierRefuses and MaitredMessagesFail: a password that is wrong, a network that filters', async () => {
  const all = await grown('maitred_carrier_requests_total', { carrier: 'twilio', operation: 'send' });
  const no = await grown('maitred_carrier_requests_total', { carrier: 'twilio', operation: 'send', outcome: 'refused' });
  const share = async () => await no() / Math.max(1, await all());
  await well('MaitredCarrierRefuses', share);
  await h.faults('twilio', { kind: 'status', http_status: 401, code: 20003 });
  await h.text(guest(1));
  await raised('MaitredCarrierRefuses', share);
  await h.heal();
  const counts = await Promise.all(['failed', 'undelivered', 'delivered'].map((outcome) => grown('maitred_messages_total', { outcome })));
  const bad = async () => {
    const [failed, undelivered, delivered] = await Promise.all(counts.map((c) => c()));
    return (failed + undelivered) / Math.max(1, failed + undelivered + delivered);
  };
  await h.text(guest(2));
  await until('it arrives', async () => await counts[2]() >= 1);
  await well('MaitredMessagesFail', bad);
  for (const c of ['twilio', 'telnyx']) await h.faults(c, { kind: 'final', status: 'undelivered', code: c === 'twilio' ? 30007 : 40002 });
  await each(3, 3, (i) => h.text(guest(10 + i)));
  await raised('MaitredMessagesFail', bad);
});

test('MaitredMessagesUnknown: answers that were lost', async () => {
  const unknown = now('maitred_messages_unknown');
  await well('MaitredMessagesUnknown', unknown);
  for (const c of ['twilio', 'telnyx']) await h.faults(c, { kind: 'hang_before_accept', ms: 4000, on: 'all' });
  await each(8, 8, (i) => h.text(guest(20 + i)));
  await raised('MaitredMessagesUnknown', unknown);
});

test('MaitredCallbacksRefused: somebody forges them', async () => {
  const refused = await grown('maitred_callbacks_total', { carrier: 'twilio', outcome: 'refused' });
  for (let i = 0; i < 11; i++) {
    await well('MaitredCallbacksRefused', refused);
    await call(`${g.url}/webhooks/twilio/status`, { method: 'POST', body: 'MessageSid=SM0',
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-twilio-signature': 'bm8=' } });
  }
  await raised('MaitredCallbacksRefused', refused);
});

test('MaitredCallbacksNotApplied: a batch that nobody finishes', async () => {
  const age = now('maitred_callbacks_oldest_age_seconds');
  await well('MaitredCallbacksNotApplied', age);
  h.sql(`INSERT INTO pending (batch_at, batch_id, due_at)
         VALUES (now() - interval '2 minutes', 'bat_00000000000000000000000001', now() + interval '1 hour')`);
  await raised('MaitredCallbacksNotApplied', age);
  h.sql("DELETE FROM pending WHERE batch_id = 'bat_00000000000000000000000001'");
});

test('MaitredLoopLag: a process that gets no processor', async () => {
  const late = async () => {
    const [counts] = [(await scrape(g.url)).maitred_loop_lag_seconds.samples.filter((s) => s.name.endsWith('_bucket'))];
    return counts.map((s) => [Number(s.labels.le.replace('+Inf', 'Infinity')), s.value]);
  };
  const before = await late();
  g.child.kill('SIGSTOP');
  await sleep(2000);
  g.child.kill('SIGCONT');
  await raised('MaitredLoopLag', async () => { // the upper bound of the bucket of the 99th percentile
    const grew = (await late()).map(([le, n], i) => [le, n - before[i][1]]);
    return grew.find(([, n]) => n >= 0.99 * grew.at(-1)[1])[0];
  }, 5);
});

test('MaitredFewDescriptors', async () => {
  const share = async () => { const m = await scrape(g.url); return sum(m, 'process_open_fds') / sum(m, 'process_max_fds'); };
  await well('MaitredFewDescriptors', share);
  const limit = (n) => execFileSync('prlimit', ['--pid', `${g.child.pid}`, `--nofile=${n}:`]);
  const { value: had } = (await scrape(g.url)).process_max_fds.samples[0];
  limit(Math.floor(sum(await scrape(g.url), 'process_open_fds') / 0.9));
  await raised('MaitredFewDescriptors', share);
  limit(had);
});

test('MaitredDatabaseAway and MaitredHttpErrors: the database dies', async () => {
  const up = now('maitred_database_up');
  const errors = await grown('maitred_http_requests_total', { status: '5xx' }), all = await grown('maitred_http_requests_total', {});
  const share = async () => await errors() / Math.max(1, await all());
  await well('MaitredDatabaseAway', up);
  await well('MaitredHttpErrors', share);
  h.postgres('crash', h.dir);
  await raised('MaitredDatabaseAway', up);
  await each(5, 5, () => call(`${g.url}/v1/me`, { headers: { authorization: `Bearer ${KEY}` } }));
  await raised('MaitredHttpErrors', share);
  h.postgres('start', h.dir);
  await until('it is back', async () => await up() === 1);
});

test('MaitredDown: nobody answers', async () => {
  const absent = async () => ((await page(g.url).catch(() => ({ text: '' }))).text.includes('maitred_build_info') ? 0 : 1);
  await well('MaitredDown', absent);
  await g.stop('SIGKILL');
  await raised('MaitredDown', absent);
});

test('each rule was brought about', () => {
  assert.deepEqual([...covered].sort(), Object.keys(rules).sort());
});

// metrics.test.mjs - what an operator is shown at GET /metrics: who may look, that the numbers add up
// under real traffic, that labels are few, and that nothing of a guest is in it.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, beforeEach, test } from 'node:test';
import { call, each, guest, house, KEY, maitred, until } from './house.mjs';
import { page, scrape, sum, TOKEN } from './scrape.mjs';

let h, g;
before(async () => {
  h = await house({ prism: false });
  g = await h.gateway({ OPERATOR_TOKEN: TOKEN, WORKERS: '2', DD_VERSION: 'v7-test' });
});
after(() => h?.close());
beforeEach(() => h.heal());

const ended = (id, state = 'delivered') =>
  until(`${id} is ${state}`, async () => (await h.message(id)).state === state);

test('only who has the token may look; without one set, there is no such page', async () => {
  for (const token of [null, 'wrong', `${TOKEN}x`, TOKEN.slice(1), KEY]) {
    const r = await page(g.url, token);
    assert.equal(r.status, 401);
    assert.equal(r.json.code, 'unauthorized');
    assert.ok(!r.text.includes('maitred_'));
  }
  const off = await h.gateway({ PORT: '0' });
  for (const token of [null, '', 'x', TOKEN]) {
    const r = await page(off.url, token);
    assert.equal(r.status, 404);
    assert.equal(r.headers.get('content-type'), 'application/problem+json');
  }
  await off.stop();
});

test('the numbers add up: requests, messages, carriers, callbacks, statements', async () => {
  const before = await scrape(g.url);
  const ids = [];
  await each(40, 8, async (i) => { ids.push(await h.text(guest(i))); });
  for (const id of ids) await ended(id);
  assert.equal((await call(`${g.url}/v1/messages`, { body: {}, headers: { authorization: `Bearer ${KEY}` } })).status, 422);
  assert.equal((await call(`${g.url}/nowhere/at/all`)).status, 404);
  let now;
  const more = (name, labels) => (sum(now, name, labels) ?? 0) - (sum(before, name, labels) ?? 0);
  await until('all is applied and counted', async () => {
    now = await scrape(g.url);
    return sum(now, 'maitred_callbacks_pending') === 0 && more('maitred_messages_total', { outcome: 'delivered' }) >= 40
      && sum(now, 'maitred_callbacks_total', { outcome: 'journalled' }) >= Number(h.sql('SELECT count(*) FROM callbacks'));
  });

  const posts = { route: '/v1/messages', method: 'POST' };
  assert.equal(more('maitred_http_requests_total', { ...posts, status: '2xx' }), 40);
  assert.equal(more('maitred_http_requests_total', { ...posts, status: '4xx' }), 1);
  assert.equal(more('maitred_http_request_duration_seconds_count', posts), 41);
  assert.equal(more('maitred_http_requests_total', { route: 'none', status: '4xx' }), 1);
  assert.equal(more('maitred_messages_total', { outcome: 'delivered' }), 40);
  const sent = more('maitred_messages_total', { outcome: 'sent' }); // one whose receipt was faster never was
  assert.ok(sent > 0 && sent <= 40, `${sent}`);
  assert.equal(more('maitred_messages_total'), 40 + sent);
  assert.equal(more('maitred_carrier_requests_total', { operation: 'send', outcome: 'ok' }), 40);
  assert.equal(more('maitred_carrier_request_duration_seconds_count', { operation: 'send' }), 40);
  const applied = Number(h.sql('SELECT count(*) FROM callbacks'));
  assert.equal(sum(now, 'maitred_callbacks_total', { outcome: 'journalled' }), applied);
  assert.ok(more('maitred_database_queries_total', { lane: 'journal', outcome: 'ok' }) > 0);
  for (const [family, { type, samples }] of Object.entries(now)) {
    if (type !== 'histogram') continue;
    for (const count of samples.filter((s) => s.name === `${family}_count`)) {
      const buckets = samples.filter((s) => s.name === `${family}_bucket`
        && Object.entries(count.labels).every(([k, v]) => s.labels[k] === v));
      assert.ok(buckets.every((b, i) => !i || b.value >= buckets[i - 1].value), family);
      assert.equal(buckets.at(-1).labels.le, '+Inf');
      assert.equal(buckets.at(-1).value, count.value, family);
    }
  }
  for (const lane of ['journal', 'accept', 'work', 'door', 'api'])
    assert.equal(sum(now, 'maitred_database_connections_up', { lane }), sum(now, 'maitred_database_connections', { lane }));
  assert.equal(sum(now, 'maitred_database_connections'), 14, 'seven of each worker');
  assert.equal(sum(now, 'maitred_database_up'), 1);
  assert.equal(sum(now, 'maitred_build_info', { version: 'v7-test' }), 1);
  assert.ok(sum(now, 'maitred_loop_lag_seconds_count') > 0);
  assert.ok(sum(now, 'process_cpu_seconds_total') > 0);
  assert.ok(sum(now, 'process_open_fds') > 14);
  const start = sum(now, 'process_start_time_seconds') * 1000;
  assert.ok(start < Date.now() && start > Date.now() - 600_000);
});

test('what goes wrong is counted by what it was', async () => {
  const before = await scrape(g.url);
  const more = (now, name, labels) => (sum(now, name, labels) ?? 0) - (sum(before, name, labels) ?? 0);
  await h.faults('twilio', { kind: 'refuse' });
  await ended(await h.text(guest(60)));
  const r = await call(`${g.url}/webhooks/twilio/status`, { method: 'POST', body: 'MessageSid=SM0',
    headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-twilio-signature': 'bm8=' } });
  assert.equal(r.status, 403);
  const now = await scrape(g.url);
  assert.equal(more(now, 'maitred_carrier_requests_total', { carrier: 'twilio', outcome: 'unreachable' }), 1);
  assert.equal(more(now, 'maitred_carrier_requests_total', { carrier: 'telnyx', outcome: 'ok' }), 1);
  assert.equal(more(now, 'maitred_callbacks_total', { carrier: 'twilio', outcome: 'refused' }), 1);
  assert.ok(more(now, 'maitred_log_lines_total', { level: 'warn' }) >= 1);
});

test('labels are bounded, and nothing of a guest or caller is a label', async () => {
  const phone = '+12125550187', word = 'Zwiebelkuchen';
  await ended(await h.text(phone, `${word} is ready.`));
  for (let i = 0; i < 100; i++) {
    await call(`${g.url}/v1/messages/msg_${i}`, { headers: { authorization: `Bearer ${KEY}` } });
    await call(`${g.url}/${word}/${i}?to=${phone}`, { headers: { 'x-request-id': `${word}-${i}` } });
  }
  await call(`${g.url}/v1/messages`, { method: 'PURGE' });
  const { text } = await page(g.url);
  assert.ok(!/\d{7,}-|5550187|Zwiebel|msg_\d|PURGE|127\.0\.0\.1/.test(text), text.match(/.*(?:5550187|Zwiebel|msg_\d|PURGE|127).*/)?.[0]);
  const told = (command) => execFileSync(maitred, [command], { encoding: 'utf8', maxBuffer: 1 << 24 });
  const table = told('metrics'), routes = new Set([...Object.keys(JSON.parse(told('openapi')).paths), 'none']);
  const allowed = {
    method: /^(GET|POST|PUT|PATCH|DELETE|none)$/, status: /^[1-5]xx$/, carrier: /^(twilio|telnyx)$/, lane: /^[a-z]+$/,
    operation: /^(send|call|ask|hang_up|list)$/, state: /^(waiting|sent)$/, level: /^(debug|info|warn|error)$/,
    outcome: /^[a-z]+$/, event: /^[a-z_.]+$/, version: /^v7-test$/, compiler: /^[\d.]+$/, le: /^(\+Inf|[\d.]+)$/,
  };
  for (const [family, { samples }] of Object.entries(await scrape(g.url))) {
    const row = table.split('\n').find((l) => l.startsWith(`| \`${family}\` |`));
    assert.ok(row, `${family} is in the table`);
    for (const { labels } of samples)
      for (const [name, value] of Object.entries(labels)) {
        assert.ok(name === 'le' || row.split(' | ')[2].split(', ').includes(name), `${family} ${name}`);
        assert.ok(name === 'route' ? routes.has(value) : allowed[name]?.test(value), `${family} ${name}=${value}`);
      }
  }
});

test('it can be read at any time under load, and numbers never fall', async () => {
  let done = false, scrapes = 0, last = 0;
  const watching = (async () => {
    while (!done) {
      const n = sum(await scrape(g.url), 'maitred_http_requests_total');
      assert.ok(n >= last, `${n} after ${last}`);
      last = n;
      scrapes++;
    }
  })();
  await each(300, 16, (i) => h.text(guest(100 + i)));
  done = true;
  await watching;
  assert.ok(scrapes > 3, `${scrapes}`);
});

test('when its database is slow or away it says so soon, and shows the rest', async () => {
  const alone = await h.gateway({ PORT: '0', OPERATOR_TOKEN: TOKEN });
  const blind = async () => {
    const began = Date.now(), m = await scrape(alone.url);
    assert.ok(Date.now() - began < 4000, 'in 2 s');
    assert.equal(sum(m, 'maitred_database_up'), 0);
    assert.equal(m.maitred_queue_messages, undefined);
    assert.equal(m.maitred_carrier_breaker_open, undefined);
    assert.ok(sum(m, 'process_resident_memory_bytes') > 1e6);
  };
  const seeing = () => until('it is back', async () => sum(await scrape(alone.url), 'maitred_database_up') === 1);
  await seeing();
  const lock = spawn('psql', ['-XAtq', '-d', h.env.DATABASE_URL, '-c',
    'BEGIN; LOCK TABLE queue; SELECT pg_sleep(4)']);
  await until('it is locked', () => h.sql("SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted AND relation = 'queue'::regclass") === '1');
  await blind();
  await once(lock, 'close');
  await seeing();
  h.postgres('crash', h.dir);
  await blind();
  h.postgres('start', h.dir);
  await seeing();
  await alone.stop();
});

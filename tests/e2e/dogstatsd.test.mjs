// dogstatsd.test.mjs - what Datadog's agent hears every ten seconds: the numbers of /metrics, as they grow.
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { spawnSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { each, guest, house, maitred, until } from './house.mjs';
import { scrape, sum, TOKEN } from './scrape.mjs';

let h, g, agent;
const heard = [];
before(async () => {
  agent = createSocket('udp4');
  agent.on('message', (data) => heard.push(data));
  agent.bind(0, '127.0.0.1');
  await once(agent, 'listening');
  h = await house({ prism: false });
  g = await h.gateway({ OPERATOR_TOKEN: TOKEN, WORKERS: '2', DD_AGENT_HOST: 'localhost', DD_ENV: 'test',
                        DD_DOGSTATSD_PORT: `${agent.address().port}`, DD_SERVICE: 'desk', DD_VERSION: 'v9' });
});
after(async () => { agent.close(); await h?.close(); });

const LINE = /^([a-z_]+(?:\.(?:count|sum))?):(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)\|([cg])\|#(.*)$/;
function lines() {
  return heard.flatMap((data) => {
    assert.ok(data.length <= 1432, `${data.length} bytes`);
    const text = data.toString();
    assert.ok(text.endsWith('\n'));
    return text.slice(0, -1).split('\n').map((line) => {
      const m = line.match(LINE);
      assert.ok(m, line);
      const tags = Object.fromEntries(m[4].split(',').map((t) => [t.slice(0, t.indexOf(':')), t.slice(t.indexOf(':') + 1)]));
      return { name: m[1], value: Number(m[2]), type: m[3], tags };
    });
  });
}
const total = (name, tags = {}) => lines().filter((l) => l.name === name
  && Object.entries(tags).every(([k, v]) => l.tags[k] === v)).reduce((n, l) => n + l.value, 0);

test('counters grow by what happened, over several flushes, and every line is tagged', async () => {
  await each(20, 4, (i) => h.text(guest(i)));
  await until('a first flush', () => total('maitred_messages_total', { outcome: 'delivered' }) === 20, 30);
  await each(10, 4, (i) => h.text(guest(30 + i)));
  await until('a second', () => total('maitred_messages_total', { outcome: 'delivered' }) === 30, 30);
  const m = await scrape(g.url);
  assert.equal(total('maitred_carrier_requests_total', { operation: 'send', outcome: 'ok' }), 30);
  assert.equal(total('maitred_carrier_request_duration_seconds.count', { operation: 'send' }), 30);
  const took = total('maitred_carrier_request_duration_seconds.sum', { operation: 'send' });
  assert.ok(Math.abs(took - sum(m, 'maitred_carrier_request_duration_seconds_sum', { operation: 'send' })) < 0.001);
  for (const l of lines()) assert.deepEqual([l.tags.env, l.tags.service], ['test', 'desk'], l.name);
  assert.ok(lines().every((l) => l.name === 'maitred_build_info' || l.tags.version === 'v9'));
  const gauges = lines().filter((l) => l.type === 'g');
  assert.ok(gauges.some((l) => l.name === 'maitred_database_up' && l.value === 1));
  assert.ok(gauges.some((l) => l.name === 'maitred_queue_messages'));
  assert.ok(!heard.join('').includes('5550'), 'no number of a guest');
});

test('an agent that is not there harms nobody', async () => {
  agent.removeAllListeners('message');
  agent.close();
  await h.text(guest(50));
  const from = Date.now();
  await until('a flush later', async () => Date.now() - from > 11_000 && sum(await scrape(g.url), 'maitred_database_up') === 1, 20);
  agent = createSocket('udp4');
});

test('an address that is none is a problem of the configuration', () => {
  const r = spawnSync(maitred, ['config'], { env: { ...process.env, ...h.env, DD_AGENT_HOST: 'agent.example' }, encoding: 'utf8' });
  assert.equal(r.status, 78);
  assert.match(r.stderr, /DD_AGENT_HOST must be an IPv4 address/);
});

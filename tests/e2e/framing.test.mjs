// framing.test.mjs - the corpus of fixtures/http/requests.json, requests that two readers may take for different ones:
// sent to the gateway, and to it behind haproxy and nginx. What a proxy has passed on is what reached a handler, each once.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { after, before, test } from 'node:test';
import { call, each, freePort, house, until } from './house.mjs';

const corpus = JSON.parse(readFileSync('fixtures/http/requests.json', 'utf8'));
const good = (n) => `GET /healthz?${n} HTTP/1.1\r\nHost: x\r\n\r\n`;

let h, g;
before(async () => { h = await house({ prism: false }); g = await h.gateway({ LOG_LEVEL: 'debug', IDLE_S: '3' }); });
after(() => h?.close());

/** Writes the bytes at once, and reads until the other side has ended, or says no more for a while. */
const raw = (port, bytes, quiet_ms = 150) => new Promise((resolve) => {
  const socket = net.connect(port, '127.0.0.1', () => socket.write(Buffer.from(bytes, 'latin1')));
  let answer = '', closed = false;
  socket.on('data', (d) => { answer += d.toString('latin1'); });
  socket.on('error', () => {}).on('end', () => { closed = true; })
    .on('close', () => resolve({ closed, answer, statuses: [...answer.matchAll(/HTTP\/1\.[01] (\d{3}) /g)].map((m) => m[1]) }));
  socket.setTimeout(quiet_ms, () => socket.destroy());
});

const count = (statuses, ...wanted) => statuses.filter((s) => wanted.includes(s)).length; // 405: a POST of /healthz was understood

test('each is answered as often as it asks, or refused and the connection closed', async () => {
  const wrong = [];
  await each(corpus.length, 8, async (i) => {
    const { name, bytes, answers } = corpus[i];
    const { statuses, closed } = await raw(Number(new URL(g.url).port), bytes, 1000);
    const ok = count(statuses, '200', '405'), bad = count(statuses, '400');
    const right = answers === 'refused' ? ok === 0 && bad <= 1 && closed
      : answers === 'at most one' ? ok + bad <= 1 && closed
        : ok === answers && bad === 0;
    if (!right) wrong.push(`${name}: ${statuses} ${closed ? 'closed' : 'open'}`);
  });
  assert.deepEqual(wrong, []);
});

test('a good one behind each of them on the same connection is answered, or nothing is', async () => {
  await each(corpus.length, 8, async (i) => {
    const { name, bytes, answers } = corpus[i];
    const { statuses } = await raw(Number(new URL(g.url).port), good('before') + bytes + good('behind'), 300);
    const most = typeof answers === 'number' ? answers + 2 : answers === 'refused' ? 1 : 2;
    assert.ok(count(statuses, '200', '405') <= most && statuses[0] === '200', `${name}: ${statuses}`);
  });
});

/** Starts a proxy in front of the gateway; p.said is its log. */
async function proxy(command, args, env, port) {
  const p = spawn(command, args, { env: { PATH: process.env.PATH, ...env } });
  p.said = '';
  for (const out of [p.stdout, p.stderr]) out.on('data', (d) => { p.said += d; });
  await until(`${command} listens: ${p.said}`, async () => {
    if (p.exitCode !== null) throw new Error(`${command}: ${p.said}`);
    return call(`http://127.0.0.1:${port}/healthz`).then((r) => r.status === 200, () => false);
  }, 10);
  return p;
}

const proxies = {
  haproxy: (port) => proxy('haproxy', ['-db', '-f', 'tests/edge/haproxy.cfg'],
                           { FRONT_PORT: `${port}`, GATEWAY_PORT: new URL(g.url).port }, port),
  nginx: (port) => {
    const text = readFileSync('tests/edge/nginx.conf', 'utf8').replaceAll('FRONT_PORT', `${port}`)
      .replaceAll('GATEWAY_PORT', new URL(g.url).port).replaceAll('DIR', h.dir);
    writeFileSync(`${h.dir}/nginx.conf`, text);
    return proxy('nginx', ['-c', `${h.dir}/nginx.conf`, '-e', 'stderr'], {}, port);
  },
};

/** The requests of that proxy that a handler of the gateway has answered, by their ids. */
const handled = (name) => [...g.output.matchAll(/"event":"http_request".*?"http\.request_id":"([^"]+)"/g)]
  .map((m) => m[1]).filter((id) => id.startsWith(name));

for (const name of Object.keys(proxies)) {
  test(`behind ${name}: what it passed on is what was handled, each once`, async () => {
    const port = await freePort();
    const p = await proxies[name](port);
    const strangers = [];
    try {
      for (const row of corpus) {
        await Promise.all([raw(port, row.bytes, 60), raw(port, good('before') + row.bytes + good('behind'), 60)]);
        const innocent = await raw(port, good('innocent').replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'), 3000); // by the connection to the gateway that those have used
        if (innocent.statuses.join() !== '200' || !innocent.answer.includes('{"status":"ok"}')) strangers.push(`${row.name}: ${innocent.answer}`);
      }
      assert.deepEqual(strangers, [], 'somebody else is answered with 200, and only that');
      await until('both logs are whole', () => handled(name).length > 2 * corpus.length, 5);
      await new Promise((r) => setTimeout(r, 300));
    } finally {
      p.kill('SIGTERM');
      if (p.exitCode === null) await once(p, 'close');
    }
    const log = name === 'nginx' ? readFileSync(`${h.dir}/nginx.log`, 'utf8') : p.said;
    const passed = [...log.matchAll(/passed=(\S+) to=(\S+) status=(\S+)/g)]
      .filter(([, , to]) => to !== '<NOSRV>' && to !== '-' && !to.includes('<'));
    const ids = passed.map(([, id]) => id), seen = handled(name);
    assert.deepEqual(seen.filter((id) => !ids.includes(id)), [], 'handled, and not passed on');
    assert.equal(new Set(seen).size, seen.length, 'one was handled twice');
    const lost = passed.filter(([, id, , status]) => !seen.includes(id) && status !== '400'); // libh2o refuses those itself
    assert.deepEqual(lost.map(String), [], 'passed on, and not handled');
    assert.ok(seen.length > 3 * corpus.length / 2, `${seen.length} of ${ids.length}`);
  });
}

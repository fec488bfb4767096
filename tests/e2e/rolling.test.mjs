// rolling.test.mjs - one process takes over from another under 500 requests a second through a router: no
// request fails, nothing is lost, nothing is sent twice. With the release build: the sanitizers' is too slow
// for that rate beside a database and its clients on two cores. Longer: SECONDS=60.
process.env.MAITRED = process.env.MAITRED_RELEASE ?? process.env.MAITRED;
const { call, guest, house, KEY, TWILIO_NUMBER, until } = await import('./house.mjs');
const { twilioReply, twilioRequest } = await import('./sign.mjs');
const { router } = await import('./router.mjs');
import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

const RATE = Number(process.env.RATE ?? 500), SECONDS = Number(process.env.SECONDS ?? 5);
const TICK_MS = 10;
let h, r;
before(async () => {
  h = await house({ prism: false });
  r = await router(h.dir, new URL(h.gatewayUrl).port);
});
after(async () => {
  await r?.close();
  await h?.close();
});

const dyno = async (more = {}) => {
  const g = await h.gateway({ PORT: '0', LINGER_S: '5', TRUST_PROXY: 'yes', ...more });
  await r.add(g.url);
  return g;
};

/** Requests at RATE until stop(): reads of the board, messages of an API, texts of guests; half to each port. */
function load(first) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 100 });
  const l = { sent: 0, accepted: [], heard: 0, failed: [], slowest: 0 };
  const open = new Set();
  let n = first, on = true;

  const ask = (kind, url, { method = 'GET', headers, body }, wanted) => {
    const begun = Date.now();
    l.sent++;
    const done = new Promise((resolve) => {
      const fail = (why) => { l.failed.push(`${((begun - l.begun) / 1000).toFixed(2)} s: ${kind} ${url}: ${why}`); resolve(); };
      const request = http.request(url, { method, headers, agent }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (d) => { text += d; }).on('error', (e) => fail(e.message)).on('end', () => {
          l.slowest = Math.max(l.slowest, Date.now() - begun);
          if (response.statusCode !== wanted) return fail(`${response.statusCode} ${text.slice(0, 200)}`);
          if (kind === 'text') l.accepted.push(JSON.parse(text).id);
          if (kind === 'reply') l.heard++;
          resolve();
        });
      });
      request.on('error', (e) => fail(e.code ?? e.message)).end(body);
    });
    open.add(done);
    done.then(() => open.delete(done));
  };

  const bearer = { authorization: `Bearer ${KEY}` };
  const one = (i) => {
    const base = i % 2 ? r.url : r.checking;
    if (i % 5 === 0) {
      ask('text', `${base}/v1/messages`, {
        method: 'POST', headers: { ...bearer, 'content-type': 'application/json' },
        body: JSON.stringify({ to: guest(i), body: 'Your table is ready.' }),
      }, 202);
    } else if (i % 5 === 1) { // Twilio signs the address that it knows
      const reply = twilioReply(h, guest(i), TWILIO_NUMBER, 'We are on our way');
      ask('reply', `${base}/webhooks/twilio/sms`,
          twilioRequest(`${h.gatewayUrl}/webhooks/twilio/sms`, reply, h.credentials.TWILIO_AUTH_TOKEN), 200);
    } else {
      ask('board', `${base}/v1/parties?limit=20`, { headers: bearer }, 200);
    }
  };

  const ended = (async () => {
    l.begun = Date.now();
    while (on) { // as many as are due, whatever became of those before
      for (const due = first + (Date.now() - l.begun) * RATE / 1000; n < due; n++) one(n);
      await sleep(TICK_MS);
    }
    l.seconds = (Date.now() - l.begun) / 1000;
    await Promise.all(open);
    agent.destroy();
  })();
  l.stop = async () => { on = false; await ended; return n; };
  return l;
}

let next = 0, texts = 0, replies = 0;

/** Nothing failed, and of what was acknowledged nothing is missing or doubled. */
async function settled(l, t) {
  next = await l.stop();
  t.diagnostic(`${l.sent} requests in ${l.seconds.toFixed(1)} s, ${(l.sent / l.seconds).toFixed(0)} a second; slowest ${l.slowest} ms`);
  assert.deepEqual(l.failed.slice(0, 10), [], `${l.failed.length} of ${l.sent} failed`);
  assert.ok(l.sent / l.seconds > RATE * 0.9, `only ${l.sent / l.seconds} a second`);
  texts += l.accepted.length;
  replies += l.heard;
  await until('nothing is queued', () => h.sql('SELECT count(*) FROM queue') === '0', 60);
  await until('all callbacks came', async () => (await h.sim('/sim/v1/callbacks')).json.idle, 60);
  await until('all are applied', () => h.sql('SELECT count(*) FROM pending') === '0', 30);
  const s = await h.summary();
  assert.deepEqual([s.texts, s.doubled], [texts, 0], JSON.stringify(s));
  assert.deepEqual(h.states(), { delivered: texts });
  assert.equal(h.sql("SELECT count(*) FROM messages WHERE direction = 'in'"), `${replies}`);
  const { twilio } = (await h.sim('/sim/v1/callbacks')).json; // each was answered at its first try
  t.diagnostic(`callbacks: ${JSON.stringify(twilio)}`);
  assert.deepEqual([twilio.retried, twilio.not_connected, twilio.no_answer, twilio.answered], [0, 0, 0, { 200: twilio.sent }]);
}

async function gone(g, since, t) {
  assert.deepEqual(await g.stop('SIGTERM'), { code: 0, signal: null }); // the second time, which changes nothing
  t.diagnostic(`it was gone after ${((Date.now() - since) / 1000).toFixed(1)} s`);
  assert.ok(Date.now() - since < 25_000);
  assert.doesNotMatch(g.output, /stopped_late/);
}

let old;
test('the new process is there before the old one is told to go', async (t) => {
  old = await dyno();
  const l = load(next);
  await sleep(SECONDS * 200);
  const young = await dyno();
  await sleep(SECONDS * 200); // both, on one database
  const since = Date.now();
  old.child.kill('SIGTERM');
  await sleep(1000); // the router learns late
  await r.remove(old.url);
  await gone(old, since, t);
  await r.forget(old.url);
  await sleep(SECONDS * 200);
  old = young;
  await settled(l, t);
});

test('two at once take over from one, which nobody tells the balancer of', async (t) => {
  const l = load(next);
  await sleep(SECONDS * 200);
  const [a, b] = await Promise.all([dyno(), dyno({ WORKERS: '2' })]);
  const since = Date.now();
  old.child.kill('SIGTERM');
  await r.remove(old.url); // of the ports, one is told; the other one asks /readyz
  await gone(old, since, t);
  await sleep(SECONDS * 200);
  await r.forget(old.url);
  await settled(l, t);
  await Promise.all([a, b].map((g) => g.stop('SIGINT')));
});

// machines.test.mjs - four web and two worker processes on one PostgreSQL, behind one address (haproxy), killed at
// random: as many texts as messages, none twice. Two of them reach the database through PgBouncer; all of them with
// POOLED=all, none with POOLED=none. The release build: six of the sanitizers' are too slow for two cores. The whole:
//
//   make machines
process.env.MAITRED = process.env.MAITRED_RELEASE ?? process.env.MAITRED;
const { call, each, freePort, guest, house, KEY, until } = await import('./house.mjs');
const { pooler } = await import('./pooler.mjs');
const { router } = await import('./router.mjs');
const { random } = await import('../torture/random.mjs');
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

const N = Number(process.env.N ?? 800), SEED = Number(process.env.SEED ?? 1), POOLED = process.env.POOLED ?? 'half';
const WEB = 4, WORK = 2, POOL = 10, PATIENCE_S = 20;
let h, p, r;
const machines = []; // { name, start, process, killed, stopped }

before(async () => {
  h = await house({ prism: false });
  h.sql(`CREATE TABLE seen (who text PRIMARY KEY);
    CREATE FUNCTION note_claims() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
      INSERT INTO seen SELECT DISTINCT split_part(claimed_by, '/', 2) FROM claimed
        WHERE claimed_by IS NOT NULL ON CONFLICT DO NOTHING; RETURN NULL; END $$;
    CREATE TRIGGER note_claims AFTER UPDATE ON queue REFERENCING NEW TABLE AS claimed
      FOR EACH STATEMENT EXECUTE FUNCTION note_claims()`);
  r = await router(h.dir, new URL(h.gatewayUrl).port);
  p = POOLED !== 'none' && await pooler(h.env.DATABASE_URL, { pool: POOL });
  const env = (pooled) => ({
    LINGER_S: '1', TRUST_PROXY: 'yes', RECEIPT_WAIT_S: '10', PROCESSES: `${WEB + WORK}`,
    ...(pooled ? { DATABASE_URL: p.url, DATABASE_DIRECT_URL: h.env.DATABASE_URL } : {}),
  });
  for (let i = 0; i < WEB + WORK; i++) {
    const pooled = POOLED === 'all' || (POOLED === 'half' && i % 2 === 1);
    const port = await freePort();
    const m = { name: i < WEB ? `web ${i + 1}` : `work ${i - WEB + 1}`, url: i < WEB && `http://127.0.0.1:${port}` };
    m.start = async () => {
      m.process = await (m.url ? h.gateway({ ...env(pooled), PORT: `${port}` }) : h.worker(env(pooled)));
    };
    machines.push(m);
  }
  await Promise.all(machines.map((m) => m.start()));
  for (const m of machines) if (m.url) await r.add(m.url);
});
after(async () => {
  await r?.close();
  await h?.close();
  await p?.close?.();
});

/** Kills one every so often, by -9 or by asking, until `more` says no; those start again. Then all run. */
async function nemesis(more, every_ms) {
  const chance = random(SEED);
  const done = { 'kill -9': 0, SIGTERM: 0, ends: [] }, busy = new Map();
  const strike = async (m, hard) => {
    done[hard ? 'kill -9' : 'SIGTERM']++;
    const end = await m.process.stop(hard ? 'SIGKILL' : 'SIGTERM');
    if (!hard) done.ends.push(end.code);
    await m.start();
    busy.delete(m);
  };
  for (; more(); await sleep(every_ms)) {
    const idle = machines.filter((m) => !busy.has(m));
    if (busy.size > machines.length / 2) continue; // half of them stand at any time
    const m = chance.pick(idle);
    busy.set(m, strike(m, chance.chance(60)));
  }
  await Promise.all(busy.values());
  return done;
}

/** Asks until somebody accepts it: the same key each time, so that it is one message. */
async function post(i, counts) {
  for (const end = Date.now() + PATIENCE_S * 1000; ; counts.again++) {
    const answer = await call(`${r.checking}/v1/messages`, {
      body: { to: guest(i), body: `Your table is ready. ${i}` },
      headers: { authorization: `Bearer ${KEY}`, 'idempotency-key': `machines-${i}` },
    }).catch((e) => ({ status: 0, text: e.cause?.code ?? e.message }));
    if (answer.status === 202) return;
    counts[answer.status] = (counts[answer.status] ?? 0) + 1;
    assert.ok([0, 409, 500, 502, 503, 504].includes(answer.status) && Date.now() < end, `${i}: ${answer.status} ${answer.text}`);
    await sleep(100);
  }
}

test(`${N} messages by ${WEB} web and ${WORK} worker processes that are killed: ${N} texts, none twice`, async (t) => {
  const start = Date.now(), counts = { again: 0 };
  let posting = true, connections = 0;
  const broken = nemesis(() => posting, N > 5000 ? 800 : 300);
  const watch = setInterval(() => {
    connections = Math.max(connections, Number(h.sql("SELECT count(*) FROM pg_stat_activity WHERE usename = 'maitred'")) - 1);
  }, 1000);
  await each(N, 64, (i) => post(i, counts));
  const posted_s = (Date.now() - start) / 1000;
  posting = false;
  const { ends, ...kills } = await broken;
  clearInterval(watch);
  await until('nothing is queued', () => h.sql('SELECT count(*) FROM queue') === '0', 90);
  const sent_s = (Date.now() - start) / 1000;
  await until('all callbacks came', async () => (await h.sim('/sim/v1/callbacks')).json.idle, 60);
  await until('all are applied', () => h.sql('SELECT count(*) FROM pending') === '0', 60);

  const s = await h.summary();
  assert.deepEqual([s.texts, s.doubled, s.most_per_phone], [N, 0, 1], JSON.stringify(s));
  assert.equal(h.sql("SELECT count(*) FROM messages WHERE direction = 'out'"), `${N}`);
  await until('each is on the phone', () => h.states().delivered === N, 60).catch(() => assert.deepEqual(h.states(), { delivered: N }));
  assert.ok(Number(h.sql('SELECT count(*) FROM seen')) >= WEB, 'they shared the work');
  assert.deepEqual(ends.filter((code) => code !== 0), [], 'each SIGTERM ended in exit 0');
  t.diagnostic(`pooled: ${POOLED}; accepted in ${posted_s} s (${Math.round(N / posted_s)} a second), all sent after ${sent_s} s; ` +
    `${JSON.stringify(kills)}; asked again: ${JSON.stringify(counts)}; connections at the database: ${connections} at most; ` +
    `asked the carrier for ${h.sql('SELECT count(*) FROM attempts WHERE looks > 0')}`);
});

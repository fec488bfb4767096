// torture.mjs - one run: starts everything, lets the nemesis loose on it under load, mends everything,
// waits until each message has ended, and judges.
import { createHash } from 'node:crypto';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ACCOUNT, call, freePort, KEY, TELNYX_NUMBER, TWILIO_NUMBER, until } from '../e2e/house.mjs';
import { diary as newDiary } from './diary.mjs';
import { fleet as newFleet } from './fleet.mjs';
import { front, lookout } from './front.mjs';
import { judge } from './judge.mjs';
import { nemesis } from './nemesis.mjs';
import { pair as newPair } from './pair.mjs';
import { Program, run } from './processes.mjs';
import { traffic as newTraffic } from './traffic.mjs';
import { testimony, WITNESS } from './witness.mjs';

const SEED_ROWS = `
  INSERT INTO accounts (account_id, name) VALUES ('${ACCOUNT}', 'Test');
  INSERT INTO numbers (account_id, number_id, provider, phone) VALUES
    ('${ACCOUNT}', 'num_00000000000000000000000001', 'twilio', '${TWILIO_NUMBER}'),
    ('${ACCOUNT}', 'num_00000000000000000000000002', 'telnyx', '${TELNYX_NUMBER}');
  INSERT INTO api_keys (account_id, key_id, name, hash) VALUES
    ('${ACCOUNT}', 'key_00000000000000000000000001', 'test',
     '${createHash('sha256').update(KEY).digest('hex')}')`;

/* ---- the carriers ---- */

async function startCarriers({ program, dir, gatewayUrl }) {
  const sim = new Program(path.join(dir, 'sim.log'), program,
                          ['sim', '--port', '0', '--gateway', gatewayUrl, '--sent-ms', '100', '--delivered-ms', '300'],
                          process.env);
  const match = await until('the carriers are ready', () =>
    /ready control=(\S+) twilio=(\S+) telnyx=(\S+)/.exec(sim.output()));
  const [, control, twilio, telnyx] = match;
  const put = async (route, body) => {
    const r = await call(control + route, { method: 'PUT', body });
    if (r.status !== 200) throw new Error(`PUT ${route}: ${r.text}`);
  };

  for (const carrier of ['twilio', 'telnyx'])
    await put(`/sim/v1/latency/${carrier}`,
              { sent_ms: 100, delivered_ms: 300, retry_ms: 1500, ring_ms: 300, key_ms: 100, second_ms: 20 });
  const list = async (route, name) => {
    const all = [];
    for (let after = 0; after !== null;) {
      const page = (await call(`${control}${route}&limit=2000&after=${after}`)).json;
      all.push(...page[name]);
      after = page.next_after;
    }
    return all;
  };
  return {
    sim, control,
    ports: [twilio, telnyx].map((url) => Number(new URL(url).port)),
    credentials: (await call(`${control}/sim/v1/credentials`)).json,
    setFaults: (carrier, seed, faults) => put(`/sim/v1/faults/${carrier}`, { seed, faults }),
    summary: async () => (await call(`${control}/sim/v1/ledger/summary`)).json,
    idle: async () => (await call(`${control}/sim/v1/callbacks`)).json.idle,
    ledger: () => list('/sim/v1/ledger?direction=any', 'texts'),
    calls: () => list('/sim/v1/calls?direction=outbound', 'calls'),
  };
}

/* ---- the end ---- */

/** A receipt that never came is asked for: until it is there, or was asked for long enough. */
const WAITING = `SELECT (SELECT count(*) FROM queue) + (SELECT count(*) FROM pending)
                      + (SELECT count(*) FROM attempts WHERE state = 'accepted')`;

/** Until nothing is under way. False: something still is after so long. */
async function settle({ pair, carriers, patience_s, say }) {
  const end = Date.now() + patience_s * 1000;
  let quiet = 0;

  for (let i = 0; Date.now() < end; i++) {
    const left = Number(await pair.sql(WAITING));
    quiet = left === 0 && await carriers.idle() ? quiet + 1 : 0;
    if (quiet >= 3) return true;
    if (i % 20 === 10) say(`mended; ${left} under way`);
    await sleep(500);
  }
  return false;
}

/**
 * Nobody can be about to send any more: then what waits for a time need not, and a short run stays
 * short. A long run waits.
 */
async function hurry(pair) {
  await sleep(6000); // the time to write an attempt, and the time for its answer
  await pair.sql(`UPDATE attempts SET dead_at = now() - interval '1 second' WHERE state IN ('intent', 'ambiguous');
                  UPDATE attempts SET opened_at = opened_at - interval '20 seconds', looked_at = NULL
                  WHERE state = 'accepted';
                  UPDATE queue SET due_at = now();
                  UPDATE pending SET due_at = now()`);
}

/** What happened to one message: by the API, by the gateways' logs, and what was being done to them. */
async function story(v, { url, fleet, diary }) {
  const lines = [`${v.rule}: ${v.token ?? ''} ${v.id ?? ''}: ${v.what}`];
  if (!v.id) return lines.join('\n');
  const m = (await call(`${url}/v1/messages/${v.id}`, { headers: { authorization: `Bearer ${KEY}` } })).json;
  const times = [];
  for (const t of m?.timeline ?? []) {
    lines.push(`  ${t.at} ${t.text}${t.attempt_id ? ` (${t.attempt_id})` : ''}`);
    times.push(Date.parse(t.at));
  }
  const ids = [v.id, ...(m?.timeline ?? []).map((t) => t.attempt_id).filter(Boolean)];
  const logged = new Set(ids.flatMap((id) => fleet.mentions(id)));
  lines.push(...[...logged].sort((a, b) => (a.slice(a.indexOf('{')) < b.slice(b.indexOf('{')) ? -1 : 1)).map((l) => `  log ${l}`));
  const around = times.length ? diary.between(Math.min(...times) - 10_000, Math.max(...times) + 5000) : [];
  return [...lines, ...around.slice(0, 120).map((l) => `  nemesis ${l}`)].join('\n');
}

/* ---- the whole ---- */

/**
 * `plan`: program, dir, seconds, seed, gateways (how many), every, freezes_s, faults_ms, rates, guests,
 * clocks, disks, network (function or null), servers, databaseUrl(n), port(n), hurry, patience_s, say.
 */
export async function torture(plan) {
  const { program, dir, say } = plan;
  const diary = newDiary();
  const undo = [];
  let stopped = false;
  const stop = () => { stopped = true; };

  const close = async () => {
    for (const step of undo.reverse()) await step();
  };
  try {
    return { ...await whole(), close, stop };
  } catch (e) {
    await close();
    throw e;
  }

  async function whole() {
    const pair = await newPair(plan.servers);
    undo.push(() => pair.drop());
    const migrateUrl = await pair.url(pair.primary().dir);
    await run('env', [`DATABASE_URL=${migrateUrl}`, program, 'migrate']);
    await pair.sql(SEED_ROWS);
    await pair.sql(WITNESS);

    const ports = [];
    for (let n = 1; n <= plan.gateways; n++) ports.push(await freePort());
    const look = lookout(ports);
    const clientFront = await front(look, 0), callbackFront = await front(look, 0);
    undo.push(() => { look.stop(); clientFront.close(); callbackFront.close(); });
    const carriers = await startCarriers({ program, dir, gatewayUrl: callbackFront.url });
    undo.push(() => carriers.sim.signal('SIGKILL'));
    const network = plan.network && await plan.network({ carrierPorts: carriers.ports, callbackPort: callbackFront.port });

    const fleet = newFleet({
      program, dir, look, clocks: plan.clocks,
      gateways: ports.map((port, i) => ({
        name: `gateway ${i + 1}`, port,
        env: {
          ...carriers.credentials, DATABASE_URL: plan.databaseUrl(i + 1), PUBLIC_URL: callbackFront.url,
          BIND: 'loopback', LOG_FORMAT: 'json', LOG_LEVEL: 'info', SEND_TIMEOUT_S: '2', VALIDITY_S: '6', GRACE_S: '3',
          PRIVACY_KEY: Buffer.alloc(32, 2).toString('base64'), PACE_10DLC: '0', PACE_CALLS: '0', RECEIPT_WAIT_S: '10', RECEIPT_END_S: '240',
        },
      })),
    });
    undo.push(() => fleet.killAll());
    await fleet.allReady();
    say('everything runs');

    const traffic = newTraffic({
      seed: plan.seed, rates: plan.rates, guests: plan.guests, credentials: carriers.credentials,
      urls: { client: clientFront.url, callbacks: callbackFront.url, control: carriers.control },
    });
    undo.push(() => traffic.abandon());

    const progress = setInterval(async () => {
      const { texts, calls } = await carriers.summary().catch(() => ({ texts: '?' }));
      const faults = [...diary.counts].reduce((sum, [, n]) => sum + n, 0);
      const kills = [...diary.counts].filter(([kind]) => kind.startsWith('kill')).reduce((sum, [, n]) => sum + n, 0);
      say(`${traffic.messages.size} posted, ${traffic.acked()} acknowledged, ${texts} texts, ${calls?.rang ?? '?'} calls, ` +
          `${traffic.replies.size} replies, ${traffic.stops.size} STOPs; ${kills} kills, ${faults} faults; ` +
          `${look.all().length} gateways ready; last: ${diary.entries.at(-1)?.what ?? ''}`);
    }, 10_000);
    undo.push(() => clearInterval(progress));

    const world = { fleet, pair, network, disks: plan.disks, diary, setFaults: carriers.setFaults, stopped: () => stopped };
    await nemesis(world, { seed: plan.seed, seconds: plan.seconds, every: plan.every, freezes_s: plan.freezes_s, faults_ms: plan.faults_ms });
    const took_s = diary.seconds();
    clearInterval(progress);
    say(`everything is mended after ${Math.round(took_s)} s`);

    await fleet.allReady();
    await traffic.finish(60);
    say('every request has its answer');
    if (plan.hurry) await hurry(pair);
    const settled = await settle({ pair, carriers, patience_s: plan.patience_s, say });
    say('nothing is under way any more');
    const verdict = judge({
      said: traffic, db: await testimony(pair.sql), ledger: await carriers.ledger(), calls: await carriers.calls(),
    });
    const violations = verdict.violations;
    const add = (rule, what) => violations.push({ rule, what });

    if (!settled) add('not ended', `something was still under way after ${plan.patience_s} s`);
    const url = clientFront.url;
    const stories = [];
    for (const v of violations.slice(0, 40)) stories.push(await story(v, { url, fleet, diary }));
    const slowest = [], unsaid = [];
    for (const v of verdict.slowest) slowest.push(await story(v, { url, fleet, diary }));
    for (const v of verdict.unsaid.slice(0, 20)) unsaid.push(await story(v, { url, fleet, diary }));
    await fleet.stop();
    for (const what of [...traffic.problems, ...fleet.misdeeds, ...fleet.bad()]) {
      add('broken', what);
      stories.push(`broken: ${what}`);
    }
    return { ...verdict, stories, slowest, unsaid, refusals: refusals(fleet), faults: diary.counts, diary, took_s, seed: plan.seed, gateways: plan.gateways };
  }
}

/** Statements that the database refused, by their message: { message: how often }. */
function refusals(fleet) {
  const counts = {};
  for (const line of fleet.mentions('"statement_refused"')) {
    const { statement, 'error.message': error } = JSON.parse(line.slice(line.indexOf('{')));
    const what = `${statement}: ${error.replace(/"[^"]*"|\S+_[0-9a-z]{20,}/g, '...')}`;
    counts[what] = (counts[what] ?? 0) + 1;
  }
  return counts;
}

// house.mjs - a whole installation for one test file: a private PostgreSQL, the simulated carriers and
// gateways, all real processes. Everything is started by house() and ended by its close().
import { spawn, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { guests, leaks, secrets } from './canary.mjs';
import { prism as startPrism, violations } from './prism.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
export const maitred = process.env.MAITRED ?? path.join(root, 'build/san/maitred');

export const KEY = 'mk_test_0000000000000000000000000001';
export const ORGANISATION = 'org_00000000000000000000000001';
export const ACCOUNT = 'acc_00000000000000000000000001';
export const TWILIO_NUMBER = '+13125550002';
export const TELNYX_NUMBER = '+17735550002';

/** Waits until `look` returns something true; fails loudly instead of hanging. */
export async function until(what, look, seconds = 30) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Error(`not within ${seconds} s: ${what}`);
    await sleep(50);
  }
}

class Process {
  constructor(name, args, env) {
    this.name = name;
    this.env = env;
    this.output = '';
    this.child = spawn(maitred, args, { cwd: root, env: { ...process.env, ...env } });
    for (const stream of [this.child.stdout, this.child.stderr])
      stream.on('data', (data) => { this.output += data; });
    this.ended = once(this.child, 'close').then(([code, signal]) => { this.end = { code, signal }; });
  }

  async line(pattern, seconds = 60) {
    return until(`${this.name} says ${pattern}; it said:\n${this.output.slice(-2000)}`, () => {
      if (this.end) throw new Error(`${this.name} ended: ${JSON.stringify(this.end)}\n${this.output}`);
      return this.output.match(pattern);
    }, seconds);
  }

  async stop(signal = 'SIGTERM') {
    if (!this.end) this.child.kill(signal);
    await this.ended;
    return this.end;
  }
}

/** For tests/run, which holds what was called against the table of endpoints. */
export function note(method, url) {
  if (process.env.CALLS_FILE) appendFileSync(process.env.CALLS_FILE, `${method} ${new URL(url).pathname}\n`);
}

/** A JSON request; `body` may be an object, a string or undefined. */
export async function call(url, { method, body, headers = {} } = {}) {
  const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  method ??= body === undefined ? 'GET' : 'POST';
  note(method, url);
  const response = await fetch(url, {
    method,
    body: text,
    headers: { ...(text === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
  });
  const answer = await response.text();
  let json;
  try { json = JSON.parse(answer); } catch { json = undefined; }
  return { status: response.status, headers: response.headers, text: answer, json };
}

/** Runs `work(i)` for i in 0..n-1, `width` at a time. */
export async function each(n, width, work) {
  let next = 0;
  const lane = async () => { while (next < n) await work(next++); };
  await Promise.all(Array.from({ length: width }, lane));
}

/**
 * With `prism`, what h.api() asks and is answered goes through Prism, and the test fails that sees
 * another answer than the document says. Not for suites that kill gateways or ask thousands of times.
 */
export async function house({ latency = { sent_ms: 0, delivered_ms: 0 }, seeded = true, settings = [],
                             prism = true } = {}) {
  const dir = mkdtempSync(path.join(tmpdir(), 'e2e-'));
  const postgres = (...args) =>
    execFileSync(path.join(root, 'db/postgres.sh'), args, { encoding: 'utf8' }).trim();
  const started = [];
  let proxy;

  postgres('start', dir, ...settings);
  const DATABASE_URL = postgres('url', dir);
  const sql = (text) =>
    execFileSync('psql', ['-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', DATABASE_URL, '-c', text],
                 { encoding: 'utf8' }).trim();

  mkdirSync(path.join(dir, 'mail'));
  execFileSync(maitred, ['migrate'], { env: { ...process.env, DATABASE_URL } });
  if (seeded) sql(`INSERT INTO organisations (organisation_id, name) VALUES ('${ORGANISATION}', 'Test');
       INSERT INTO accounts (account_id, organisation_id, name, quiet_from, quiet_until) -- whatever the time is here
         VALUES ('${ACCOUNT}', '${ORGANISATION}', 'Test', '00:00', '00:00');
       INSERT INTO numbers (account_id, number_id, provider, phone) VALUES
         ('${ACCOUNT}', 'num_00000000000000000000000001', 'twilio', '${TWILIO_NUMBER}'),
         ('${ACCOUNT}', 'num_00000000000000000000000002', 'telnyx', '${TELNYX_NUMBER}');
       INSERT INTO api_keys (account_id, key_id, name, hash) VALUES
         ('${ACCOUNT}', 'key_00000000000000000000000001', 'test',
          '${createHash('sha256').update(KEY).digest('hex')}')`);

  // The gateway's port is found by starting it once on any; guests' texts then know where to go.
  const start = async (args, env, pattern) => {
    const p = new Process(`maitred ${args[0]}`, args, env);
    started.push(p);
    return { p, match: await p.line(pattern) };
  };
  const free = await freePort();
  const gatewayUrl = `http://127.0.0.1:${free}`;
  const sim = await start(['sim', '--port', '0', '--gateway', gatewayUrl,
                           '--sent-ms', `${latency.sent_ms}`,
                           '--delivered-ms', `${latency.delivered_ms}`], {},
                          /ready control=(\S+) twilio=(\S+) telnyx=(\S+)/);
  const [, control, twilioUrl, telnyxUrl] = sim.match;
  const credentials = (await call(`${control}/sim/v1/credentials`)).json;
  const env = {
    ...credentials,
    DATABASE_URL: `${DATABASE_URL}&password=canary-of-the-database`, // which it does not ask for
    PUBLIC_URL: gatewayUrl,
    BIND: 'loopback',
    LOG_FORMAT: 'json',
    SEND_TIMEOUT_S: '2',
    VALIDITY_S: '6', // a lost answer is settled in 3 + 2 + 6 + 3 s at the latest
    GRACE_S: '3',
    SESSION_KEYS: `one:${Buffer.alloc(32, 1).toString('base64')}`,
    PRIVACY_KEY: Buffer.alloc(32, 2).toString('base64'),
    LINGER_S: '0', // nobody balances; tests of that set it
    PASSWORD_COST: '4', // as fast as it can be
    MAIL_URL: `file://${dir}/mail`,
    MAIL_FROM: 'maitred <maitred@example.com>',
    API_RATE: '0', // tests of the limit set one
    PACE_10DLC: '0', // as fast as it can; tests of pace set one
  };

  const h = {
    dir, sql, postgres, env, gatewayUrl, control, twilioUrl, telnyxUrl, credentials,

    /** Starts a process that only sends and applies callbacks. */
    async worker(more = {}) {
      return (await start(['work'], { ...env, ...more }, /"event":"ready"/)).p;
    },

    /** Starts a gateway; by default on the port that callbacks go to. */
    async gateway(more = {}) {
      const { p, match } = await start(['serve'], { ...env, PORT: `${free}`, ...more },
                                       /"event":"ready","port":"(\d+)"/);
      p.url = `http://127.0.0.1:${match[1]}`;
      return p;
    },

    /** A call of the API with a key; null: without. A body that is a string goes out byte for byte. */
    async api(route, { key = KEY, headers = {}, ...rest } = {}) {
      const options = { ...rest, headers: { ...(key && { authorization: `Bearer ${key}` }), ...headers } };
      if (!prism || typeof rest.body === 'string') return call(gatewayUrl + route, options);
      proxy ??= startPrism(gatewayUrl);
      const r = await call((await proxy).url + route, options);
      if (r.json?.type?.startsWith('https://stoplight.io/prism/errors') || r.json?.title?.includes('FetchError'))
        throw new TypeError(`fetch failed: ${r.text}`);
      const wrong = violations(r);
      if (wrong.length)
        throw new Error(`not as documented: ${options.method ?? ''} ${route}: ${r.status} ${r.text}\n${wrong.join('\n')}`);
      return r;
    },

    sim: (route, options) => call(control + route, options),

    async faults(carrier, ...faults) {
      const r = await call(`${control}/sim/v1/faults/${carrier}`,
                           { method: 'PUT', body: { seed: 7, faults } });
      if (r.status !== 200) throw new Error(`faults: ${r.text}`);
    },

    /** The carriers are well, and every gateway believes it: what a test before did is forgotten. */
    async heal() {
      await h.faults('twilio');
      await h.faults('telnyx');
      h.sql(`UPDATE breakers SET state = 'closed', open_until = NULL, times = 0, shift = 0,
                                 version = version + 1;
             NOTIFY maitred_carriers`);
      await sleep(200);
    },

    async text(to, body = 'Your table is ready.', more = {}) {
      const r = await h.api('/v1/messages', { body: { to, body, ...more } });
      if (r.status !== 202) throw new Error(`POST /v1/messages: ${r.status} ${r.text}`);
      return r.json.id;
    },

    /** The mails that were sent to an address, the latest last, their text decoded. */
    mails: (to) => readdirSync(path.join(dir, 'mail')).filter((f) => f.endsWith('.eml'))
      .map((f) => readFileSync(path.join(dir, 'mail', f), 'utf8'))
      .filter((mail) => mail.includes(`To: ${to}`) || mail.includes(`To: <${to}>`))
      .map((mail) => mail.replace(/=\r\n/g, '')
        .replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)))),

    /** The code in the latest mail to an address. */
    async code(to, after = 0) {
      const mails = await until(`a mail to ${to}`, () => {
        const all = h.mails(to);
        return all.length > after && all;
      });
      return mails.at(-1).match(/mlk_[0-9a-f]{64}/)?.[0];
    },

    message: async (id) => (await h.api(`/v1/messages/${id}`)).json,

    /** All that the processes of this house have written so far. */
    outputs: () => started.map((p) => p.output).join('\n'),

    /** How many messages are in each state, by the database. */
    states: () => Object.fromEntries(
      sql("SELECT state, count(*) FROM messages WHERE direction = 'out' GROUP BY state")
        .split('\n').filter(Boolean).map((row) => row.split('|')).map(([s, n]) => [s, Number(n)])),

    summary: async () => (await call(`${control}/sim/v1/ledger/summary`)).json,

    /** What of secrets and of guests stands in logs, at /status and /metrics; one of each at least is looked for. */
    async leaks() {
      const ours = started.filter((p) => p.name !== 'maitred sim');
      const known = { ...guests(sql), secrets: [KEY, ...secrets(Object.assign({}, env, ...ours.map((p) => p.env)))] };
      const pages = await Promise.all(ours.filter((p) => p.url && !p.end).flatMap((p) => ['/status', '/metrics'].map((page) =>
        fetch(p.url + page, { headers: { authorization: `Bearer ${p.env.OPERATOR_TOKEN}` }, signal: AbortSignal.timeout(5000) })
          .then((r) => r.text()).catch(() => ''))));
      return leaks([...ours.map((p) => p.output), ...pages].join('\n'), known);
    },

    async close() {
      const found = await h.leaks();
      await (await proxy)?.close();
      for (const p of started.reverse()) await p.stop();
      postgres('drop', dir);
      if (found.length) throw new Error(`in the log, or on a page of operators:\n${found.join('\n')}`);
      const bad = started.filter((p) => /Sanitizer|runtime error|Assertion/.test(p.output));
      if (bad.length) throw new Error(`${bad[0].name}: ${bad[0].output.slice(-4000)}`);
    },
  };
  return h;
}

export async function freePort() {
  const { createServer } = await import('node:net');
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

const AREAS = [212, 213, 310, 312, 415, 512, 617, 702, 713, 773];

/** A guest's number, different for each i below 99,000. */
export const guest = (i) =>
  `+1${AREAS[Math.floor((1000 + i) / 10000)]}555${String((1000 + i) % 10000).padStart(4, '0')}`;

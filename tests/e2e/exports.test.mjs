// exports.test.mjs - CSV files of any length: in little memory, also for a slow reader; what becomes of one that
// is hung up on or cannot be finished; and that no statement behind them reads a whole table.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ACCOUNT, call, house, KEY, maitred, until } from './house.mjs';

const RELEASE = process.env.MAITRED_RELEASE ?? path.join(path.dirname(maitred), '../maitred');
const MANY = 100000;
const LONG = 'from=2026-05-01&to=2026-05-31';
let h;
before(async () => {
  h = await house({ prism: false });
  const sql = `ALTER TABLE messages DISABLE TRIGGER USER;
    WITH times AS MATERIALIZED (
      SELECT at, left(id_of('msg', at, 0), 20) AS prefix
      FROM generate_series(1, 1000) j, LATERAL (SELECT timestamptz '2026-05-01 12:00Z' + j * interval '42 min' AS at) v
    )
    INSERT INTO messages (account_id, message_id, created_at, conversation_id, direction, kind, phone, body, encoding, segments, state, rank)
    SELECT '${ACCOUNT}', prefix || lpad(i::text, 10, '0'), at, 'cnv', 'out', 'table_ready', '+12125551001',
           repeat('Your table is ready. ', 6), 'GSM-7', 1, 'delivered', 5
    FROM times, generate_series(1, ${MANY / 1000}) i;
    INSERT INTO parties (account_id, party_id, name, size, language, source, state, place, created_at)
    SELECT '${ACCOUNT}', 'pty_' || i, 'Ana', 2, 'en', 'host', 'waiting', i, '2026-05-01Z'::timestamptz + i * interval '1 hour'
    FROM generate_series(1, 2000) i;
    INSERT INTO bookings (account_id, booking_id, name, size, language, source, state, starts_at)
    SELECT '${ACCOUNT}', 'bkg_' || i, 'Ana', 2, 'en', 'host', 'booked', '2026-05-01Z'::timestamptz + i / 9 * interval '1 hour'
    FROM generate_series(1, 2000) i;
    ALTER TABLE messages ENABLE TRIGGER USER;
    VACUUM ANALYZE messages, parties, bookings`;
  execFileSync('psql', ['-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', h.env.DATABASE_URL], { input: sql });
});
after(() => h?.close());

const read = (url, what = 'messages', query = LONG) => new Promise((resolve, reject) => {
  const d = { bytes: 0, lines: 0, text: '' };
  d.request = http.get(`${url}/v1/reports/${what}.csv?${query}`, { agent: false, headers: { authorization: `Bearer ${KEY}` } }, (response) => {
    d.response = response;
    d.status = response.statusCode;
    d.ended = new Promise((done) => {
      response.on('error', (e) => { d.error = e; }).on('close', () => { d.complete = response.complete; done(d); });
    });
    resolve(d);
  }).on('error', reject);
});
/** Takes it all; `pause` ms after each 256 KB. */
const take = (d, pause = 0) => {
  d.response.on('data', (data) => {
    d.bytes += data.length;
    for (const byte of data) d.lines += byte === 10;
    if (d.bytes < 1 << 20) d.text += data;
    if (!pause || d.bytes < (d.paused ?? 0) + (1 << 18)) return;
    d.paused = d.bytes;
    d.response.pause();
    setTimeout(() => d.response.resume(), pause);
  });
  return d.ended;
};

/** The release build, whose memory tells something. */
async function release() {
  const p = spawn(RELEASE, ['serve'], { env: { ...process.env, ...h.env, PORT: '0' } });
  let said = '';
  for (const s of [p.stdout, p.stderr]) s.on('data', (data) => { said += data; });
  const [, port] = await until('the release build', () => said.match(/"event":"ready","port":"(\d+)"/), 20);
  const ended = once(p, 'exit');
  return { url: `http://127.0.0.1:${port}`,
           kb: () => Number(readFileSync(`/proc/${p.pid}/status`, 'utf8').match(/VmRSS:\s+(\d+)/)[1]),
           peak: () => Number(readFileSync(`/proc/${p.pid}/status`, 'utf8').match(/VmHWM:\s+(\d+)/)[1]),
           stop: async () => { p.kill('SIGTERM'); return (await ended)[0]; } };
}

test(`${MANY} messages: their report at once, their file in little memory, also for a slow reader`, async (t) => {
  const g = await release();
  t.after(() => g.stop());
  await take(await read(g.url, 'bookings')); // what is made once, is made
  const ask = async () => {
    const began = performance.now();
    const r = await call(`${g.url}/v1/reports?${LONG}`, { headers: { authorization: `Bearer ${KEY}` } });
    assert.equal(r.json.messages.all.delivered, MANY, r.text);
    return performance.now() - began;
  };
  const took = [await ask(), await ask(), await ask()].map(Math.round);
  t.diagnostic(`the report: ${took} ms`);
  assert.ok(Math.min(...took) < 1000, `${took} ms`);

  const before = g.kb();
  const began = performance.now(), quick = await take(await read(g.url));
  const quick_ms = Math.round(performance.now() - began);
  const slow = await take(await read(g.url), 30);
  const grown = g.peak() - before;
  t.diagnostic(`${quick.bytes} bytes in ${quick_ms} ms; memory grew by ${grown} KB at most, from ${before} KB`);
  for (const d of [quick, slow])
    assert.deepEqual([d.status, d.complete, d.lines, d.bytes], [200, true, MANY + 1, quick.bytes]);
  assert.ok(quick.bytes > MANY * 100 && grown < 4096, `${grown} KB`);
});

test('pages end between rows of the same time, and none is lost or twice', async () => {
  const g = await h.gateway();
  for (const [what, count] of [['parties', 31 * 24], ['bookings', 2000 - 35]]) {
    const d = await read(g.url, what);
    await take(d);
    const ids = d.text.split('\r\n').slice(1, -1).map((line) => line.split(',')[0]);
    assert.deepEqual([d.complete, ids.length, new Set(ids).size], [true, count, count], what);
  }
});

test('no statement of a report or a file reads a whole table', () => {
  const plans = (sql) => h.sql(`SET enable_bitmapscan = off; SET plan_cache_mode = force_generic_plan; SET maitred.account = '${ACCOUNT}';
                                ${sql}`);
  const statement = (name) => readFileSync(new URL(`../../db/sql/${name}.sql`, import.meta.url), 'utf8');
  for (const [name, args, index] of [
    ['export_messages', "1777593600000, 1780272000000, NULL, 501", 'messages_pkey'],
    ['export_parties', "1777593600000, 1780272000000, NULL, 501", 'parties_by_time'],
    ['export_bookings', "1777593600000, 1780272000000, NULL, 501", 'bookings_by_time'],
    ['report_get', "'2026-05-01', '2026-05-31', 'day'", 'parties_by_time'],
  ]) {
    const plan = plans(`PREPARE s AS ${statement(name)}; EXPLAIN EXECUTE s (${args})`);
    assert.match(plan, new RegExp(`Index.* using ${index}`), plan);
    assert.doesNotMatch(plan, /Seq Scan on (messages|parties|bookings)|Sort Key: [mpb]\./, plan);
  }
  const counting = plans(`PREPARE s (timestamptz, timestamptz) AS SELECT * FROM message_counts($1, $2);
                          EXPLAIN EXECUTE s ('2026-05-01', '2026-06-01')`);
  assert.match(counting, /Index Scan using messages_pkey/, counting);
});

test('at most four at once; who hangs up leaves nothing behind', async () => {
  const g = await h.gateway({ PORT: '0' });
  for (let round = 0; round < 3; round++) {
    const open = [];
    await until('four of them', async () => { // those of the round before may just be leaving
      const d = await read(g.url);
      if (d.status === 200) open.push(d);
      else d.response.resume();
      return open.length === 4;
    }, 5);
    const more = await call(`${g.url}/v1/reports/parties.csv`, { headers: { authorization: `Bearer ${KEY}` } });
    assert.deepEqual([more.status, more.headers.get('retry-after'), more.json?.code], [503, '2', 'unavailable'], more.text);
    await once(open[0].response, 'data');
    for (const d of open) round % 2 ? d.request.destroy() : d.request.socket.resetAndDestroy();
  }
  await until('all are gone', async () => (await take(await read(g.url, 'parties'))).complete, 5);
  assert.deepEqual(await g.stop(), { code: 0, signal: null });
});

test('SIGTERM while files are sent: they are sent to their end, and no other begins', async () => {
  const g = await h.gateway({ PORT: '0' });
  const slow = await read(g.url), done = take(slow, 30);
  await until('it is under way', () => slow.lines > 1000);
  const stopped = g.stop();
  const d = await done;
  assert.deepEqual([d.complete, d.lines], [true, MANY + 1]);
  assert.deepEqual(await stopped, { code: 0, signal: null });
});

test('a caller who may no more, or a database that goes away: the file has no end', async () => {
  const g = await h.gateway({ PORT: '0' });
  h.sql(`INSERT INTO api_keys (account_id, key_id, name, hash) SELECT account_id, 'key_else', name, repeat('0', 64) FROM api_keys`);
  for (const [what, how, back] of [
    ['a key', () => h.sql("UPDATE api_keys SET scopes = '{read}'"), () => h.sql("UPDATE api_keys SET scopes = '{read,write,manage}'")],
    ['the database', () => h.postgres('crash', h.dir), () => h.postgres('start', h.dir)],
  ]) {
    const d = await read(g.url);
    await once(d.response, 'readable');
    await sleep(100);
    how();
    await take(d);
    assert.deepEqual([d.status, d.complete], [200, false], what);
    assert.ok(d.lines > 100 && d.lines < MANY, `${what}: ${d.lines}`);
    back();
    await until('and then it has', async () => {
      const again = await read(g.url, 'parties');
      await take(again);
      return again.status === 200 && again.complete && again.lines > 600;
    }, 10);
  }
  assert.deepEqual(await g.stop(), { code: 0, signal: null });
});

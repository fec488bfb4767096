// reports.test.mjs - GET /v1/reports, GET /v1/wait and the CSV files: a made-up week whose reports have to add
// up to the rows of its files.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { ACCOUNT, call, guest, house, KEY, until } from './house.mjs';

const FROM = '2026-10-26', TO = '2026-11-01'; // Monday to Sunday; on Sunday New York's clocks go back
const seed = Number(process.env.TEST_SEED ?? 1);
let state = seed;
const random = (n) => { // mulberry32
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) % n;
};
const one = (...list) => list[random(list.length)];

let h, gateway;
before(async () => {
  h = await house();
  h.sql("UPDATE accounts SET zone = 'America/New_York'");
  gateway = await h.gateway();
});
after(() => h?.close());

test('how long a party waits: the gateway learns it by itself', async () => {
  h.sql(`INSERT INTO parties (account_id, party_id, name, size, language, source, state, place, created_at, joined_at, ended_at, ended_by)
         SELECT '${ACCOUNT}', 'pty_w' || i, 'Ana', 2, 'en', 'host', 'seated', i, t, t, t, 'staff' FROM generate_series(1, 60) i,
           LATERAL (SELECT now() - interval '6 hours' + i * interval '4 min' AS t) v;
         UPDATE parties SET state = 'waiting', ended_at = NULL, ended_by = NULL WHERE party_id IN ('pty_w1', 'pty_w2');
         DELETE FROM wait_refreshes`);
  const fresh = await h.gateway({ PORT: '0' });
  const r = await until('an estimate', async () => {
    const w = (await h.api('/v1/wait?size=2')).json;
    return w.basis === 'history' && w;
  }, 10);
  assert.deepEqual(r, { size: 2, minutes: 15, basis: 'history', parties_ahead: 2 });
  await fresh.stop();
  h.sql('DELETE FROM parties');
});

// ---- a week ----

const HOUR = 3600e3;
const begins = Date.parse('2026-10-26T00:00:00-04:00'), ends = Date.parse('2026-11-02T00:00:00-05:00');
const iso = (ms) => (ms === null ? null : new Date(ms).toISOString());
const quote = (v) => (v === null || v === undefined ? 'NULL' : `'${String(v).replaceAll("'", "''")}'`);
const rows = (list) => list.map((r) => `(${r.map(quote).join(',')})`).join(',\n');
const id = (prefix, i) => `${prefix}_${String(i).padStart(26, '0')}`;
const NAMES = ['Ana', 'Li, Bo', 'Zoë "Z" Young', '=HYPERLINK("http://x")', '+1', '-2+3', '@SUM(A1)', '\tTab', 'two\nlines',
               'a\r\nb', "'quoted'", '名前', ' spaces '];

/** In the week, and now and then just outside it or just inside. */
const moment = () => one(0, 0, 0, 0, 0, 1) ? one(begins, begins - 1, ends, ends - 1, begins - HOUR, ends + HOUR)
  : begins + random(ends - begins);

function party(i) {
  const at = moment(), joined = at + random(60000), wait = random(5400) * 1000;
  const quoted = one(true, true, false), told = joined + random(600) * 1000;
  const [st, by] = one(['seated', 'staff'], ['seated', 'staff'], ['seated', 'staff'], ['no_show', 'staff'], ['cancelled', 'guest'],
                       ['cancelled', 'staff'], ['expired', 'clock'], ['waiting', null]);
  const asked = one(null, told), answered = asked && one(null, told + 60000);
  return [ACCOUNT, id('pty', i), one(null, id('cnv', i % 10)), one(...NAMES), 1 + random(12), 'en', 'host', st, i,
          quoted ? 10 : null, quoted ? 20 + random(40) : null, quoted && random(5) ? iso(told) : null, iso(asked), iso(answered),
          iso(at), iso(joined), by && iso(joined + wait), by, '{patio,birthday}'];
}

function booking(i) {
  const [st, by] = one(['arrived', 'staff'], ['no_show', 'staff'], ['cancelled', 'guest'], ['cancelled', 'staff'], ['booked', null]);
  const at = moment(), asked = one(null, at - 20 * HOUR), answered = asked && one(null, at - 19 * HOUR);
  return [ACCOUNT, id('bkg', i), one(null, id('cnv', i % 10)), one(...NAMES), 1 + random(12), 'en', 'host', st, iso(at), iso(asked),
          iso(answered), iso(at - random(900) * HOUR), by && iso(at), by];
}

const STATES = ['queued', 'unknown', 'sent', 'delivered', 'delivered', 'failed', 'undelivered', 'stopped', 'expired', 'cancelled',
                'uncertain'];
const message = (i) => {
  const direction = one('out', 'out', 'out', 'in'), st = direction === 'in' ? 'received' : one(...STATES);
  const code = ['failed', 'undelivered', 'expired', 'stopped'].includes(st) ? one('30003', '30005', 'opted_out', null) : null;
  return [ACCOUNT, iso(moment()), i, id('cnv', i % 10), direction, one('sms', 'sms', 'voice'), guest(i % 10), 'Words, of a guest',
          1 + random(3), st, code, st === 'cancelled' ? 'a host wrote this' : code && `It went wrong: ${code}`];
};

/** SQL of any length. */
const write = (sql) => execFileSync('psql', ['-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', h.env.DATABASE_URL], { input: sql });
/** Without what fires for each message. */
const quietly = (sql) => write(`ALTER TABLE messages DISABLE TRIGGER USER; ${sql};
                                ALTER TABLE messages ENABLE TRIGGER USER`);

function writeWeek() {
  const list = (n, make) => Array.from({ length: n }, (_, i) => make(i + 1));
  write(`INSERT INTO conversations (account_id, conversation_id, phone)
         VALUES ${rows(list(10, (i) => [ACCOUNT, id('cnv', i % 10), guest(i % 10)]))};
    INSERT INTO parties (account_id, party_id, conversation_id, name, size, language, source, state, place, quote_min,
      quote_max, quoted_at, asked_at, answered_at, created_at, joined_at, ended_at, ended_by, tags)
      VALUES ${rows(list(1300, party))};
    INSERT INTO bookings (account_id, booking_id, conversation_id, name, size, language, source, state, starts_at,
      asked_at, answered_at, created_at, ended_at, ended_by)
      VALUES ${rows(list(700, booking))};
    INSERT INTO consent_log (account_id, phone, event_id, action, word, at)
      VALUES ${rows(list(40, (i) => [ACCOUNT, guest(i % 15), `evt_${i}`, one('stop', 'stop', 'start'), 'STOP', iso(moment())]))}`);
  quietly(`INSERT INTO messages (account_id, message_id, created_at, conversation_id, direction, kind, channel, phone, body,
             encoding, segments, state, rank, code, reason, provider)
           SELECT account, id_of('msg', at::timestamptz, n::bigint), at::timestamptz, guest, direction, 'message', channel, phone, body,
                  'GSM-7', segments::int, state, 5, code, reason, 'twilio'
           FROM (VALUES ${rows(list(1700, message))})
             v (account, at, n, guest, direction, channel, phone, body, segments, state, code, reason)`);
}

/** The rows of a file that is as RFC 4180 has it, and nothing else. */
function readCsv(text) {
  const lines = [[]];
  let at = 0;
  for (const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/y; at < text.length; at = cell.lastIndex) {
    cell.lastIndex = at;
    const m = cell.exec(text);
    assert.ok(m, `no cell at ${at}: ${JSON.stringify(text.slice(at, at + 60))}`);
    lines.at(-1).push(m[1] === undefined ? m[2] : m[1].replaceAll('""', '"'));
    if (m[3] === '\r\n') lines.push([]);
  }
  assert.deepEqual(lines.pop(), []);
  const [heading, ...data] = lines;
  assert.ok(data.every((d) => d.length === heading.length), 'as many cells in each line');
  return data.map((d) => Object.fromEntries(d.map((v, i) => [heading[i], v])));
}

const KEYS = {
  total: () => 'total', day: (t) => t.slice(0, 10), hour: (t) => t.slice(11, 13),
  weekday: (t) => String(new Date(`${t.slice(0, 10)}T00:00:00Z`).getUTCDay() || 7),
  size: (_, size) => (size > 8 ? '9+' : String(size)),
};
const grouped = (list, key) => {
  const groups = new Map();
  for (const r of list) groups.set(key(r), [...(groups.get(key(r)) ?? []), r]);
  return groups;
};
const mean = (list) => (list.length ? list.reduce((a, b) => a + b, 0) / list.length : null);
const seconds = (from, to) => (Date.parse(to) - Date.parse(from)) / 1000;

/** The rows of a report, by the rows of the files. */
function recount(by, parties, bookings) {
  const keyed = (list, time) => grouped(list, (r) => KEYS[by](r[time], Number(r.size)));
  const ps = keyed(parties, 'created_at'), bs = keyed(bookings, 'starts_at');
  return [...new Set([...ps.keys(), ...bs.keys()])].sort().map((key) => {
    const p = ps.get(key) ?? [], b = bs.get(key) ?? [];
    const of = (list, st) => list.filter((r) => r.state === st);
    const served = of(p, 'seated'), quoted = served.filter((r) => r.quote_max);
    return {
      key, added: p.length, served: served.length, no_shows: of(p, 'no_show').length,
      walk_aways: of(p, 'cancelled').filter((r) => r.ended_by === 'guest').length,
      cancelled: of(p, 'cancelled').filter((r) => r.ended_by !== 'guest').length, expired: of(p, 'expired').length,
      guests: served.reduce((sum, r) => sum + Number(r.size), 0), wait_s: mean(served.map((r) => seconds(r.joined_at, r.ended_at))),
      quoted: quoted.length, quoted_s: mean(quoted.map((r) => r.quote_max * 60)),
      within_quote: quoted.filter((r) => seconds(r.quoted_at || r.joined_at, r.ended_at) <= r.quote_max * 60).length,
      bookings: b.length, booking_no_shows: of(b, 'no_show').length, bookings_cancelled: of(b, 'cancelled').length,
    };
  });
}

/** The same, but that averages may be rounded. */
function alike(got, want, what) {
  for (const name of ['wait_s', 'quoted_s']) {
    assert.ok(got[name] === want[name] || Math.abs(got[name] - want[name]) <= 1, `${what} ${name}: ${got[name]} ${want[name]}`);
    got = { ...got, [name]: want[name] };
  }
  assert.deepEqual(got, want, what);
}

const week = `from=${FROM}&to=${TO}`;
const report = async (query) => {
  const r = await h.api(`/v1/reports?${query}`);
  assert.equal(r.status, 200, r.text);
  return r.json;
};
const file = async (what, query = week) => {
  const r = await h.api(`/v1/reports/${what}.csv?${query}`);
  assert.equal(r.status, 200, r.text);
  return { ...r, rows: readCsv(r.text) };
};

let parties, bookings, messages;
test(`a week: each report adds up to the rows of the files (seed ${seed})`, async () => {
  writeWeek();
  parties = await file('parties');
  bookings = await file('bookings');
  messages = await file('messages');
  for (const [what, { rows: list }, table, time] of [['parties', parties, 'parties', 'created_at'], ['bookings', bookings, 'bookings', 'starts_at'],
                                                     ['messages', messages, 'messages', 'created_at']]) {
    const there = h.sql(`SELECT count(*), count(*) FILTER (WHERE ${time} < '${iso(begins)}' OR ${time} >= '${iso(ends)}') FROM ${table}`);
    const [all, outside] = there.split('|').map(Number);
    assert.ok(outside > 50 && list.length > 500, `${what}: ${there}`);
    assert.equal(list.length, all - outside, what);
    assert.equal(new Set(list.map((r) => r.id)).size, list.length, 'each once');
  }
  for (const by of Object.keys(KEYS)) {
    const got = await report(`${week}&by=${by}`), want = recount(by, parties.rows, bookings.rows);
    assert.deepEqual([got.from, got.to, got.zone, got.by], [FROM, TO, 'America/New_York', by]);
    assert.deepEqual(got.rows.map((r) => r.key), want.map((r) => r.key), by);
    got.rows.forEach((r, i) => alike(r, want[i], `${by} ${r.key}`));
  }
  assert.equal((await report(`${week}&by=day`)).rows.length, 7);
  assert.equal((await report(week)).by, 'total');
});

test('the messages of the week', async () => {
  const { messages: got } = await report(week), out = messages.rows.filter((m) => m.direction === 'out');
  for (const channel of ['all', 'sms', 'voice']) {
    const list = out.filter((m) => channel === 'all' || m.channel === channel);
    const of = (...states) => list.filter((m) => states.includes(m.state)).length;
    assert.deepEqual(got[channel], {
      messages: list.length, waiting: of('queued', 'unknown'), sent: of('sent'), delivered: of('delivered'), failed: of('failed'),
      undelivered: of('undelivered'), stopped: of('stopped'), expired: of('expired'), cancelled: of('cancelled'),
      uncertain: of('uncertain'), segments: list.reduce((sum, m) => sum + Number(m.segments), 0),
    }, channel);
  }
  const wrong = out.filter((m) => ['failed', 'undelivered', 'stopped', 'expired'].includes(m.state));
  const reasons = grouped(wrong, (m) => m.code);
  assert.deepEqual(Object.fromEntries(got.reasons.map((r) => [r.code ?? '', r.count])),
                   Object.fromEntries([...reasons].map(([code, list]) => [code, list.length])));
  assert.ok(got.reasons.every((r, i) => i === 0 || r.count <= got.reasons[i - 1].count), 'the most frequent first');
  assert.ok(got.reasons.every((r) => r.reason === (r.code && `It went wrong: ${r.code}`)));
  assert.equal(got.replies, messages.rows.length - out.length);
  const asked = [...parties.rows, ...bookings.rows].filter((r) => r.asked_at);
  const answered = asked.filter((r) => r.answered_at).length;
  assert.deepEqual([got.asked, got.answered], [asked.length, answered]);
  assert.ok(Math.abs(got.reply_rate - answered / asked.length) < 0.0001);
  assert.equal(String(got.opt_outs), h.sql(`SELECT count(DISTINCT phone) FROM consent_log WHERE action = 'stop'
                                            AND at >= '${iso(begins)}' AND at < '${iso(ends)}'`));
  assert.ok(got.opt_outs > 3 && answered > 50);
});

test('a file: its headers, its cells, no formula, no number, no words; and it is in the audit log', async () => {
  assert.equal(parties.headers.get('content-type'), 'text/csv; charset=utf-8');
  assert.equal(parties.headers.get('content-disposition'), `attachment; filename="parties-${FROM}-${TO}.csv"`);
  const names = new Set(parties.rows.map((r) => r.name));
  assert.deepEqual([...names].sort(), NAMES.map((n) => (/^[=+\-@\t]/.test(n) ? `'${n}` : n)).sort());
  for (const { rows: list, text } of [parties, bookings, messages]) {
    for (const r of list) for (const v of Object.values(r)) assert.ok(!/^[=+\-@\t\r\n]/.test(v), v);
    assert.ok(list.some((r) => r.phone) && list.every((r) => /^(\.\.\.\d{4})?$/.test(r.phone)));
    assert.ok(!/\d{3}555\d{4}|Words/.test(text));
  }
  const [first] = parties.rows;
  const there = h.sql(`SELECT size, state, extract(epoch FROM created_at)::bigint FROM parties WHERE party_id = '${first.id}'`);
  assert.equal(`${first.size}|${first.state}|${Math.floor(Date.parse(first.created_at) / 1000)}`, there);
  assert.equal(first.tags, 'patio birthday');
  const twice = parties.rows.map((r) => r.created_at).filter((t) => t.startsWith('2026-11-01T01'));
  assert.ok(twice.some((t) => t.endsWith('-04:00')) && twice.some((t) => t.endsWith('-05:00')), `${twice}`);

  const { data } = (await h.api('/v1/audit')).json;
  const noted = data.filter((a) => a.action === 'report.exported');
  assert.deepEqual(noted.map((a) => a.detail).reverse(), ['parties', 'bookings', 'messages'].map((what) => ({ what, from: FROM, to: TO })));
  assert.ok(noted.every((a) => /^exp_/.test(a.subject)));
});

test('days are the venue\'s', async (t) => {
  t.after(() => h.sql(`UPDATE accounts SET zone = 'America/New_York'; DELETE FROM parties WHERE party_id LIKE 'pty_z%'`));
  const at = (time) => h.sql(`DELETE FROM parties WHERE party_id LIKE 'pty_z%';
    INSERT INTO parties (account_id, party_id, name, size, language, source, state, place, created_at)
    VALUES ('${ACCOUNT}', 'pty_z', 'Ana', 2, 'en', 'host', 'waiting', 1, '${time}')`);
  for (const [zone, time, day, hour, weekday] of [
    ['America/New_York', '2026-03-08T04:59:59.999Z', '2026-03-07', '23', '6'],
    ['America/New_York', '2026-03-08T05:00:00Z', '2026-03-08', '00', '7'],
    ['America/New_York', '2026-03-08T07:00:00Z', '2026-03-08', '03', '7'], // there is no 2 o'clock
    ['America/New_York', '2026-03-09T03:59:59.999Z', '2026-03-08', '23', '7'], // after 23 hours
    ['America/New_York', '2026-03-09T04:00:00Z', '2026-03-09', '00', '1'],
    ['America/New_York', '2025-11-02T05:30:00Z', '2025-11-02', '01', '7'],
    ['America/New_York', '2025-11-02T06:30:00Z', '2025-11-02', '01', '7'], // once more
    ['America/New_York', '2025-11-03T04:59:59.999Z', '2025-11-02', '23', '7'], // after 25 hours
    ['Asia/Kolkata', '2026-02-28T18:30:00Z', '2026-03-01', '00', '7'],
    ['Asia/Kolkata', '2026-02-28T18:29:59Z', '2026-02-28', '23', '6'],
    ['Pacific/Auckland', '2026-01-01T11:00:00Z', '2026-01-02', '00', '5'],
  ]) {
    h.sql(`UPDATE accounts SET zone = '${zone}'`);
    at(time);
    const keys = async (by) => (await report(`from=${day}&to=${day}&by=${by}`)).rows.map((r) => r.key);
    assert.deepEqual([await keys('day'), await keys('hour'), await keys('weekday')], [[day], [hour], [weekday]], `${zone} ${time}`);
    const listed = (await file('parties', `from=${day}&to=${day}`)).rows;
    assert.deepEqual([listed.length, listed[0].created_at.slice(0, 13), seconds(time, listed[0].created_at) > -1],
                     [1, `${day}T${hour}`, true]);
    const before = new Date(Date.parse(day) - 1000).toISOString().slice(0, 10);
    const none = (await report(`from=${before}&to=${before}`)).rows;
    assert.deepEqual([none.length, none[0].key, none[0].added, none[0].wait_s], [1, 'total', 0, null]);
  }
});

test('which days: the last seven, unless said; at most 400; the field that does not fit is named', async () => {
  const day = (ago) => h.sql(`SELECT (now() AT TIME ZONE 'America/New_York')::date - ${ago}`);
  const span = async (query) => { const r = await report(query); return [r.from, r.to]; };
  assert.deepEqual(await span(''), [day(6), day(0)]);
  assert.deepEqual(await span('to=2026-03-01'), ['2026-02-23', '2026-03-01']);
  assert.deepEqual(await span(`from=${day(30)}`), [day(30), day(0)]);
  assert.deepEqual(await span(`from=${day(-3)}`), [day(-3), day(-3)]);
  assert.deepEqual(await span('from=2025-01-01&to=2026-02-04'), ['2025-01-01', '2026-02-04']);
  assert.deepEqual(await span('from=9999-12-31'), ['9999-12-31', '9999-12-31']);
  assert.deepEqual(await span('from=2024-02-29&to=2024-02-29'), ['2024-02-29', '2024-02-29']);
  const refused = [['from=2025-01-01&to=2026-02-05', 'from'], ['from=2026-01-02&to=2026-01-01', 'to'], ['from=2010-01-01', 'from'],
    ['from=2026-02-29', 'from'], ['to=2026-13-01', 'to'], ['from=2026-1-1', 'from'], ['from=yesterday', 'from'], ['from=', 'from'],
    ['from=1999-12-31', 'from'], ['from=2026-01-01T00:00:00Z', 'from'], ['to=22026-01-01', 'to'], ['day=1', 'day']];
  for (const [query, param] of [...refused, ['by=guest', 'by']])
    for (const route of ['/v1/reports', ...(param === 'by' ? [] : ['parties', 'bookings', 'messages'].map((w) => `/v1/reports/${w}.csv`))]) {
      const r = await h.api(`${route}?${query}`);
      assert.deepEqual([r.status, r.json?.code, r.json?.param], [422, 'invalid_field', param], `${route} ${query}: ${r.text}`);
    }
  const head = await call(`${gateway.url}/v1/reports/parties.csv`, { method: 'HEAD', headers: { authorization: `Bearer ${KEY}` } });
  assert.deepEqual([head.status, head.headers.get('content-type')], [200, 'text/csv; charset=utf-8']);
  const other = `mk_test_${'9'.repeat(28)}`;
  h.sql(`INSERT INTO accounts (account_id, name) VALUES ('acc_other', 'Other');
         INSERT INTO api_keys (account_id, key_id, name, hash)
         VALUES ('acc_other', 'key_other', 'other', '${createHash('sha256').update(other).digest('hex')}')`);
  for (const what of ['parties', 'bookings', 'messages'])
    assert.equal(readCsv((await h.api(`/v1/reports/${what}.csv?${week}`, { key: other })).text).length, 0, 'never another account\'s');
  const theirs = (await h.api(`/v1/reports?${week}`, { key: other })).json;
  assert.deepEqual([theirs.rows[0].added, theirs.rows[0].bookings, theirs.messages.all.messages, theirs.messages.opt_outs], [0, 0, 0, 0]);
  h.sql("UPDATE api_keys SET scopes = '{read,write}'");
  for (const route of ['/v1/reports', '/v1/reports/parties.csv']) assert.equal((await h.api(route)).status, 403);
  assert.equal((await h.api('/v1/wait?size=2')).status, 200);
  h.sql("UPDATE api_keys SET scopes = '{read,write,manage}'");
});

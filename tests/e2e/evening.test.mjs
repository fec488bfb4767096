// evening.test.mjs - a whole evening by script: 60 parties, 20 bookings, 3 hosts, three languages, a carrier
// that fails in the middle, a gateway and a PostgreSQL that are started anew. What the script expects is
// written down beside each step; at the end the board, the phones and the log must say the same.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ACCOUNT, each, guest, house, until } from './house.mjs';

const PARTIES = 60;
const BOOKINGS = 20;
const LANGUAGES = ['en', 'es', 'fr'];
const YES = { en: 'Yes!', es: 'Sí', fr: "J'arrive" };
const NAMES = ['Maria', 'Zoë', "O'Brien", 'Åsa', 'Nguyễn', 'Jean-Luc Dupont', 'X'];

let h, gateway;
const gateways = [];
const start = async () => { gateway = await h.gateway(); gateways.push(gateway); };
const hosts = [];
const visits = []; // { id, number, language, state, texts: [what the phone must hold] }
before(async () => {
  h = await house({ prism: false });
  await start();
  h.sql("UPDATE accounts SET phone = '+12125550100'");
  for (const name of ['Ana', 'Bo', 'Cy'])
    hosts.push((await h.api('/v1/keys', { body: { name, scopes: ['read', 'write'] } })).json.key);
});
after(() => h?.close());

/** A host's call, which goes through whatever fails in between: asked again with the same key. */
async function sure(host, route, body = {}, method = 'POST') {
  const headers = method === 'GET' ? {} : { 'idempotency-key': randomUUID() };
  return until(`${method} ${route}`, async () => {
    const r = await h.api(route, { key: hosts[host % 3], method, headers, body: method === 'GET' ? undefined : body })
      .catch(() => undefined); // the gateway is down
    if (!r || r.status === 503 || r.status === 409 && r.json.code === 'key_in_use') return undefined;
    assert.ok(r.status < 300, `${route}: ${r.status} ${r.text}`);
    return r.json;
  }, 60);
}

const theirs = async (number) =>
  (await h.sim(`/sim/v1/ledger?to=${number.slice(1)}`)).json.texts
    .filter((t) => t.direction !== 'by_carrier' && !['failed', 'undelivered'].includes(t.status)).map((t) => t.body);

/** The guest has every text that they should have by now. */
const settled = (v) => !v.number || v.mute ? undefined :
  until(`${v.kind} ${v.id} has ${v.texts.length} texts`, async () => (await theirs(v.number)).length >= v.texts.length, 90);

/** What the answer of a call said that the guest is texted. */
const told = (v, text) => { if (text.texted) v.texts.push(text.body); return text; };

/** By the database, also while it is started anew. */
const ask = (text) => until('the database answers', () => {
  try { return { answer: h.sql(text) }; } catch { return undefined; }
}, 60).then((r) => r.answer);

/** What an answer to a guest must be, by the account's words. */
const words = async (v, event, vars = {}) => v.texts.push(await ask(
  `SELECT body FROM text_for('${ACCOUNT}', '${event}', '${v.language}',
     $$${JSON.stringify({ name: v.name, size: v.size, ...vars })}$$)`));

async function says(v, body) {
  await until('the reply is taken', async () => {
    const r = await h.sim('/sim/v1/replies', { body: { from: v.number, body, wait: true } });
    return r.status < 300 && r.json?.status !== 503;
  }, 60);
}

const party = (v) => sure(0, `/v1/parties/${v.party ?? v.id}`, undefined, 'GET');
const act = async (v, host, action, body) => told(v, (await sure(host, `/v1/parties/${v.party ?? v.id}/${action}`, body)).text);
const comes_to = (v, state) => until(`${v.id} is ${state}`, async () => (await party(v)).state === state, 90);

async function call_them(v, host) {
  await settled(v);
  await act(v, host, 'notify');
  await settled(v);
}

// What a party does this evening; `v.state` is what the board must show in the end.
const stories = {
  async comes(v, host) {
    await call_them(v, host);
    await says(v, host % 2 ? '1' : YES[v.language]);
    await comes_to(v, 'coming');
    await words(v, 'coming_noted');
    await settled(v);
    await act(v, host + 1, 'seat', { seat: `${host}` });
    v.state = 'seated';
  },
  async needs_time(v, host) {
    await call_them(v, host);
    await says(v, '2');
    await comes_to(v, 'more_time');
    await words(v, 'more_time_noted', { minutes: 10 });
    await settled(v);
    await ask(`UPDATE parties SET notified_at = notified_at - interval '1 minute' WHERE party_id = '${v.id}'`);
    await call_them(v, host + 1);
    await act(v, host, 'seat');
    v.state = 'seated';
  },
  async gives_up(v, host) {
    await call_them(v, host);
    await says(v, '9');
    await comes_to(v, 'cancelled');
    await words(v, 'left_noted');
    v.state = 'cancelled';
  },
  async is_not_there(v, host) {
    await call_them(v, host);
    await act(v, host, 'no-show');
    v.state = 'no_show';
  },
  async leaves_the_line(v) {
    await settled(v);
    await says(v, '9');
    await comes_to(v, 'cancelled');
    await words(v, 'left_noted');
    v.state = 'cancelled';
  },
  async is_sent_away(v, host) {
    await settled(v);
    await act(v, host, 'cancel');
    v.state = 'cancelled';
  },
  async stops(v, host) {
    await settled(v);
    await says(v, 'STOP');
    await until('stopped', async () => (await party(v)).guest.consent === 'stopped', 60);
    assert.equal((await act(v, host, 'notify')).why, 'opted_out');
    await act(v, host, 'seat');
    v.state = 'seated';
  },
  async says_cancel(v, host) {
    await call_them(v, host);
    await says(v, 'cancel');
    await until('it shows', async () => (await party(v)).says === 'CANCEL', 60);
    assert.equal((await act(v, host, 'cancel', { by: 'guest' })).texted, false);
    v.state = 'cancelled';
  },
  async has_a_landline(v, host) {
    await until('the board says so', async () => (await party(v)).text.state === 'undelivered', 90);
    v.texts = [];
    v.mute = true;
    await act(v, host, 'notify');
    v.texts = [];
    await act(v, host, 'seat');
    v.state = 'seated';
  },
  async has_no_number(v, host) {
    assert.equal((await act(v, host, 'notify')).why, 'no_number');
    await act(v, host, 'seat');
    v.state = 'seated';
  },
  async is_mistaken_for_another(v, host) {
    await settled(v);
    await act(v, host, 'seat');
    await act(v, host + 1, 'undo');
    assert.equal((await party(v)).state, 'waiting');
    await call_them(v, host);
    await act(v, host, 'seat');
    v.state = 'seated';
  },
  async waits_longer(v, host) {
    await settled(v);
    await sure(host, `/v1/parties/${v.id}`, { quote_max: 55 }, 'PATCH');
    // its answer may have been lost, and the same asked again changes nothing
    v.texts.push((await party(v)).history.find((e) => e.message?.kind === 'quote_changed').message.body);
    await settled(v);
    v.state = 'waiting';
  },
};

async function add_party(i) {
  const kind = Object.keys(stories)[i % Object.keys(stories).length];
  const v = { kind, name: NAMES[i % NAMES.length], size: 1 + i % 7, language: LANGUAGES[i % 3], texts: [],
              number: kind === 'has_no_number' ? undefined : guest(1000 + i) };
  if (kind === 'has_a_landline') {
    const r = await h.sim(`/sim/v1/phones/${v.number.slice(1)}`, { method: 'PUT', body: { status: 'undelivered', code: 30006 } });
    assert.equal(r.status, 200, r.text);
  }
  const made = await sure(i, '/v1/parties', { name: v.name, size: v.size, phone: v.number, language: v.language, quote_max: 20 });
  v.id = made.party.id;
  told(v, made.text);
  visits.push(v);
  return v;
}

// Bookings come in pairs of the same guest, so that two are asked apart.
async function bookings_of(i) {
  const number = guest(3000 + i);
  const pair = [];
  for (const day of [1, 2]) {
    const v = { kind: 'booking', name: NAMES[i % NAMES.length], size: 2 + i % 4, language: LANGUAGES[i % 3], number, texts: [] };
    const made = await sure(i, '/v1/bookings', { name: v.name, size: v.size, phone: number, language: v.language,
                                                 starts_at: new Date(Date.now() + day * 90_000_000).toISOString() });
    v.id = made.booking.id;
    v.starts = made.booking.starts_at;
    told(v, made.text);
    await settled(v); // a text whose outcome is not known lets the next one pass
    pair.push(v);
    visits.push(v);
  }
  const [first, second] = pair;
  second.texts = first.texts = [...first.texts, ...second.texts]; // one phone
  const booking = (v) => sure(0, `/v1/bookings/${v.id}`, undefined, 'GET');
  const when = (v) => ask(`SELECT when_text('${v.starts}', 'America/New_York', '${v.language}')`);
  await settled(first);
  for (const [v, yes, no] of [[first, '1', '9'], [second, '11', '19']]) {
    await ask(`UPDATE bookings SET remind_at = now() WHERE booking_id = '${v.id}'`);
    await until('reminded', async () => (await booking(v)).state === 'reminded', 60);
    await words(v, 'reminder', { when: await when(v), yes, no });
    await settled(v);
  }
  await says(first, '19');
  await until('off', async () => (await booking(second)).state === 'cancelled', 60);
  await words(second, 'booking_dropped', { when: await when(second) });
  second.state = 'cancelled';
  await settled(second);
  await says(first, '1');
  await until('on', async () => (await booking(first)).state === 'confirmed', 60);
  await words(first, 'booking_confirmed', { when: await when(first) });
  await settled(first);
  first.state = 'arrived';
  first.party = (await sure(i, `/v1/bookings/${first.id}/arrive`)).booking.party_id;
  await call_them(first, i);
  await act(first, i, 'seat');
}

test('the evening', { timeout: 280_000 }, async () => {
  let done = 0;
  const troubles = [
    [20, async () => { await h.faults('twilio', { kind: 'refuse' }); }],
    [30, async () => { await gateway.stop(); await sleep(300); await start(); }],
    [40, async () => { h.postgres('crash', h.dir); await sleep(500); h.postgres('start', h.dir); }],
    [50, async () => { await h.heal(); }],
    [60, async () => { await gateway.stop('SIGKILL'); await start(); }],
  ];
  let trouble = Promise.resolve();
  const over = () => {
    done++;
    while (troubles.length && troubles[0][0] <= done) {
      const [, make] = troubles.shift();
      trouble = trouble.then(make);
    }
  };
  const parties = each(PARTIES, 8, async (i) => {
    const v = await add_party(i);
    await stories[v.kind](v, i);
    over();
  });
  const bookings = each(BOOKINGS / 2, 3, async (i) => { await bookings_of(i); over(); over(); });
  await Promise.all([parties, bookings]);
  await trouble;
});

test('the board is right in every row', async () => {
  const rows = Object.fromEntries(h.sql(
    "SELECT party_id, state FROM parties UNION ALL SELECT booking_id, state FROM bookings")
    .split('\n').map((row) => row.split('|')));
  for (const v of visits) assert.equal(rows[v.id], v.state, `${v.kind} ${v.id}`);
  for (const v of visits.filter((x) => x.party)) assert.equal(rows[v.party], 'seated');
  assert.equal(Object.keys(rows).length, PARTIES + BOOKINGS + BOOKINGS / 2, 'and no other');
  const shown = (await h.api('/v1/parties?limit=200')).json.data.map((p) => p.id);
  assert.deepEqual(shown.sort(), visits.filter((v) => v.state === 'waiting').map((v) => v.id).sort());
});

test('each phone holds exactly the texts it should', async () => {
  await until('all has ended', () => h.sql('SELECT count(*) FROM queue') === '0', 90);
  for (const v of visits.filter((x) => x.number && !x.mute))
    assert.deepEqual(await theirs(v.number), v.texts, `${v.kind} ${v.id} ${v.language}`);
  const phones = new Set(visits.filter((x) => x.number).map((v) => v.number.slice(1)));
  const strays = (await h.sim('/sim/v1/ledger?limit=1000')).json.texts
    .filter((t) => ![t.to, t.from].some((n) => phones.has(n.replace('+', ''))));
  assert.deepEqual(strays, [], 'nobody else was texted');
});

test('the reports add up to what was done', async () => {
  const day = (days) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
  const report = async (by) => (await h.api(`/v1/reports?from=${day(-1)}&to=${day(4)}&by=${by}`)).json;
  const { rows: [total], messages } = await report('total');
  const parties = visits.filter((v) => v.kind !== 'booking');
  const with_state = (state) => parties.filter((v) => v.state === state).length;
  const bookings = visits.filter((v) => v.kind === 'booking');
  const arrived = bookings.filter((v) => v.party);
  const left = parties.filter((v) => ['gives_up', 'leaves_the_line', 'says_cancel'].includes(v.kind)).length;
  assert.deepEqual([total.added, total.served, total.no_shows, total.walk_aways, total.cancelled, total.expired],
                   [parties.length + arrived.length, with_state('seated') + arrived.length, with_state('no_show'), left,
                    with_state('cancelled') - left, 0]);
  assert.equal(total.guests, [...parties.filter((v) => v.state === 'seated'), ...arrived].reduce((n, v) => n + v.size, 0));
  assert.deepEqual([total.bookings, total.bookings_cancelled], [bookings.length, bookings.length - arrived.length]);
  for (const by of ['day', 'hour', 'weekday', 'size'])
    for (const key of ['added', 'served', 'no_shows', 'walk_aways', 'cancelled', 'guests', 'bookings'])
      assert.equal((await report(by)).rows.reduce((n, row) => n + row[key], 0), total[key], `${key} by ${by}`);
  const held = new Map(visits.filter((v) => v.number && !v.mute).map((v) => [v.number, v.texts.length]));
  assert.equal(messages.all.delivered, [...held.values()].reduce((a, b) => a + b, 0), 'each text on a phone');
  assert.deepEqual(messages.reasons.map((r) => r.code).sort(), ['30006'], 'and each that was not: landlines');
  h.sql(`SELECT forget_messages('${ACCOUNT}', array_agg(message_id)) FROM messages`);
  const later = (await report('total')).messages; // their reasons go with them, the counts stay
  assert.deepEqual({ ...later, reasons: 0 }, { ...messages, reasons: 0 });
  assert.equal(messages.opt_outs, parties.filter((v) => ['stops', 'says_cancel'].includes(v.kind)).length);
});

test('no log tells a guest\'s name, number or words', () => {
  const run = h.postgres('url', h.dir).match(/host=([^&]+)/)[1];
  const logs = [...gateways.map((g) => g.output), readFileSync(path.join(path.dirname(run), 'postgres.log'), 'utf8')];
  assert.equal(logs.length, 4);
  const numbers = visits.filter((v) => v.number).map((v) => v.number.slice(2));
  for (const log of logs) {
    assert.match(log, /ready/);
    for (const told of [...NAMES.filter((name) => name.length > 4), ...numbers, "J'arrive", 'Sí'])
      assert.ok(!log.includes(told), `${told} stands in a log: ${log.slice(Math.max(0, log.indexOf(told) - 300), log.indexOf(told) + 50)}`);
  }
});

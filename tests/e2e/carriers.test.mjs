// carriers.test.mjs - how the gateway treats its carriers: breakers, drain, preference, pace, receipts
// that do not come; and what a host may do with a message that was accepted.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, before, beforeEach, test } from 'node:test';
import { each, guest, house, until } from './house.mjs';

let h;
before(async () => {
  h = await house();
  await h.gateway({ RECEIPT_WAIT_S: '1', RECEIPT_END_S: '6' });
});
after(() => h?.close());
beforeEach(async () => {
  await h.sim('/sim/v1/reset', { method: 'POST' });
  await h.heal();
  h.sql('TRUNCATE messages, attempts, receipts, queue, conversations, turns, paces, carrier_events');
});

const ended = (id, state, seconds = 30) =>
  until(`${id} is ${state}`, async () => {
    const m = await h.message(id);
    return m.state === state && m;
  }, seconds);
const story = (m) => m.timeline.map((t) => t.text).join('\n');
const carrier = async (name) => (await h.api('/v1/carriers')).json.data.find((c) => c.carrier === name);
const texts = async (to) => (await h.sim(`/sim/v1/ledger?to=${to.slice(1)}`)).json.texts;

test('a carrier that fails is out, shown with the reason, tried with one message, and back', async () => {
  await h.faults('twilio', { kind: 'refuse' });
  let sent = 0;
  const out = await until('it is out', async () => { // and looked at before it is tried again
    await ended(await h.text(guest(sent++)), 'delivered');
    const c = await carrier('twilio');
    return c.state === 'out' && c;
  });
  assert.ok(sent >= 5, `${sent}`);
  assert.equal(out.share_percent, 0);
  assert.match(out.history[0].reason, /several times in a row/);
  const refused = (await h.sim('/sim/v1/requests')).json.twilio.requests;
  await ended(await h.text(guest(20)), 'delivered');
  assert.equal((await h.sim('/sim/v1/requests')).json.twilio.requests, refused, 'it is spared');

  await h.faults('twilio');
  await until('it is tried', async () => {
    await ended(await h.text(guest(30)), 'delivered');
    return (await carrier('twilio')).state !== 'out';
  }, 30);
  const back = await carrier('twilio');
  assert.equal(back.history.find((e) => e.what === 'closed').reason, 'It answers again.');
  assert.equal(back.state, 'recovering');
});

test('both carriers failing: neither is spared for good, and all arrives when one is back', async () => {
  for (const c of ['twilio', 'telnyx']) await h.faults(c, { kind: 'refuse' });
  const ids = [];
  await each(10, 10, async (i) => { ids[i] = await h.text(guest(i)); });
  await until('both are out', async () =>
    (await carrier('twilio')).state === 'out' && (await carrier('telnyx')).state === 'out');
  await h.faults('telnyx');
  await Promise.all(ids.map((id) => ended(id, 'delivered', 60)));
  assert.equal((await h.summary()).texts, 10);
});

test('429 takes no carrier out', async () => {
  await h.faults('twilio', { kind: 'throttle' });
  await each(12, 4, async (i) => ended(await h.text(guest(i)), 'delivered'));
  assert.notEqual((await carrier('twilio')).state, 'out');
  assert.equal((await h.summary()).telnyx, 12);
});

test('an operator drains a carrier, and takes it back in', async () => {
  const run = (...args) => spawnSync(process.env.MAITRED, args, { env: { ...process.env, ...h.env }, encoding: 'utf8' });
  assert.equal(run('drain', 'twilio', 'they have an incident').stdout, 'twilio is drained.\n');
  await until('it is known', async () => {
    const id = await h.text(guest(1));
    return (await ended(id, 'delivered')).timeline[1].carrier === 'telnyx';
  });
  const drained = await carrier('twilio');
  assert.deepEqual([drained.state, drained.drained.why], ['drained', 'they have an incident']);
  assert.equal(run('undrain', 'twilio').status, 0);
  assert.equal((await carrier('twilio')).state, 'well');
  assert.equal(run('drain', 'pigeon', 'slow').status, 64);
  assert.equal(run('drain').status, 64);
});

test('the account prefers a carrier', async () => {
  const prefer = (name) => h.api('/v1/carriers/preferred', { method: 'PUT', body: { carrier: name } });
  assert.deepEqual((await prefer('telnyx')).json, { carrier: 'telnyx' });
  assert.equal((await ended(await h.text(guest(1)), 'delivered')).timeline[1].carrier, 'telnyx');
  assert.equal((await carrier('telnyx')).preferred, true);
  assert.equal((await prefer('none')).json.carrier, null);
  assert.equal((await ended(await h.text(guest(2)), 'delivered')).timeline[1].carrier, 'twilio');
  assert.equal((await prefer('pigeon')).status, 422);
});

test('a number at its pace: a text waits and says why; what is ready goes first', async () => {
  h.sql("UPDATE numbers SET segments_per_s = 1");
  try {
    const slow = [];
    for (let i = 0; i < 5; i++) slow.push(await h.text(guest(i)));
    const ready = await h.text(guest(9), 'Your table is ready.', { kind: 'table_ready' });
    const waiting = await until('one waits', async () => {
      const all = await Promise.all(slow.map((id) => h.message(id)));
      return all.find((m) => m.waiting);
    });
    assert.match(waiting.waiting.why, /limited pace/);
    await Promise.all([...slow, ready].map((id) => ended(id, 'delivered')));
    const opened = h.sql('SELECT message_id FROM attempts ORDER BY opened_at, attempt_id').split('\n');
    assert.ok(opened.indexOf(ready) < 4, `ready went as number ${opened.indexOf(ready)}`);
    const seconds = Number(h.sql('SELECT extract(epoch FROM max(opened_at) - min(opened_at)) FROM attempts'));
    assert.ok(seconds > 3.5, `six segments in ${seconds} s, at one a second`);
  } finally {
    h.sql('UPDATE numbers SET segments_per_s = NULL');
  }
});

test("a guest's texts keep their order", async () => {
  await h.faults('twilio', { kind: 'slow', ms: 300, percent: 50 });
  const ids = [];
  for (let i = 0; i < 6; i++) ids.push(await h.text(guest(1), `number ${i}`));
  await Promise.all(ids.map((id) => ended(id, 'delivered')));
  assert.deepEqual((await texts(guest(1))).map((t) => t.body), [0, 1, 2, 3, 4, 5].map((i) => `number ${i}`));
});

test('a receipt that does not come is fetched; a webhook that is silent raises an alarm', async () => {
  await h.faults('twilio', { kind: 'callbacks_off' });
  h.sql('DELETE FROM callbacks');
  await each(5, 5, async (i) => {
    const id = await h.text(guest(i));
    await ended(id, 'delivered');
    await until('its story', async () => /Asked for its receipt, Twilio has one/.test(story(await h.message(id))));
  });
  const alarmed = await until('the alarm', async () => {
    const c = await carrier('twilio');
    return c.webhook_may_be_broken_since && c;
  });
  assert.match(alarmed.history.find((e) => e.what === 'unheard').reason, /our webhook may be broken/);
  assert.notEqual(alarmed.state, 'out', 'that is no reason to leave the carrier');
});

test('a receipt that nobody has: sent, unconfirmed', async () => {
  await h.faults('twilio', { kind: 'callbacks_off' }, { kind: 'status', http_status: 404, on: 'read' });
  const id = await h.text(guest(1));
  const m = await until('it has ended', async () => {
    const now = await h.message(id);
    return now.ended_at && now;
  });
  assert.equal(m.state, 'sent');
  assert.match(m.reason, /whether it arrived was never reported/);
  assert.match(story(m), /Asked for its receipt/);
});

test('send_at: not before; and cancelled before that, never', async () => {
  const at = (ms) => new Date(Date.now() + ms).toISOString();
  const soon = await h.text(guest(1), 'Tomorrow at seven.', { send_at: at(2500), kind: 'message' });
  const never = await h.text(guest(2), 'Tomorrow at eight.', { send_at: at(2500), kind: 'message' });
  assert.match((await h.message(soon)).waiting.why, /sent at that time/);
  const cancelled = await h.api(`/v1/messages/${never}/cancel`, { body: { reason: 'The booking was cancelled.' } });
  assert.equal(cancelled.json.state, 'cancelled');
  const again = await h.api(`/v1/messages/${never}/cancel`, { method: 'POST' });
  assert.equal(again.status, 200, 'cancelled twice is cancelled');
  const m = await ended(soon, 'delivered');
  const [opened] = m.timeline.filter((t) => t.what === 'attempt');
  assert.ok(Date.parse(opened.at) >= Date.parse(m.send_at), `${opened.at} before ${m.send_at}`);
  assert.equal((await h.message(never)).reason, 'The booking was cancelled.');
  assert.equal((await texts(guest(2))).length, 0);
  assert.equal((await h.api(`/v1/messages/${soon}/cancel`, { body: {} })).status, 409);
  const past = { to: guest(3), body: 'x', send_at: at(60000), expires_at: at(30000) };
  const refused = await h.api('/v1/messages', { body: past });
  assert.deepEqual([refused.status, refused.json.param], [422, 'expires_at']);
});

test('quiet hours: a reminder waits for their end and says so; what is ready goes', async () => {
  h.sql("UPDATE accounts SET quiet_from = (now() AT TIME ZONE zone)::time - interval '1 hour', " +
        "quiet_until = (now() AT TIME ZONE zone)::time + interval '1 hour'");
  try {
    const reminder = await h.text(guest(1), 'Tonight at seven.', { kind: 'reminder' });
    await ended(await h.text(guest(2), 'Your table is ready.', { kind: 'table_ready' }), 'delivered');
    const m = await until('it waits', async () => {
      const now = await h.message(reminder);
      return now.waiting && now;
    });
    assert.equal(m.waiting.why, 'It goes out when the quiet hours are over.');
    const minutes = (Date.parse(m.waiting.until) - Date.now()) / 60000;
    assert.ok(minutes > 50, `${minutes}`);
  } finally {
    h.sql("UPDATE accounts SET quiet_from = '00:00', quiet_until = '00:00'");
  }
});

test('arrive_by: not known in time, so the other carrier sends it too', async () => {
  await h.faults('twilio', { kind: 'hang_before_accept', ms: 4000, on: 'all' });
  const id = await h.text(guest(1), 'Now or never.', { arrive_by: new Date(Date.now() + 4000).toISOString() });
  const m = await ended(id, 'delivered');
  assert.match(story(m), /it must arrive now: sent again, as was asked for/);
  assert.deepEqual((await texts(guest(1))).map((t) => t.provider), ['telnyx']);
});

test('send again anyway: a new message, linked, once; not while the first waits, nor once it arrived', async () => {
  await h.faults('twilio', { kind: 'hang_before_accept', ms: 4000 });
  const id = await h.text(guest(1));
  const again = () => h.api(`/v1/messages/${id}/again`, { method: 'POST' });
  await until('it is unknown', async () => (await h.message(id)).state === 'unknown');
  const first = await again();
  assert.equal(first.status, 202);
  assert.match(first.json.known, /It may have been sent/);
  const m = await ended(first.json.id, 'delivered');
  assert.equal(m.again_of, id);
  assert.equal((await h.api(`/v1/messages/${m.id}/again`, { method: 'POST' })).status, 409);
  assert.equal((await h.api('/v1/messages/msg_00000000000000000000000000/again', { method: 'POST' })).status, 404);
});

test('a database that may forget what it commits is refused, unless it is meant', async () => {
  const run = (more) => spawnSync(process.env.MAITRED, ['serve'], {
    env: { ...process.env, ...h.env, PORT: '0', PGOPTIONS: '-c synchronous_commit=off', ...more },
    encoding: 'utf8', timeout: 5000,
  });
  h.sql(`ALTER DATABASE ${h.sql('SELECT current_database()')} SET synchronous_commit = off`);
  try {
    const refused = run({});
    assert.equal(refused.status, 78);
    assert.match(refused.stderr, /synchronous_commit=off, so what was acknowledged may be lost/);
    assert.match(run({ UNSAFE_DATABASE: 'yes' }).stderr, /"event":"ready"/);
  } finally {
    h.sql(`ALTER DATABASE ${h.sql('SELECT current_database()')} RESET synchronous_commit`);
  }
});

// unknown.test.mjs - a carrier's answer is lost: the carrier is asked, and only when it can send the
// text no more, the other one does. At most one text, whatever happens.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { each, guest, house, until } from './house.mjs';

let h;
before(async () => {
  h = await house();
  await h.gateway();
});
after(() => h?.close());
beforeEach(async () => {
  await h.sim('/sim/v1/reset', { method: 'POST' });
  await h.heal();
});

const ended = (id, state, seconds = 40) =>
  until(`${id} is ${state}`, async () => {
    const m = await h.message(id);
    return m.state === state && m;
  }, seconds);
const story = (m) => m.timeline.map((t) => t.text).join('\n');

test('accepted, no answer, no callback: the carrier says that it has it', async () => {
  await h.faults('twilio', { kind: 'hang_after_accept', ms: 4000 }, { kind: 'callbacks_off' });
  const id = await h.text(guest(1));
  assert.equal((await ended(id, 'unknown')).reason, 'It may have been sent; Twilio is being asked.');
  const m = await ended(id, 'sent');
  assert.deepEqual(m.timeline.map((t) => t.text.replace(/\(.*\)/, '(...)')), [
    'Accepted, to be sent.',
    'Offered to Twilio, from +13125550002.',
    'Twilio may have taken it: no clear answer came (...).',
    'Asked for it, Twilio says that it has it.',
  ]);
  const [offered, waited, asked] = m.timeline.slice(1).map((t) => Date.parse(t.at));
  assert.ok(waited - offered >= 2000 && asked > waited, 'it was waited for an answer, and then asked');
  assert.equal((await h.summary()).texts, 1);
  assert.equal((await h.sim('/sim/v1/requests')).json.telnyx.requests, 0);
});

test('the same words to the same guest a moment before are not taken for it', async () => {
  await ended(await h.text(guest(2), 'Ready'), 'delivered');
  await h.faults('twilio', { kind: 'hang_before_accept', ms: 4000 });
  const id = await h.text(guest(2), 'Ready');
  await until('it was asked for', async () => /Asked for it/.test(story(await h.message(id))));
  assert.equal((await h.message(id)).state, 'unknown');
});

test('never accepted: after the time in which it could be sent, the other carrier sends it', async () => {
  await h.faults('twilio', { kind: 'hang_before_accept', ms: 4000 });
  const m = await ended(await h.text(guest(3)), 'delivered');
  assert.match(story(m), /Twilio never got it and can send it no more\.[^]*Offered to Telnyx/);
  const texts = (await h.sim(`/sim/v1/ledger?to=${guest(3).slice(1)}`)).json.texts;
  assert.deepEqual(texts.map((t) => t.provider), ['telnyx']);
  const [first, second] = m.timeline.filter((t) => t.what === 'attempt').map((t) => Date.parse(t.at));
  assert.ok(second - first > 14000 /* 3 + 2 + 6 + 3 s, and asking after it */, `${second - first} ms`);
});

test("Telnyx is asked by the attempt's own callback URL", async () => {
  await h.faults('twilio', { kind: 'refuse' });
  await h.faults('telnyx', { kind: 'reset_after_accept' }, { kind: 'callbacks_off' });
  const m = await ended(await h.text(guest(4)), 'sent');
  assert.match(story(m), /Asked for it, Telnyx says that it has it\./);
  assert.equal((await h.summary()).texts, 1);
});

test('the carrier cannot be asked either: not sent again, and a host decides', async () => {
  await h.faults('twilio', { kind: 'hang_before_accept', ms: 4000, on: 'all' });
  const id = await h.text(guest(5));
  await until('it is unknown', async () => (await h.message(id)).state === 'unknown');
  h.sql(`UPDATE attempts SET dead_at = now() - interval '3 minutes' WHERE message_id = '${id}'`);
  const m = await ended(id, 'uncertain');
  assert.match(m.reason, /could not be asked\. Send it again/);
  assert.equal((await h.summary()).texts, 0);
  assert.equal((await h.sim('/sim/v1/requests')).json.telnyx.requests, 0);
});

test('history is lost: both carriers are asked for what may have been sent before it is sent', async () => {
  await h.faults('twilio', { kind: 'callbacks_off' }, { kind: 'hang_after_accept', ms: 1000, percent: 60 });
  const ids = [];
  await each(20, 20, async (i) => { ids[i] = await h.text(guest(40 + i), `lost history ${i}`); });
  await until('all were offered', () => h.sql('SELECT count(DISTINCT message_id) FROM attempts') >= '20');
  // as if a standby without the last seconds took over: no attempt was ever made, and the count falls
  h.sql(`BEGIN; ALTER TABLE messages DISABLE TRIGGER never_backwards; DELETE FROM receipts; DELETE FROM attempts;
         UPDATE messages SET state = 'queued', rank = 0 WHERE body LIKE 'lost history%';
         DELETE FROM queue;
         INSERT INTO queue (account_id, conversation_id, message_id, due_at)
           SELECT account_id, conversation_id, message_id, now() + interval '3 s' FROM messages
           WHERE body LIKE 'lost history%';
         UPDATE epoch SET n = 0; ALTER TABLE messages ENABLE TRIGGER never_backwards; COMMIT`);
  await each(20, 20, (i) => ended(ids[i], 'sent', 90));
  const s = await h.summary();
  assert.deepEqual([s.texts, s.doubled], [20, 0], JSON.stringify(s));
  assert.match(story(await h.message(ids[0])), /lost its last moments[^]*Asked for it, Twilio says that it has it/);
  assert.match(h.sql("SELECT reason FROM carrier_events WHERE what = 'lost'"), /The epoch fell/);
});

test('late evidence: a text that was given up arrives after all, is counted, and wins', async () => {
  await h.faults('twilio', { kind: 'hang_after_accept', ms: 4000 }, { kind: 'callbacks_late', ms: 6000 });
  const id = await h.text(guest(6));
  await until('it is unknown', async () => (await h.message(id)).state === 'unknown');
  h.sql(`UPDATE attempts SET state = 'abandoned', carrier_id = NULL WHERE message_id = '${id}';
         DELETE FROM queue WHERE message_id = '${id}'`);
  await ended(id, 'delivered');
});

test('failed after acceptance without leaving the carrier: the other one sends it', async () => {
  await h.faults('twilio', { kind: 'final', status: 'failed', code: 30001 });
  const m = await ended(await h.text(guest(7)), 'delivered');
  assert.match(story(m), /Twilio could not send it[^]*Offered to Telnyx/);
  assert.equal((await h.summary()).telnyx, 1);
});

test('failed after acceptance, but it may have left: no other carrier is asked', async () => {
  await h.faults('twilio', { kind: 'final', status: 'undelivered', code: 30008 });
  await ended(await h.text(guest(8)), 'undelivered');
  assert.equal((await h.sim('/sim/v1/requests')).json.telnyx.requests, 0);
});

for (const [i, codes] of [[30032, 40010], [30001, 40018]].entries())
  test(`both carriers drop it (${codes}): each is asked once, and it says so`, async () => {
    await h.faults('twilio', { kind: 'final', status: 'failed', code: codes[0] });
    await h.faults('telnyx', { kind: 'final', status: 'failed', code: codes[1] });
    const m = await ended(await h.text(guest(9 + i)), 'failed');
    assert.match(m.reason, /Call the guest instead/);
    assert.equal(m.timeline.filter((t) => t.what === 'attempt').length, 2);
  });

test('one answer in five is lost: 500 messages, 500 texts, none twice, all ended', async () => {
  await h.faults('twilio', { kind: 'reset_after_accept', percent: 10 }, { kind: 'reset', percent: 10 },
                 { kind: 'callbacks_off', percent: 30 });
  await h.faults('telnyx', { kind: 'reset_after_accept', percent: 20 }, { kind: 'callbacks_off', percent: 30 });
  const ids = [];
  await each(500, 50, async (i) => { ids[i] = await h.text(guest(100 + i), `lost ${i}`); });
  await until('nothing is queued', () => h.sql('SELECT count(*) FROM queue') === '0', 120);
  const s = await h.summary();
  assert.deepEqual([s.texts, s.doubled, s.most_per_phone], [500, 0, 1], JSON.stringify(s));
  const open = h.sql("SELECT count(*) FROM messages WHERE body LIKE 'lost %' AND rank < 3");
  assert.equal(open, '0');
});

// sending.test.mjs - a message from the API call to the guest's phone, with carriers well and unwell.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { each, guest, house, until, TELNYX_NUMBER, TWILIO_NUMBER } from './house.mjs';

let h;
before(async () => { h = await house(); await h.gateway(); });
after(() => h?.close());
beforeEach(async () => {
  await h.sim('/sim/v1/reset', { method: 'POST' });
  await h.heal();
  h.sql('TRUNCATE messages, attempts, receipts, queue, conversations, consent_log, idempotency_keys');
});

const ended = async (id, state) =>
  until(`${id} is ${state}`, async () => {
    const m = await h.message(id);
    return m.state === state && m;
  });

test('a text arrives, and its timeline tells how', async () => {
  const m = await ended(await h.text(guest(1)), 'delivered');
  const ledger = (await h.sim('/sim/v1/ledger')).json.texts;

  assert.equal(ledger.length, 1);
  assert.equal(ledger[0].to, guest(1));
  assert.equal(ledger[0].from, TWILIO_NUMBER);
  assert.deepEqual(m.timeline.map((t) => t.what).slice(0, 2), ['accepted', 'attempt']);
  assert.ok(m.timeline.some((t) => t.what === 'answer' && t.text === 'Twilio accepted it.'));
  assert.match(m.timeline.at(-1).text, /on the guest's phone/);
});

test('with Twilio refusing, 1,000 messages arrive once each through Telnyx', async (t) => {
  await h.faults('twilio', { kind: 'refuse' });
  const ids = [];
  await each(1000, 50, async (i) => { ids[i] = await h.text(guest(i)); });
  await until('all delivered', () => h.states().delivered === 1000, 60);

  const s = await h.summary();
  assert.equal(s.texts, 1000, JSON.stringify(s));
  assert.equal(s.telnyx, 1000);
  assert.equal(s.doubled, 0);
  assert.equal(s.most_per_phone, 1);

  const m = await h.message(ids[0]);
  const story = m.timeline.map((t) => t.text).join('\n');
  assert.match(story, /Offered to Twilio, from \+13125550002\.\nTwilio could not be reached: .*\nOffered to Telnyx, from \+17735550002\.\nTelnyx accepted it\./);
  assert.equal(m.number, TELNYX_NUMBER);
  assert.deepEqual(m.timeline.map((e) => e.what).slice(0, 5), ['accepted', 'attempt', 'answer', 'attempt', 'answer']);
  const times = m.timeline.slice(0, 5).map((e) => Date.parse(e.at));
  assert.deepEqual(times, [...times].sort((a, b) => a - b));
  const [median, worst] = h.sql(`
    SELECT percentile_disc(ARRAY[0.5, 1]) WITHIN GROUP (ORDER BY b.answered_at - a.opened_at)
    FROM attempts a JOIN attempts b USING (message_id)
    WHERE a.provider = 'twilio' AND b.provider = 'telnyx'`).match(/[\d:.]+/g);
  t.diagnostic(`from offering it to Twilio to Telnyx's yes: median ${median}, worst ${worst}`);
});

test('callbacks duplicated, reordered and early: all delivered, none backwards', async () => {
  for (const carrier of ['twilio', 'telnyx'])
    await h.faults(carrier, { kind: 'callbacks_duplicate', times: 2 }, { kind: 'callbacks_reorder' },
                   { kind: 'callbacks_early', percent: 50 });
  h.sql(`CREATE TABLE IF NOT EXISTS seen_ranks (message_id text, rank int, n bigserial);
         TRUNCATE seen_ranks;
         CREATE OR REPLACE FUNCTION note_rank() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
           $$ BEGIN INSERT INTO seen_ranks (message_id, rank) VALUES (NEW.message_id, NEW.rank); RETURN NULL; END $$;
         CREATE OR REPLACE TRIGGER note_rank AFTER UPDATE ON messages
           FOR EACH ROW EXECUTE FUNCTION note_rank()`);
  await each(1000, 50, (i) => h.text(guest(i)));
  await until('all delivered', () => h.states().delivered === 1000, 60);
  const calls = await until('every callback was answered', async () => {
    const c = (await h.sim('/sim/v1/callbacks')).json;
    return c.idle && c;
  });

  assert.ok(calls.twilio.sent >= 3000, JSON.stringify(calls)); // sent and delivered, some twice
  assert.deepEqual(h.states(), { delivered: 1000 });
  const fell = h.sql(`SELECT count(*) FROM (
      SELECT rank < lag(rank) OVER (PARTITION BY message_id ORDER BY n) AS fell FROM seen_ranks) s
      WHERE fell`);
  assert.equal(fell, '0');
  assert.equal((await h.summary()).texts, 1000);
  h.sql('DROP TRIGGER note_rank ON messages; DROP FUNCTION note_rank; DROP TABLE seen_ranks');
});

for (const [name, fault] of [
  ['a reset after acceptance', { kind: 'reset_after_accept' }],
  ['no answer after acceptance', { kind: 'hang_after_accept', ms: 4000 }],
  ['a 500 that accepted', { kind: 'status_after_accept', http_status: 500 }],
])
  test(`${name}: one text, and the callback settles it`, async () => {
    await h.faults('twilio', fault);
    const m = await ended(await h.text(guest(1)), 'delivered');

    assert.equal((await h.summary()).texts, 1);
    assert.equal(m.timeline.filter((t) => t.what === 'attempt').length, 1);
  });

test('no answer and no callback: unknown, and the carrier is asked', async () => {
  await h.faults('twilio', { kind: 'hang_before_accept', ms: 4000 });
  const m = await ended(await h.text(guest(1)), 'unknown');

  assert.match(m.reason, /Twilio is being asked/);
  assert.equal((await h.summary()).texts, 0);
  assert.equal((await h.sim('/sim/v1/requests')).json.telnyx.requests, 0);
});

for (const calls of [{ kind: 'callbacks_early' }, { kind: 'callbacks_off' }])
  test(`an answer without an id: one text, and the carrier is asked for it (${calls.kind})`, async () => {
    await h.faults('twilio', { kind: 'malformed_2xx' }, calls);
    const m = await ended(await h.text(guest(1)), calls.kind === 'callbacks_off' ? 'sent' : 'delivered');
    if (calls.kind === 'callbacks_off')
      assert.match(m.timeline.map((t) => t.text).join('\n'),
                   /took it, but not under which id[^]*Asked for it, Twilio says that it has it/);
    assert.equal((await h.summary()).texts, 1);
  });

test('429 and refusals of the sender go to the other carrier', async () => {
  for (const fault of [{ kind: 'throttle' }, { kind: 'status', http_status: 401, code: 20003 },
                       { kind: 'status', http_status: 400, code: 21606 }]) {
    await h.sim('/sim/v1/reset', { method: 'POST' });
    await h.faults('twilio', fault);
    await ended(await h.text(guest(1)), 'delivered');
    assert.equal((await h.summary()).telnyx, 1, JSON.stringify(fault));
  }
});

test('a recipient that cannot be texted ends with a sentence, and no other carrier is asked', async () => {
  await h.faults('twilio', { kind: 'status', http_status: 400, code: 21614 });
  const m = await ended(await h.text(guest(1)), 'failed');

  assert.match(m.reason, /Call the guest instead/);
  assert.equal(m.code, '21614');
  assert.equal((await h.sim('/sim/v1/requests')).json.telnyx.requests, 0);
});

test('a carrier that says opted out binds both', async () => {
  await h.faults('twilio', { kind: 'status', http_status: 400, code: 21610 });
  await ended(await h.text(guest(1)), 'stopped');
  await h.faults('twilio');
  const again = await h.api('/v1/messages', { body: { to: guest(1), body: 'again' } });
  assert.equal(again.status, 409);
  assert.equal(again.json.code, 'opted_out');
  assert.equal((await h.summary()).texts, 0);
});

test('both carriers out of reach: it waits, and arrives when one is back', async () => {
  await h.faults('twilio', { kind: 'refuse' });
  await h.faults('telnyx', { kind: 'refuse' });
  const id = await h.text(guest(1));
  await until('both were tried', async () => (await h.message(id)).timeline.length >= 5);
  assert.equal((await h.message(id)).state, 'sending');
  await h.faults('telnyx');
  await ended(id, 'delivered');
  assert.equal((await h.summary()).texts, 1);
});

test('an expired message is not sent, and says so', async () => {
  await h.faults('twilio', { kind: 'refuse' });
  await h.faults('telnyx', { kind: 'refuse' });
  const id = await h.text(guest(1), 'Soon', { expires_at: new Date(Date.now() + 1500).toISOString() });
  const m = await ended(id, 'expired');
  assert.match(m.reason, /before it expired/);
  assert.equal((await h.summary()).texts, 0);
});

test('two gateways and a worker share one queue: each message once', async () => {
  const others = [await h.gateway({ PORT: '0' }), await h.worker()];
  const ids = [];
  await each(600, 60, async (i) => { ids[i] = await h.text(guest(i)); });
  await until('all delivered', () => h.states().delivered === 600, 60);
  const s = await h.summary();
  assert.deepEqual([s.texts, s.doubled, s.most_per_phone], [600, 0, 1]);
  for (const p of others) assert.deepEqual(await p.stop(), { code: 0, signal: null });
});

test('a carrier that reports a failure ends the message with its reason', async () => {
  await h.sim(`/sim/v1/phones/${guest(1).slice(1)}`, { method: 'PUT', body: { status: 'undelivered', code: 30003 } });
  const m = await ended(await h.text(guest(1)), 'undelivered');
  assert.equal(m.code, '30003');
  assert.ok(m.reason.length > 20);
});

// two_gateways.test.mjs - two gateways, one queue, and one carrier's answer in twenty is lost: as many
// texts as messages, none twice, and all decided. 2,000 messages; the long one, with the release build:
//
//   make && N=20000 MAITRED=build/maitred node --test tests/e2e/two_gateways.test.mjs
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { WITNESS } from '../torture/witness.mjs';
import { call, each, guest, house, KEY, until } from './house.mjs';

const N = Number(process.env.N ?? 2000);
let h, gateways;
before(async () => {
  h = await house({ prism: false });
  h.sql(`${WITNESS}
    CREATE TABLE claims (who text);
    CREATE FUNCTION note_claims() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
      INSERT INTO claims SELECT DISTINCT claimed_by FROM claimed; RETURN NULL; END $$;
    CREATE TRIGGER note_claims AFTER UPDATE ON queue REFERENCING NEW TABLE AS claimed
      FOR EACH STATEMENT EXECUTE FUNCTION note_claims()`);
  gateways = [await h.gateway(), await h.gateway({ PORT: '0' })];
});
after(() => h?.close());

test(`${N} messages through two gateways, 5 % of the answers lost: ${N} texts, none twice, all ended`, async (t) => {
  for (const carrier of ['twilio', 'telnyx'])
    await h.faults(carrier, { kind: 'hang_after_accept', ms: 4000, percent: 3 },
                   { kind: 'reset_after_accept', percent: 2 }, { kind: 'callbacks_off', percent: 20 });
  const start = Date.now();
  await each(N, 64, async (i) => {
    const r = await call(`${gateways[i % 2].url}/v1/messages`, {
      body: { to: guest(i), body: `Your table is ready. ${i}` }, headers: { authorization: `Bearer ${KEY}` },
    });
    assert.equal(r.status, 202, r.text);
  });
  const posted = Date.now();
  await until('nothing is queued', () => h.sql('SELECT count(*) FROM queue') === '0', 60 + N / 100);
  await until('all callbacks came', async () => (await h.sim('/sim/v1/callbacks')).json.idle, 60);
  await until('all are applied', () => h.sql('SELECT count(*) FROM pending') === '0');

  const s = await h.summary();
  assert.deepEqual([s.texts, s.doubled, s.most_per_phone], [N, 0, 1], JSON.stringify({ ...s, doubled_texts: undefined }));
  const states = h.states();
  assert.equal((states.delivered ?? 0) + (states.sent ?? 0), N, JSON.stringify(states));
  const processes = h.sql("SELECT count(DISTINCT split_part(who, '/', 2)) FROM claims"); // host/process/...
  assert.equal(processes, '2', 'both gateways sent');

  const requests = (await h.sim('/sim/v1/requests')).json;
  const lost = ['twilio', 'telnyx'].reduce((sum, c) => sum + (requests[c].outcomes.hang_after_accept ?? 0) +
    (requests[c].outcomes.reset_after_accept ?? 0), 0);
  const [median, late, worst] = h.sql(`
    SELECT percentile_disc(ARRAY[0.5, 0.99, 1]) WITHIN GROUP (ORDER BY d.at - m.created_at)
    FROM messages m JOIN witness_decided d USING (message_id)`).match(/[\d:.]+/g).map(seconds);
  const asked = h.sql('SELECT count(*) FROM attempts WHERE looks > 0');
  t.diagnostic(`${N} messages accepted in ${(posted - start) / 1000} s; ${lost} answers lost, ${asked} times the carrier was asked; ${JSON.stringify(states)}`);
  t.diagnostic(`time to a decision: median ${median} s, 99 % within ${late} s, worst ${worst} s`);
});

/** "00:00:01.25" */
function seconds(interval) {
  const [h_, m, s] = interval.split(':').map(Number);
  return Number((h_ * 3600 + m * 60 + s).toFixed(3));
}

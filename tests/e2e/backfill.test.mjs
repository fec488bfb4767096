// backfill.test.mjs - guests write while we are down and carriers give up: afterwards each text is in its
// thread once, and a STOP among them binds.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { guest, house, TELNYX_NUMBER, TWILIO_NUMBER, until } from './house.mjs';

let h, gateway;
before(async () => {
  h = await house();
  gateway = await h.gateway();
  await until('both carriers are known', () => h.sql('SELECT count(*) FROM heard') === '2');
  for (const carrier of ['twilio', 'telnyx'])
    await h.sim(`/sim/v1/latency/${carrier}`, { method: 'PUT', body: { retry_ms: 50 } });
});
after(() => h?.close());

/** As if the last comparison was a while ago; the next one is due only because we were away. */
const longAgo = () => h.sql(`UPDATE heard SET until = now() - interval '10 minutes',
                                              due_at = now() + interval '5 minutes'`);
const thread = async (phone) => {
  const c = (await h.api('/v1/conversations?limit=200')).json.data.find((one) => one.phone === phone);
  return c ? (await h.api(`/v1/conversations/${c.id}/messages`)).json.data.map((m) => m.body) : [];
};
const givenUp = async () => {
  const counts = (await h.sim('/sim/v1/callbacks')).json;
  return counts.twilio.given_up + counts.telnyx.given_up;
};
const write = async (from, body, provider) => {
  const to = provider === 'twilio' ? TWILIO_NUMBER : TELNYX_NUMBER;
  const r = await h.sim('/sim/v1/replies', { body: { from, to, provider, body, wait: false } });
  assert.ok(r.status < 300, r.text);
};
const texts = [
  [guest(1), 'On our way', 'twilio'], [guest(1), 'parking now', 'telnyx'], [guest(2), 'STOP', 'twilio'],
  [guest(3), 'Stop', 'telnyx'], [guest(4), 'wrong number', 'telnyx'], [guest(5), 'café ☕ & 1=1', 'twilio'],
];
for (let i = 0; i < 120; i++) // more than a page at each carrier
  texts.push([guest(100 + i), `we are ${i}`, i % 2 ? 'twilio' : 'telnyx']);

/** Guests write, and nobody takes it. */
async function unheard(lines) {
  const before = await givenUp();
  for (const line of lines) await write(...line);
  await until('the carriers have given up', async () => await givenUp() === before + lines.length);
}

test('the gateway was dead', async () => {
  await gateway.stop('SIGKILL');
  await unheard(texts);
  longAgo();
  gateway = await h.gateway();
  await until('all are there', () =>
    h.sql("SELECT count(*) FROM messages WHERE direction = 'in'") === String(texts.length));
  await until('and applied', () => h.sql('SELECT count(*) FROM pending') === '0');
  for (const phone of new Set(texts.slice(0, 20).map(([from]) => from)))
    assert.deepEqual((await thread(phone)).sort(), texts.filter(([from]) => from === phone).map(([, body]) => body).sort());
  for (const [i, code] of [[1, undefined], [2, 'opted_out'], [3, 'opted_out'], [4, 'flagged'], [5, undefined]]) {
    const r = await h.api('/v1/messages', { body: { to: guest(i), body: 'Ready' } });
    assert.equal(r.json.code, code, r.text);
  }
  assert.match(gateway.output, /"event":"backfilled"[^\n]*"texts":"63"/);
});

test('compared again, nothing comes twice, and a START in between stays', async () => {
  await write(guest(2), 'START', 'twilio');
  await until('it is taken', () => h.sql(`SELECT count(*) FROM consent_log WHERE action = 'start'`) === '1');
  await gateway.stop();
  longAgo();
  gateway = await h.gateway();
  await until('compared', () => h.sql(`SELECT count(*) FROM heard WHERE until > now() - interval '1 minute'`) === '2');
  await until('applied', () => h.sql('SELECT count(*) FROM pending') === '0');
  assert.equal(h.sql(`SELECT count(*) FROM messages WHERE direction = 'in'`), String(texts.length + 1));
  assert.equal((await h.api('/v1/messages', { body: { to: guest(2), body: 'Ready' } })).status, 202);
});

test('the database was down', async () => {
  longAgo();
  h.postgres('stop', h.dir);
  await unheard([[guest(11), 'hello?', 'twilio'], [guest(11), 'anybody?', 'telnyx'], [guest(12), 'Unsubscribe.', 'telnyx']]);
  h.postgres('start', h.dir);
  await until('all are there', async () => (await thread(guest(11))).length === 2, 60);
  await until('STOP binds', async () =>
    (await h.api('/v1/messages', { body: { to: guest(12), body: 'Ready' } })).json.code === 'opted_out');
});

test('a carrier that does not answer is asked again; nothing is taken for known', async () => {
  await gateway.stop('SIGKILL');
  await unheard([[guest(21), 'late', 'telnyx']]);
  await h.faults('telnyx', { kind: 'status', http_status: 500, on: 'read' });
  longAgo();
  gateway = await h.gateway();
  await gateway.line(/"event":"not_compared"/);
  await until('the other one was compared', () =>
    h.sql(`SELECT count(*) FROM heard WHERE provider = 'twilio' AND until > now() - interval '1 minute'`) === '1');
  assert.equal(h.sql(`SELECT count(*) FROM heard WHERE provider = 'telnyx' AND until > now() - interval '1 minute'`), '0');
  await h.faults('telnyx');
  h.sql('UPDATE heard SET leased_until = NULL');
  await until('it is there', async () => (await thread(guest(21))).length === 1, 60);
});

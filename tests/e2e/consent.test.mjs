// consent.test.mjs - who may be texted: words that may mean STOP, what staff are told, what carriers
// learn, HELP, and the ledger of all that.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { call, guest, house, TELNYX_NUMBER, TWILIO_NUMBER, until } from './house.mjs';
import { telnyxReply, telnyxRequest, twilioReply, twilioRequest } from './sign.mjs';

let h;
before(async () => {
  h = await house();
  await h.gateway();
});
after(() => h?.close());

const viaTwilio = async (from, body, more) => {
  const url = `${h.gatewayUrl}/webhooks/twilio/sms`;
  const fields = twilioReply(h, from, TWILIO_NUMBER, body, more);
  assert.equal((await call(url, twilioRequest(url, fields, h.credentials.TWILIO_AUTH_TOKEN))).status, 200);
};
const viaTelnyx = async (from, body) => {
  const url = `${h.gatewayUrl}/webhooks/telnyx/messages`;
  assert.equal((await call(url, telnyxRequest(telnyxReply(from, TELNYX_NUMBER, body)))).status, 200);
};
const send = (to, body = 'Your table is ready.') => h.api('/v1/messages', { body: { to, body } });
const conversation = (phone) => until(`a thread with ${phone}`, async () =>
  (await h.api('/v1/conversations?limit=200')).json.data.find((c) => c.phone === phone));
const consent = async (phone) =>
  (await h.api(`/v1/conversations/${(await conversation(phone)).id}/consent`)).json;
const decide = async (phone, action, words) =>
  h.api(`/v1/conversations/${(await conversation(phone)).id}/consent`, { body: { action, words } });
const told = (c) => c.history.map((e) => `${e.by} ${e.action} ${e.words}`).reverse();

test('words that may mean STOP pause texts until staff clear them', async () => {
  const from = guest(1);
  await viaTwilio(from, 'Please stop texting me');
  const refused = await send(from);
  assert.equal(refused.status, 409);
  assert.equal(refused.json.code, 'flagged');
  assert.match(refused.json.detail, /may have asked[^]*clear the flag/);
  const c = await conversation(from);
  assert.deepEqual([c.opted_out, c.flagged], [false, true]);
  assert.equal((await consent(from)).state, 'flagged');

  assert.equal((await decide(from, 'start')).status, 409);
  assert.deepEqual((await decide(from, 'clear', 'She meant the waiter.')).json.state, 'open');
  assert.equal((await send(from)).status, 202);
  assert.deepEqual(told(await consent(from)),
                   ['guest flag stop texting', 'staff clear She meant the waiter.']);
});

test('ordinary answers pause nothing', async () => {
  await viaTwilio(guest(3), "don't stop, we are coming");
  await viaTelnyx(guest(3), 'can you cancel my dessert');
  assert.equal((await send(guest(3))).status, 202);
});

test('a definite word is more than a doubt: only the guest lifts it', async () => {
  const from = guest(4);
  await viaTwilio(from, 'wrong number');
  await viaTelnyx(from, 'STOP');
  for (const action of ['clear', 'start']) {
    const r = await decide(from, action);
    assert.equal(r.status, 409);
    assert.match(r.json.detail, /texting START/);
  }
  assert.deepEqual((({ state, via }) => [state, via])(await consent(from)), ['stopped', 'telnyx']);
  await viaTelnyx(from, 'START');
  assert.equal((await send(from)).status, 202);
  assert.deepEqual(told(await consent(from)),
                   ['guest flag wrong number', 'guest stop STOP', 'guest start START']);
});

test('staff were asked in person: it stops at once, and they may take it back', async () => {
  const from = guest(5);
  assert.equal((await send(from)).status, 202);
  const r = await decide(from, 'stop', 'Told the host at the door.');
  assert.equal(r.status, 200);
  assert.deepEqual([r.json.state, r.json.via], ['stopped', 'staff']);
  assert.equal((await send(from)).json.code, 'opted_out');
  assert.equal((await decide(from, 'start')).status, 200);
  assert.equal((await send(from)).status, 202);
  const { history } = await consent(from);
  assert.deepEqual(history.map((e) => [e.action, e.by, e.who]), [['start', 'staff', 'test'], ['stop', 'staff', 'test']]);
});

test('consent is asked for properly', async () => {
  await viaTwilio(guest(6), 'hello');
  const { id } = await conversation(guest(6));
  const path = `/v1/conversations/${id}/consent`;
  assert.equal((await h.api(path, { body: { action: 'forget' } })).json.param, 'action');
  assert.equal((await h.api(path, { body: {} })).status, 422);
  assert.equal((await h.api(path, { body: { action: 'stop' }, key: 'mk_wrong' })).status, 401);
  assert.equal((await h.api(path, { key: 'mk_wrong' })).status, 401);
  const none = `/v1/conversations/cnv_${'0'.repeat(26)}/consent`;
  assert.equal((await h.api(none)).status, 404);
  assert.equal((await h.api(none, { body: { action: 'stop' } })).status, 404);
  assert.equal((await h.api('/v1/conversations/nonsense/consent', { body: { action: 'stop' } })).status, 404);
  assert.deepEqual(await consent(guest(6)), { id, state: 'open', since: null, via: null, history: [] });
});

for (const [carrier, number, code] of [['twilio', TWILIO_NUMBER, '21610'], ['twilio', TWILIO_NUMBER, '30004'],
                                       ['telnyx', TELNYX_NUMBER, '40300']])
  test(`${carrier} says ${code} after it accepted the text: the opt-out is learnt`, async () => {
    const to = guest(Number(code) % 1000 + 100);
    const fate = await h.sim(`/sim/v1/phones/${to.slice(1)}`,
                             { method: 'PUT', body: { status: 'failed', code: Number(code) } });
    assert.equal(fate.status, 200, fate.text);
    const id = await h.text(to, 'Ready', { from: number });
    const m = await until('it stopped', async () => {
      const now = await h.message(id);
      return now.state === 'stopped' && now;
    });
    assert.equal(m.code, code);
    assert.equal((await send(to)).json.code, 'opted_out');
    const c = await consent(to);
    assert.deepEqual([c.state, c.via, told(c)], ['stopped', carrier, [`carrier stop ${code}`]]);
    assert.equal((await decide(to, 'start')).status, 409);
  });

test('a carrier refuses to text the guest: the opt-out is learnt', async () => {
  const to = guest(20);
  await h.faults('twilio', { kind: 'status', http_status: 400, code: 21610, count: 1 });
  const id = await h.text(to);
  const m = await until('it stopped', async () => {
    const now = await h.message(id);
    return now.state === 'stopped' && now;
  });
  assert.equal(m.timeline.filter((t) => t.what === 'attempt').length, 1);
  const c = await consent(to);
  assert.deepEqual([c.state, c.via, told(c)], ['stopped', 'twilio', ['carrier stop 21610']]);
  await h.faults('twilio');
});

const onPhone = async (phone) =>
  (await h.sim(`/sim/v1/ledger?to=${phone.slice(1)}`)).json.texts.filter((t) => t.direction !== 'by_carrier');

test('HELP is answered by whoever the carrier leaves it to, once', async () => {
  await viaTwilio(guest(7), 'HELP'); // Twilio answers it
  await viaTelnyx(guest(8), 'INFO'); // nobody does
  await viaTelnyx(guest(8), 'info?');
  const texts = await until('the answer is there', async () => {
    const all = await onPhone(guest(8));
    return all.length > 0 && all;
  });
  assert.match(texts[0].body, /^Test texts you about your table or booking\./);
  assert.equal(texts[0].from, TELNYX_NUMBER);
  h.sql(`UPDATE numbers SET kind = 'toll_free' WHERE phone = '${TWILIO_NUMBER}';
         UPDATE accounts SET help = 'Test: call 555-0100.'`);
  await viaTwilio(guest(9), 'HELP');
  await until('its own words', async () => (await onPhone(guest(9)))[0]?.body === 'Test: call 555-0100.');
  await viaTwilio(guest(10), 'STOP');
  await viaTwilio(guest(10), 'HELP');
  await until('all is applied', () => h.sql('SELECT count(*) FROM pending') === '0');
  await until('all is sent', () => h.sql('SELECT count(*) FROM queue') === '0');
  assert.equal((await onPhone(guest(8))).length, 1);
  assert.equal((await onPhone(guest(7))).length, 0);
  assert.equal((await onPhone(guest(10))).length, 0);
  h.sql("UPDATE numbers SET kind = '10dlc'");
});

// last, since it leaves both breakers open
test('a text that waits when the doubt comes up is not sent, and says why', async () => {
  await h.faults('twilio', { kind: 'refuse' });
  await h.faults('telnyx', { kind: 'refuse' });
  const id = await h.text(guest(2));
  await until('both were tried', async () => (await h.message(id)).timeline.length >= 5);
  await viaTelnyx(guest(2), 'No m\u00e1s');
  await h.faults('twilio');
  await h.faults('telnyx');
  const m = await until('it stopped', async () => {
    const now = await h.message(id);
    return now.state === 'stopped' && now;
  });
  assert.match(m.reason, /may have asked not to be texted/);
  assert.equal((await h.sim(`/sim/v1/ledger?to=${guest(2).slice(1)}`)).json.texts.length, 0);
});

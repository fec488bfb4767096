// voice.test.mjs - calls, end to end: a landline, keys, failover, a lost answer, guests who call us.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ACCOUNT, TELNYX_NUMBER, TWILIO_NUMBER, call, guest, house, until } from './house.mjs';

let h;
let next = 800;
before(async () => {
  h = await house();
  await h.gateway({ PACE_CALLS: '0' });
  h.sql(`UPDATE accounts SET name = 'Chez Test', phone = '+13125550190', check_in = true`);
  for (const carrier of ['twilio', 'telnyx'])
    await h.sim(`/sim/v1/latency/${carrier}`, { method: 'PUT', body: { sent_ms: 0, delivered_ms: 0, ring_ms: 20, key_ms: 20, second_ms: 10 } });
});
after(() => h?.close());

const phone = (number, does) => h.sim(`/sim/v1/phones/${number.slice(1)}`, { method: 'PUT', body: does });
const calls = async (number) => (await h.sim(`/sim/v1/calls?number=${number.slice(1)}`)).json.calls;
const party = async (id) => (await h.api(`/v1/parties/${id}`)).json;
const act = (id, action, body) => h.api(`/v1/parties/${id}/${action}`, { method: 'POST', body });
/** All that was heard in a call, in one line. */
const heard = (c) => c.transcript.filter((l) => l.say !== undefined).map((l) => l.say).join(' ');

async function wait(more = {}) {
  const number = more.phone ?? guest(next++);
  const r = await h.api('/v1/parties', { body: { name: 'Maria', size: 2, phone: number, quote_min: 15, text: false, ...more } });
  assert.equal(r.status, 201, r.text);
  return { number, id: r.json.party.id };
}

/** Notified by a call to a phone that does this; the call when it is over. */
async function ring(does, more = {}, body = { channel: 'voice' }) {
  const p = await wait(more);
  await phone(p.number, does);
  const r = await act(p.id, 'notify', body);
  assert.equal(r.status, 200, r.text);
  p.told = r.json.text;
  p.call = await until('a call that is over', async () => (await calls(p.number)).find((c) => !c.live && c.ended_ms));
  assert.deepEqual(p.call.errors, [], 'our instructions are what carriers accept');
  return p;
}
const message = async (p) => (await h.api(`/v1/messages/${p.told.message_id}`)).json;
const ended = (p, state) => until(state, async () => { const m = await message(p); return m.state === state && m; });

test('a call says it, and 1 confirms', async () => {
  const p = await ring({ call: 'answer', keys: '1' });
  assert.deepEqual([p.told.texted, p.told.called], [false, true]);
  assert.match(heard(p.call), /This is an automated call from Chez Test\. Your table is ready\. Press 1 .* You can reach us at 3 1 2, 5 5 5, 0 1 9 0\. Thank you\. See you soon\./);
  const now = await until('coming', async () => { const x = await party(p.id); return x.state === 'coming' && x; });
  assert.ok(now.answered_at);
  const m = await ended(p, 'delivered');
  assert.equal(m.channel, 'voice');
  const [listed] = (await h.api(`/v1/conversations/${now.guest.id}/messages`)).json.data;
  assert.equal(listed.call.outcome, 'confirmed');
  assert.equal(listed.call.keys, '1');
  assert.equal(listed.call.answered_by, 'human');
  assert.equal((await calls(p.number)).length, 1);
});

for (const [keys, state, outcome, words] of [
  ['2', 'more_time', 'more_time', /We hold your table 10 more minutes/],
  ['9', 'cancelled', 'left', /taken you off the list/],
  ['*,1', 'coming', 'confirmed', /(Your table is ready.*){2}See you soon/],
  ['5,1', 'coming', 'confirmed', /that key does nothing here/],
]) {
  test(`the keys ${keys}`, async () => {
    const p = await ring({ call: 'answer', keys });
    await until(state, async () => (await party(p.id)).state === state);
    assert.match(heard(p.call), words);
    assert.equal(h.sql(`SELECT outcome FROM calls WHERE message_id = '${p.told.message_id}'`), outcome);
  });
}

test('answered is not heard: no key, no confirmation; it is said twice', async () => {
  const p = await ring({ call: 'answer' });
  await ended(p, 'delivered');
  assert.equal(heard(p.call).match(/Your table is ready/g).length, 2);
  assert.equal((await party(p.id)).state, 'notified');
  assert.equal(h.sql(`SELECT outcome FROM calls WHERE message_id = '${p.told.message_id}'`), 'no_key');
});

test('8 stops calls and texts', async () => {
  const p = await ring({ call: 'answer', keys: '8' });
  await until('stopped', async () => (await party(p.id)).guest.consent === 'stopped');
  const again = await wait({ phone: p.number });
  const r = await act(again.id, 'notify', { channel: 'voice' });
  assert.equal(r.json.text.why, 'opted_out');
  assert.equal((await h.api('/v1/messages', { body: { to: p.number, body: 'Hello' } })).json.code, 'opted_out');
  assert.equal((await h.api('/v1/messages', { body: { to: p.number, body: 'Hello', channel: 'voice' } })).json.code, 'opted_out');
});

test('a machine hears the short form, and is no confirmation', async () => {
  const p = await ring({ call: 'machine' });
  await until('voicemail', () => h.sql(`SELECT outcome FROM calls WHERE message_id = '${p.told.message_id}'`) === 'voicemail');
  assert.match(heard(p.call), /automated message from Chez Test\. Your table is ready\. You can reach us at/);
  assert.doesNotMatch(heard(p.call), /[Pp]ress/);
  assert.equal((await party(p.id)).state, 'notified');
});

test('nobody picks up: once more, a minute later; then no more', async () => {
  const p = await ring({ call: 'ring' });
  const m = await ended(p, 'undelivered');
  assert.match(m.reason, /Nobody picked up/);
  await until('a second call is due', () => h.sql(`SELECT message_id IS NULL AND at > now() + interval '50 seconds' FROM calls_due WHERE visit = '${p.id}'`) === 't');
  await phone(p.number, { call: 'busy' });
  h.sql(`UPDATE calls_due SET at = now() WHERE visit = '${p.id}'`);
  await until('called again', async () => (await calls(p.number)).length === 2);
  await until('given up', () => h.sql(`SELECT count(*) FROM calls_due WHERE visit = '${p.id}'`) === '0');
  assert.equal((await calls(p.number)).length, 2);
});

test('who answers by text meanwhile is not called again', async () => {
  const p = await ring({ call: 'ring' });
  await ended(p, 'undelivered');
  await until('due', () => h.sql(`SELECT message_id IS NULL FROM calls_due WHERE visit = '${p.id}'`) === 't');
  await h.sim('/sim/v1/replies', { body: { from: p.number, to: TWILIO_NUMBER, provider: 'twilio', body: '1' } });
  await until('coming', async () => (await party(p.id)).state === 'coming');
  assert.equal(h.sql(`SELECT count(*) FROM calls_due WHERE visit = '${p.id}'`), '0');
});

for (const [how, answer] of [['text', (p) => h.sim('/sim/v1/replies', { body: { from: p.number, to: TWILIO_NUMBER, provider: 'twilio', body: '1' } })],
                             ['the host', (p) => act(p.id, 'seat')]]) {
  test(`a phone that rings stops when it is settled by ${how}`, async () => {
    for (const carrier of ['twilio', 'telnyx']) {
      await h.faults(carrier === 'twilio' ? 'telnyx' : 'twilio', { kind: 'status', http_status: 400, code: 10009, channel: 'voice' });
      const p = await wait();
      await phone(p.number, { call: 'wait' });
      await act(p.id, 'notify', { channel: 'voice' });
      await until('it rings', async () => (await calls(p.number))[0]?.status === 'ringing');
      await until('we know the call', () => h.sql(`SELECT count(*) FROM attempts JOIN messages USING (account_id, message_id) WHERE visit = '${p.id}' AND attempts.state = 'accepted'`) === '1');
      await answer(p);
      const c = await until('it stopped', async () => { const [x] = await calls(p.number); return x.ended_ms && x; });
      assert.equal(c.provider, carrier);
      assert.equal(c.answered_ms, undefined);
      assert.equal((await calls(p.number)).length, 1);
      await h.heal();
    }
  });
}

test('a text to a landline ends in a call; 1 confirms, and staff hear of it', async () => {
  const p = await wait();
  await phone(p.number, { status: 'undelivered', code: 30006, call: 'answer', keys: '1' });
  const r = await act(p.id, 'notify', { channel: 'auto' });
  assert.equal(r.json.text.texted, true);
  await until('coming', async () => (await party(p.id)).state === 'coming');
  assert.equal((await calls(p.number)).length, 1);
  const told = h.sql(`SELECT string_agg(type, ' ' ORDER BY seq) FROM events WHERE subject = '${p.id}'`);
  assert.match(told, /party\./);
  // the next time nobody texts a landline first
  const again = await wait({ phone: p.number });
  assert.equal((await act(again.id, 'notify', { channel: 'auto' })).json.text.called, true);
});

test('no answer by the deadline: a call; an answer: none', async () => {
  const silent = await wait(), quick = await wait();
  await phone(silent.number, { call: 'answer', keys: '1' });
  for (const p of [silent, quick]) await act(p.id, 'notify', { channel: 'auto' });
  await h.sim('/sim/v1/replies', { body: { from: quick.number, to: TWILIO_NUMBER, provider: 'twilio', body: '1' } });
  await until('coming', async () => (await party(quick.id)).state === 'coming');
  h.sql('UPDATE calls_due SET at = now()');
  await until('coming', async () => (await party(silent.id)).state === 'coming');
  assert.equal((await calls(silent.number)).length, 1);
  assert.equal((await calls(quick.number)).length, 0);
});

test('the first carrier refuses calls: the second calls', async () => {
  await h.faults('twilio', { kind: 'status', http_status: 503, channel: 'voice' }, { kind: 'status', http_status: 400, code: 21210, channel: 'voice' });
  await h.faults('twilio', { kind: 'status', http_status: 400, code: 21210, channel: 'voice' });
  const p = await ring({ call: 'answer', keys: '1' });
  assert.equal(p.call.provider, 'telnyx');
  assert.match(heard(p.call), /Your table is ready.*See you soon/);
  await until('coming', async () => (await party(p.id)).state === 'coming');
  await h.heal();
});

for (const kind of ['hang_after_accept', 'reset_after_accept', 'malformed_2xx']) {
  test(`the answer to the create is lost (${kind}): the phone rings once`, async () => {
    await h.faults('twilio', { kind, channel: 'voice', count: 1, ...(kind.startsWith('hang') && { ms: 8000 }) });
    const p = await ring({ call: 'answer', keys: '1' });
    await until('coming', async () => (await party(p.id)).state === 'coming');
    await ended(p, 'delivered');
    await sleep(1000);
    assert.equal((await calls(p.number)).length, 1);
    await h.heal();
  });
}

test('the answer is lost, and every callback: the list has the call', async () => {
  await h.faults('twilio', { kind: 'reset_after_accept', channel: 'voice', count: 1 }, { kind: 'callbacks_off', channel: 'voice' });
  const p = await ring({ call: 'ring' });
  await until('found', () => /accepted|finalised/.test(h.sql(`SELECT state FROM attempts WHERE message_id = '${p.told.message_id}'`)));
  assert.equal((await calls(p.number)).length, 1);
  await h.heal();
});

test('who is not asked to be called is not', async () => {
  const p = await wait({ consent: 'none' });
  assert.equal((await act(p.id, 'notify', { channel: 'voice' })).json.text.why, 'no_call_consent');
  h.sql('UPDATE numbers SET calls = false');
  const q = await wait();
  assert.equal((await act(q.id, 'notify', { channel: 'voice' })).json.text.why, 'no_caller');
  h.sql('UPDATE numbers SET calls = true');
});

test('a reminder by call, confirmed by 1', async () => {
  h.sql("UPDATE accounts SET notify_by = 'voice'");
  const number = guest(next++);
  await phone(number, { call: 'answer', keys: '1' });
  const b = (await h.api('/v1/bookings', { body: { starts_at: new Date(Date.now() + 72 * 3_600_000).toISOString(), size: 2, name: 'Ana', phone: number, language: 'es' } })).json.booking;
  h.sql(`UPDATE bookings SET remind_at = now() WHERE booking_id = '${b.id}'`);
  await until('confirmed', async () => (await h.api(`/v1/bookings/${b.id}`)).json.state === 'confirmed');
  assert.match(heard((await calls(number))[0]), /Le recordamos su reserva: .* Pulse 1 para confirmar.*Su reserva está confirmada/);
  h.sql("UPDATE accounts SET notify_by = 'sms'");
});

test('any words, by the API', async () => {
  const number = guest(next++);
  await phone(number, { call: 'answer' });
  const id = await h.text(number, 'We found your hat & your "keys".', { channel: 'voice' });
  await until('delivered', async () => (await h.message(id)).state === 'delivered');
  assert.match(heard((await calls(number))[0]), /We found your hat & your "keys"\./);
  const long = await h.api('/v1/messages', { body: { to: number, body: 'a '.repeat(400), channel: 'voice' } });
  assert.deepEqual([long.status, long.json.param], [422, 'body']);
});

// ---- guests call us ----

async function dial(from, keys, to = TWILIO_NUMBER) {
  const provider = to === TWILIO_NUMBER ? 'twilio' : 'telnyx';
  const r = await h.sim('/sim/v1/calls', { body: { from, to, provider, keys } });
  assert.equal(r.status, 200, r.text);
  assert.deepEqual(r.json.errors, []);
  return r.json;
}

test('a waiting guest hears their place and their wait, in two languages, at both carriers', async () => {
  h.sql('DELETE FROM parties');
  await wait();
  const en = await wait(), es = await wait({ language: 'es', quote_min: 25 });
  assert.match(heard(await dial(en.number, '')), /Thank you for calling Chez Test\. You are number 2 in line\. The wait is about 15 minutes\./);
  assert.match(heard(await dial(es.number, '', TELNYX_NUMBER)), /Gracias por llamar a Chez Test\. Usted es el número 3 en la lista\. La espera es de unos 25 minutos\./);
  const gone = await dial(en.number, '9');
  assert.match(heard(gone), /taken you off the list/);
  assert.equal((await party(en.id)).state, 'cancelled');
  assert.match(heard(await dial(es.number, '', TELNYX_NUMBER)), /Usted es el número 2/);
  const [m] = (await h.api(`/v1/conversations/${(await party(en.id)).guest.id}/messages`)).json.data;
  assert.deepEqual([m.direction, m.channel, m.kind, m.call.outcome], ['in', 'voice', 'call', 'left']);
});

test('somebody unknown is connected, or gets the link', async () => {
  const number = guest(next++);
  await phone('+13125550190', { call: 'answer' });
  const talk = await dial(number, '0');
  assert.ok(talk.transcript.some((l) => l.dial === '+13125550190'), JSON.stringify(talk.transcript));
  await dial(number, '3');
  const texts = await until('a link', async () => { const t = (await h.sim(`/sim/v1/ledger?to=${number.slice(1)}`)).json.texts; return t.length && t; });
  assert.match(texts[0].body, /join the waitlist here: http/);
});

test('nobody there: a message is left, and is unread in the thread', async () => {
  h.sql('UPDATE accounts SET voicemail = true');
  const p = await wait();
  await phone('+13125550190', { call: 'busy' });
  const talk = await dial(p.number, '0');
  assert.match(heard(talk), /Nobody can take your call just now\. Please leave a message after the tone\./);
  const x = await until('unread', async () => { const c = await party(p.id); return c.guest.unread > 0 && c; });
  const list = (await h.api(`/v1/conversations/${x.guest.id}/messages`)).json.data;
  const left = list.find((m) => m.channel === 'voice');
  assert.equal(left.call.outcome, 'recorded');
  assert.match(left.call.recording_url, /^http/);
  h.sql('UPDATE accounts SET voicemail = false');
});

test('a forged question gets 403 and no words', async () => {
  const p = await wait();
  const body = new URLSearchParams({ CallSid: `CA${'0'.repeat(32)}`, AccountSid: h.credentials.TWILIO_ACCOUNT_SID, From: p.number,
    To: TWILIO_NUMBER, Direction: 'inbound', CallStatus: 'ringing' });
  for (const [carrier, headers] of [['twilio', { 'x-twilio-signature': createHmac('sha1', 'wrong').update('x').digest('base64') }],
                                    ['telnyx', { 'telnyx-timestamp': `${Math.floor(Date.now() / 1000)}`, 'telnyx-signature-ed25519': Buffer.alloc(64).toString('base64') }]]) {
    for (const where of ['voice', 'voice-fallback']) {
      const r = await call(`${h.gatewayUrl}/webhooks/${carrier}/${where}`, { method: 'POST', body: String(body),
        headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded' } });
      assert.equal(r.status, 403);
      assert.doesNotMatch(r.text, /Say|Chez|line/);
    }
  }
  assert.equal(h.sql(`SELECT count(*) FROM messages WHERE channel = 'voice' AND phone = '${p.number}'`), '0');
});

const latency = (second_ms) => h.sim('/sim/v1/latency/twilio', { method: 'PUT',
  body: { sent_ms: 0, delivered_ms: 0, ring_ms: 20, key_ms: 20, second_ms } });
const restart = async () => {
  h.postgres('start', h.dir);
  await until('ready', async () => (await call(`${h.gatewayUrl}/readyz`)).status === 200);
};

test('while the database is away a caller hears something kind', async () => {
  h.postgres('stop', h.dir);
  const r = await dial(guest(next++), '');
  assert.match(heard(r), /We are sorry, something went wrong\. Please wait a moment\. We are sorry, we cannot look that up/);
  await restart();
});

test('when it is back in a moment, the caller is asked once more, and 8 is not lost', async () => {
  const p = await wait();
  await latency(200);
  h.postgres('stop', h.dir);
  const asked = h.sim('/sim/v1/calls', { body: { from: p.number, to: TWILIO_NUMBER, provider: 'twilio', keys: '8' } });
  await sleep(5400); // the gateway waits 5 s for its database
  await restart();
  assert.match(heard((await asked).json), /something went wrong.*You will get no more calls or texts/);
  await latency(10);
});

test('who picked up and could not be told was not told', async () => {
  await latency(200); // it rings long enough for a database that takes its time to stop
  const number = guest(next++);
  await phone(number, { call: 'wait' });
  const id = await h.text(number, 'We found your scarf.', { channel: 'voice' });
  const [c] = await until('it rings', async () => { const all = await calls(number); return all[0]?.status === 'ringing' && all; });
  h.postgres('stop', h.dir);
  await h.sim(`/sim/v1/calls/${c.id}/answer`, { method: 'POST' });
  await until('an apology', async () => /We are sorry, we cannot/.test(heard((await calls(number))[0])));
  await restart();
  const m = await until('undelivered', async () => { const x = await h.message(id); return x.state === 'undelivered' && x; });
  assert.equal(m.reason, 'Somebody picked up, but we could not say it.');
  await latency(10);
});

test('no log has what was said, or to whom', () => {
  const all = h.outputs();
  for (let i = 800; i < next; i++) assert.ok(!all.includes(guest(i).slice(1)), guest(i));
  assert.doesNotMatch(all, /found your|Maria/);
});

// callbacks.test.mjs - what carriers send us: guests' words, status reports, and what only looks like
// them; also when the gateway dies in the middle.
import assert from 'node:assert/strict';
import net from 'node:net';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { execFile } from 'node:child_process';
import { call, each, guest, house, KEY, TELNYX_NUMBER, TWILIO_NUMBER, until } from './house.mjs';
import { telnyxReply, telnyxRequest, twilioReply, twilioRequest } from './sign.mjs';

let h, gateway, sms, messages;
before(async () => {
  h = await house();
  gateway = await h.gateway();
  sms = `${h.gatewayUrl}/webhooks/twilio/sms`;
  messages = `${h.gatewayUrl}/webhooks/telnyx/messages`;
});
after(() => h?.close());

const token = () => h.credentials.TWILIO_AUTH_TOKEN;
const postTwilio = (fields, url = sms) => call(url, twilioRequest(url, fields, token()));
const thread = async (phone) => {
  const all = (await h.api('/v1/conversations?limit=200')).json.data;
  return all.find((c) => c.phone === phone);
};
const bodies = async (phone) => {
  const c = await thread(phone);
  const page = c && (await h.api(`/v1/conversations/${c.id}/messages`)).json.data;
  return (page ?? []).map((m) => `${m.direction} ${m.body}`);
};
/** Everything a callback could have changed. */
const footprint = () => h.sql(`SELECT (SELECT count(*) FROM callbacks), (SELECT count(*) FROM messages),
  (SELECT count(*) FROM receipts), (SELECT count(*) FROM consent_log), (SELECT count(*) FROM conversations WHERE opted_out_at IS NOT NULL)`);

test('replies to either number come into one thread', async () => {
  const from = guest(1);
  await until('the text was sent', async () =>
    (await h.message(await h.text(from, 'Ready')))?.state);
  assert.equal((await postTwilio(twilioReply(h, from, TWILIO_NUMBER, 'On my way é🎉'))).status, 200);
  const r = await call(messages, telnyxRequest(telnyxReply(from, TELNYX_NUMBER, 'parking')));
  assert.equal(r.status, 200);
  await until('both are there', async () => (await bodies(from)).length === 3);
  assert.deepEqual((await bodies(from)).sort(), ['in On my way é🎉', 'in parking', 'out Ready']);
  assert.equal((await thread(from)).unread, 2);
});

test('a callback is answered as its carrier wants it', async () => {
  const t = await postTwilio(twilioReply(h, guest(2), TWILIO_NUMBER, 'hi'));
  assert.equal(t.status, 200);
  assert.match(t.headers.get('content-type'), /^text\/xml/);
  assert.match(t.text, /<Response\/>$/);
  const x = await call(messages, telnyxRequest(telnyxReply(guest(2), TELNYX_NUMBER, 'hi')));
  assert.equal(x.status, 200);
});

test('a callback delivered twice is one message', async () => {
  const fields = twilioReply(h, guest(3), TWILIO_NUMBER, 'once');
  for (let i = 0; i < 3; i++) assert.equal((await postTwilio(fields)).status, 200);
  await until('it is there', async () => (await bodies(guest(3))).length);
  await until('all are applied', () => h.sql('SELECT count(*) FROM pending') === '0');
  assert.deepEqual(await bodies(guest(3)), ['in once']);
  assert.equal((await thread(guest(3))).unread, 1);
});

test('STOP at one carrier binds both, before its 200; START lifts it', async () => {
  const from = guest(4);
  const send = () => h.api('/v1/messages', { body: { to: from, body: 'Ready' } });
  assert.equal((await postTwilio(twilioReply(h, from, TWILIO_NUMBER, ' stop. '))).status, 200);
  for (const number of [undefined, TWILIO_NUMBER, TELNYX_NUMBER]) {
    const r = await h.api('/v1/messages', { body: { to: from, body: 'Ready', from: number ?? null } });
    assert.equal(r.status, 409);
    assert.equal(r.json.code, 'opted_out');
    assert.match(r.json.detail, /STOP/);
  }
  await call(messages, telnyxRequest(telnyxReply(from, TELNYX_NUMBER, 'HELP')));
  assert.equal((await send()).status, 409);
  await call(messages, telnyxRequest(telnyxReply(from, TELNYX_NUMBER, 'Start')));
  assert.equal((await send()).status, 202);
  assert.equal(h.sql(`SELECT string_agg(action, ',' ORDER BY at) FROM consent_log WHERE phone = '${from}'`),
               'stop,help,start');
});

test('a STOP that is delivered again after a START does not bind again', async () => {
  const stop = twilioReply(h, guest(5), TWILIO_NUMBER, 'STOP');
  await postTwilio(stop);
  await postTwilio(twilioReply(h, guest(5), TWILIO_NUMBER, 'START'));
  await postTwilio(stop);
  assert.equal((await h.api('/v1/messages', { body: { to: guest(5), body: 'Ready' } })).status, 202);
});

test('a message queued before STOP is not sent after it', async () => {
  await h.faults('twilio', { kind: 'refuse' });
  await h.faults('telnyx', { kind: 'refuse' });
  const id = await h.text(guest(6));
  await until('both were tried', async () => (await h.message(id)).timeline.length >= 5);
  await postTwilio(twilioReply(h, guest(6), TWILIO_NUMBER, 'STOP'));
  await h.faults('twilio');
  await h.faults('telnyx');
  await until('it stopped', async () => (await h.message(id)).state === 'stopped');
  assert.equal((await h.sim(`/sim/v1/ledger?to=${guest(6).slice(1)}`)).json.texts.length, 0);
});

test('forged, stale and foreign callbacks get 403 and change nothing', async () => {
  const fields = twilioReply(h, guest(7), TWILIO_NUMBER, 'STOP');
  const event = telnyxReply(guest(7), TELNYX_NUMBER, 'STOP');
  const now = Math.floor(Date.now() / 1000);
  const good = telnyxRequest(event);
  const before = footprint();
  const cases = {
    'unsigned form': call(sms, { ...twilioRequest(sms, fields, token()), headers: { 'content-type': 'application/x-www-form-urlencoded' } }),
    'wrong token': call(sms, twilioRequest(sms, fields, 'f'.repeat(32))),
    'signed for another URL': call(sms, twilioRequest(`${sms}/other`, fields, token())),
    'a field changed': call(sms, { ...twilioRequest(sms, fields, token()), body: new URLSearchParams({ ...fields, Body: 'x' }).toString() }),
    'another account': postTwilio({ ...fields, AccountSid: `AC${'1'.repeat(32)}` }),
    'unsigned JSON': call(messages, { method: 'POST', body: good.body }),
    'a byte changed': call(messages, { ...good, body: good.body.replace('STOP', 'STOp') }),
    'too old': call(messages, telnyxRequest(event, now - 302)),
    'from the future': call(messages, telnyxRequest(event, now + 310)),
    "Twilio's at Telnyx's": call(messages, twilioRequest(messages, fields, token())),
  };
  for (const [name, answer] of Object.entries(cases)) {
    const r = await answer;
    assert.equal(r.status, 403, name);
    assert.equal(r.headers.get('content-type'), 'application/problem+json');
  }
  assert.equal(footprint(), before);
});

test("the carrier's base URL is what is signed, whatever the headers say", async () => {
  const r = twilioRequest(sms, twilioReply(h, guest(8), TWILIO_NUMBER, 'hi'), token());
  r.headers['x-forwarded-host'] = 'evil.example';
  r.headers['x-forwarded-proto'] = 'https';
  assert.equal((await call(sms, r)).status, 200);
});

test('signed garbage gets 400, a huge body 413, and nothing changes', async () => {
  const before = footprint();
  assert.equal((await call(messages, telnyxRequest('{"data":'))).status, 400);
  assert.equal((await call(messages, telnyxRequest('[]'))).status, 400);
  assert.equal((await call(messages, telnyxRequest('{"data":{"event_type":"message.sent","id":"x","payload":{}}}'))).status, 400);
  assert.equal((await call(sms, twilioRequest(sms, { AccountSid: h.credentials.TWILIO_ACCOUNT_SID }, token()))).status, 400);
  assert.equal((await call(messages, { method: 'POST', body: 'x'.repeat(70000) })).status, 413);
  assert.equal((await call(`${h.gatewayUrl}/webhooks/nobody/sms`, { method: 'POST', body: '' })).status, 404);
  assert.equal(footprint(), before);
});

test('requests framed two ways are refused', async () => {
  const raw = (text) => new Promise((resolve, reject) => {
    const socket = net.connect(Number(new URL(h.gatewayUrl).port), '127.0.0.1');
    let answer = '';
    socket.on('data', (d) => { answer += d; }).on('end', () => resolve(answer)).on('error', reject);
    socket.end(text);
  });
  const head = 'POST /webhooks/twilio/sms HTTP/1.1\r\nHost: x\r\n';
  for (const rest of ['Content-Length: 1\r\nContent-Length: 2\r\n\r\nab',
                      'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
                      'Host: y\r\nContent-Length: 0\r\n\r\n',
                      'A: b\n\r\n\r\n'])
    assert.match(await raw(head + rest), /^HTTP\/1\.1 400 /, JSON.stringify(rest));
});

test('unknown fields, events and codes are tolerated', async () => {
  assert.equal((await postTwilio(twilioReply(h, guest(9), TWILIO_NUMBER, 'hi', { NewField: 'x' }))).status, 200);
  const event = telnyxReply(guest(9), TELNYX_NUMBER, 'hi');
  event.data.event_type = 'message.invented';
  assert.equal((await call(messages, telnyxRequest(event))).status, 200);
  assert.equal((await postTwilio(twilioReply(h, guest(9), '+19995550000', 'to a number we do not have'))).status, 200);
  await until('all are applied', () => h.sql('SELECT count(*) FROM pending') === '0');
  assert.deepEqual(await bodies(guest(9)), ['in hi']);
});

test('kill -9 during 1,000 callbacks: every one that got its 200 is applied', async () => {
  const acknowledged = [];
  let sent = 0;
  const post = async (i) => {
    const from = guest(1000 + i);
    try {
      const r = await postTwilio(twilioReply(h, from, TWILIO_NUMBER, `crash ${i}`));
      if (r.status === 200) acknowledged.push(from);
    } catch { /* the connection broke: no 200, no promise */ }
    if (++sent === 400) gateway.stop('SIGKILL');
  };
  await each(1000, 40, post);
  assert.ok(acknowledged.length >= 300 && acknowledged.length < 1000, `${acknowledged.length} acknowledged`);

  gateway = await h.gateway();
  await until('the journal is applied', () => h.sql('SELECT count(*) FROM pending') === '0', 60);
  const applied = new Set(h.sql("SELECT phone FROM messages WHERE body LIKE 'crash %'").split('\n'));
  const lost = acknowledged.filter((phone) => !applied.has(phone));
  assert.deepEqual(lost, []);
  assert.equal(h.sql("SELECT count(*) - count(DISTINCT phone) FROM messages WHERE body LIKE 'crash %'"), '0');
});

test('kill -9 while sending: no message is lost, none is sent twice', async () => {
  await h.sim('/sim/v1/reset', { method: 'POST' });
  await h.heal();
  await h.faults('twilio', { kind: 'slow', ms: 100 });
  h.sql("DELETE FROM messages; DELETE FROM queue; DELETE FROM attempts");
  const accepted = [];
  let sent = 0;
  await each(400, 40, async (i) => {
    try {
      accepted.push(await h.text(guest(3000 + i), `crash-send ${i}`));
    } catch { /* not accepted */ }
    if (++sent === 200) gateway.stop('SIGKILL');
  });
  h.sql("UPDATE queue SET due_at = now()"); // the leases of the dead, sooner than in a minute
  gateway = await h.gateway();
  // what was being offered to Telnyx is given up after 68 s: it names no time after which it drops a text
  await until('nothing is queued', () => h.sql('SELECT count(*) FROM queue') === '0', 150);
  await until('all callbacks came', async () => (await h.sim('/sim/v1/callbacks')).json.idle);
  await until('all are applied', () => h.sql('SELECT count(*) FROM pending') === '0');
  const s = await h.summary();
  assert.equal(s.doubled, 0, JSON.stringify(s));
  assert.equal(s.most_per_phone, 1);
  const states = h.states();
  assert.deepEqual(Object.keys(states), ['delivered'], JSON.stringify(states));
  assert.ok(states.delivered >= accepted.length && s.texts === states.delivered, JSON.stringify({ states, s }));
});

test('replay applies what was lost, and changes nothing that is right', async () => {
  const since = new Date(Date.now() - 3600_000).toISOString();
  // not the one that waits: connections that are closed meanwhile have to be heard of
  const replay = async () => (await promisify(execFile)(process.env.MAITRED ?? 'build/san/maitred',
    ['replay', '--since', since], { env: { ...process.env, ...h.env }, encoding: 'utf8' })).stdout;
  await postTwilio(twilioReply(h, guest(5000), TWILIO_NUMBER, 'replay me'));
  await until('it is there', async () => (await bodies(guest(5000))).length === 1);
  const state = () => h.sql(`SELECT md5(string_agg(m::text, '' ORDER BY message_id)) FROM messages m`) +
    h.sql(`SELECT md5(string_agg(a::text, '' ORDER BY attempt_id)) FROM attempts a`);
  await replay();
  const before = state();
  await replay();
  assert.equal(state(), before);
  h.sql("DELETE FROM messages WHERE body = 'replay me'");
  assert.match(await replay(), /callbacks in \d+ batches/);
  assert.deepEqual(await bodies(guest(5000)), ['in replay me']);
});

test('guests and their words are not in the log', () => {
  for (const secret of ['2125551', '12125551001', 'On my way', 'replay me', KEY, token()])
    assert.ok(!gateway.output.includes(secret), secret);
});

test('SIGTERM: what was accepted goes on, exit 0', async () => {
  const ids = await Promise.all(Array.from({ length: 20 }, (_, i) => h.text(guest(6000 + i))));
  const end = await gateway.stop();
  assert.deepEqual(end, { code: 0, signal: null });
  gateway = await h.gateway();
  await until('all are delivered', async () =>
    (await Promise.all(ids.map((id) => h.message(id)))).every((m) => m.state === 'delivered'));
});

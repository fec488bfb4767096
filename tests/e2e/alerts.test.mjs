// alerts.test.mjs - what staff are shown of the carriers' work, and of what is wrong: an outage step by
// step, and each cause of GET /v1/alerts, raised and gone again.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { after, before, beforeEach, test } from 'node:test';
import { call, each, guest, house, ORGANISATION, TWILIO_NUMBER, until } from './house.mjs';
import { twilioReply, twilioRequest } from './sign.mjs';

const OTHER = 'acc_00000000000000000000000002', OTHER_KEY = 'mk_test_0000000000000000000000000002';
let h;
before(async () => {
  h = await house();
  h.sql(`INSERT INTO accounts (account_id, organisation_id, name) VALUES ('${OTHER}', '${ORGANISATION}', 'Other');
         INSERT INTO numbers (account_id, number_id, provider, phone) VALUES ('${OTHER}', 'num_3', 'twilio', '+13125550003');
         INSERT INTO api_keys (account_id, key_id, name, hash, scopes) VALUES
           ('${OTHER}', 'key_2', 'read', '${createHash('sha256').update(OTHER_KEY).digest('hex')}', '{read}')`);
  await h.gateway({ WEBHOOK_PRIVATE: 'yes' });
});
after(() => h?.close());
beforeEach(async () => {
  await h.sim('/sim/v1/reset', { method: 'POST' });
  await h.heal();
  h.sql('TRUNCATE messages, attempts, receipts, queue, conversations, turns, paces, carrier_events, endpoints, deliveries');
});

const ended = (id, state, seconds = 30) =>
  until(`${id} is ${state}`, async () => {
    const m = await h.message(id);
    return m.state === state && m;
  }, seconds);
const alerts = async (key) => (await h.api('/v1/alerts', key && { key })).json.data;
const raised = (cause, seconds) =>
  until(`an alert ${cause}`, async () => (await alerts()).find((a) => a.cause === cause), seconds);
const well = (seconds = 30) => until('all is well', async () => (await alerts()).length === 0, seconds);
const short = ({ cause, code, carrier, level, count, examples }) => ({ cause, code, carrier, level, count, examples });

const COLUMNS = ['attempts', 'delivered', 'failed', 'unknown'];
const TIMES = ['answer_p50_ms', 'answer_p95_ms', 'delivery_p50_ms', 'delivery_p95_ms'];

/** The traffic, which has to agree with itself; its carriers by their names. */
async function traffic(query = '', key) {
  const r = await h.api(`/v1/carriers/traffic${query}`, key && { key });
  assert.equal(r.status, 200, r.text);
  for (const c of r.json.carriers) {
    for (const column of [...COLUMNS, ...TIMES]) assert.equal(c[column].length, r.json.points, `${c.carrier} ${column}`);
    for (const column of COLUMNS)
      assert.equal(c[column].reduce((sum, n) => sum + n, 0), c.total[column], `${c.carrier} ${column}`);
    for (const column of TIMES)
      assert.ok(c[column].every((ms, i) => ms === null || c.attempts[i] > 0), `${c.carrier} ${column}`);
  }
  return { ...r.json, ...Object.fromEntries(r.json.carriers.map((c) => [c.carrier, c])) };
}

// ---- traffic ----

test('an outage: failures, the other carrier, each failover with its reason; out, and back', async () => {
  const before = await ended(await h.text(guest(0)), 'delivered');
  await h.faults('twilio', { kind: 'refuse' });
  const ids = [];
  const out = await until('it is out', async () => {
    ids.push((await ended(await h.text(guest(ids.length + 1)), 'delivered')).id);
    return (await alerts()).find((a) => a.cause === 'carrier_out');
  });
  assert.deepEqual(short(out), { cause: 'carrier_out', code: null, carrier: 'twilio', level: 'warning', count: 1, examples: [] });
  assert.equal(out.title, 'Twilio takes no texts at the moment.');
  assert.match(out.fix, /Another carrier sends/);

  const t = await traffic();
  assert.deepEqual([t.step_s, t.points, t.carriers.length], [60, 60, 2]);
  const refused = Number(h.sql("SELECT count(*) FROM attempts WHERE provider = 'twilio' AND state = 'rejected'"));
  assert.ok(refused >= 3, `${refused}`);
  assert.deepEqual(COLUMNS.map((c) => t.twilio.total[c]), [refused + 1, 1, refused, 0]);
  assert.deepEqual(COLUMNS.map((c) => t.telnyx.total[c]), [ids.length, ids.length, 0, 0]);
  assert.deepEqual([t.twilio.total.delivery_rate, t.telnyx.total.delivery_rate],
                   [Math.round(1e4 / (refused + 1)) / 1e4, 1]);
  assert.equal(t.failovers.length, refused);
  assert.deepEqual(t.failovers.map((f) => f.at), t.failovers.map((f) => f.at).sort().reverse());
  for (const f of t.failovers) {
    assert.ok(ids.includes(f.message_id) && f.message_id !== before.id);
    assert.deepEqual([f.from, f.to, f.code], ['twilio', 'telnyx', null]);
    assert.match(f.reason, /^Twilio could not be reached: /);
  }
  const last = Date.parse(t.from) + t.points * t.step_s * 1000;
  assert.ok(last > Date.now() - 1000 && last <= Date.now() + 60000, `it ends ${new Date(last).toISOString()}`);
  assert.ok(t.telnyx.attempts.slice(0, 55).every((n) => n === 0), 'nothing was sent an hour ago');

  await h.faults('twilio');
  const back = await until('it is tried', async () => {
    await ended(await h.text(guest(50)), 'delivered');
    return (await alerts()).find((a) => a.cause === 'carrier_recovering');
  });
  assert.match(back.title, /Twilio has failed of late/);
  await h.heal();
  await well();
});

test('times: until the carrier answers, and until it is delivered; null where nothing is known', async () => {
  await h.faults('twilio', { kind: 'slow', ms: 400 });
  await each(3, 3, async (i) => ended(await h.text(guest(i)), 'delivered'));
  await until('all are answered', () => h.sql('SELECT count(http_status) FROM attempts') === '3'); // after the callbacks
  const { twilio, telnyx } = await traffic('?minutes=10');
  for (const name of TIMES) {
    const least = name.startsWith('answer') ? 390 : 1;
    assert.ok(twilio.total[name] >= least && twilio.total[name] < 5000, `${name}: ${twilio.total[name]}`);
    assert.ok(twilio[name].some((ms) => ms >= least), name);
    assert.equal(telnyx.total[name], null);
  }
  assert.equal(telnyx.total.delivery_rate, null);
});

test('what failed after it was accepted, and what nobody answered', async () => {
  await h.faults('twilio', { kind: 'final', status: 'failed', code: 30001 });
  const id = (await ended(await h.text(guest(1)), 'delivered')).id;
  const [f] = (await traffic()).failovers;
  assert.deepEqual([f.message_id, f.code], [id, '30001']);
  assert.match(f.reason, /^Twilio could not send it\. Twilio has too many of our texts waiting/);
  await h.faults('twilio', { kind: 'hang_before_accept', ms: 4000 });
  await ended(await h.text(guest(2)), 'unknown');
  const { twilio } = await traffic();
  assert.deepEqual(COLUMNS.map((c) => twilio.total[c]), [2, 0, 1, 1]);
});

test('as far back as asked for, in at most sixty steps', async () => {
  const id = await h.text(guest(1));
  await ended(id, 'delivered');
  h.sql(`UPDATE attempts SET attempt_id = id_of('att', now() - interval '100 min', 1), opened_at = now() - interval '100 min'`);
  assert.equal((await traffic()).twilio.total.attempts, 0);
  for (const [minutes, step_s, points] of [[10, 60, 10], [60, 60, 60], [61, 120, 31], [120, 120, 60], [1440, 1440, 60]]) {
    const t = await traffic(`?minutes=${minutes}`);
    assert.deepEqual([t.step_s, t.points], [step_s, points], `${minutes}`);
    assert.equal(t.twilio.total.attempts, minutes >= 120 ? 1 : 0, `${minutes}`);
  }
  for (const wrong of [9, 1441, 'x']) assert.equal((await call(`${h.gatewayUrl}/v1/carriers/traffic?minutes=${wrong}`,
    { headers: { authorization: `Bearer ${OTHER_KEY}` } })).status, 422);
});

test('another account sees none of it', async () => {
  await h.faults('twilio', { kind: 'status', http_status: 401, code: 20003 });
  await h.faults('telnyx', { kind: 'final', status: 'undelivered', code: 40008 });
  const id = await h.text(guest(1));
  await ended(id, 'undelivered');
  assert.equal((await alerts()).length, 2);
  assert.equal((await traffic()).failovers.length, 1);
  assert.deepEqual(await alerts(OTHER_KEY), []);
  const t = await traffic('', OTHER_KEY);
  assert.deepEqual([t.carriers.map((c) => c.carrier), t.twilio.total.attempts, t.failovers], [['twilio'], 0, []]);
});

// ---- each cause ----

test('message_failed: counted by what happened, with what to do; gone when the guest is reached', async () => {
  await h.faults('twilio', { kind: 'final', status: 'undelivered', code: 30003 });
  const ids = [];
  for (let i = 0; i < 4; i++) ids.push((await ended(await h.text(guest(i)), 'undelivered')).id);
  await h.faults('twilio', { kind: 'status', http_status: 400, code: 21614 });
  const landline = (await ended(await h.text(guest(9)), 'failed')).id;
  const [newest, older, ...more] = await alerts();
  assert.deepEqual(more, []);
  assert.deepEqual(short(newest), { cause: 'message_failed', code: '21614', carrier: null, level: 'error', count: 1, examples: [landline] });
  assert.deepEqual([newest.title, newest.fix], ['This number is not a mobile phone and cannot receive texts.', 'Call the guest instead.']);
  assert.deepEqual(short(older), { cause: 'message_failed', code: '30003', carrier: null, level: 'error', count: 4,
                                   examples: ids.slice(1).reverse() });
  assert.deepEqual([older.title, older.fix], ["The guest's phone is off or has no signal.", 'Try again later, or call.']);
  assert.ok(older.first_at < older.last_at);
  await h.faults('twilio');
  for (const i of [0, 1, 2]) await ended(await h.text(guest(i)), 'delivered');
  assert.deepEqual((await alerts()).map((a) => [a.code, a.count, a.examples]), [['21614', 1, [landline]], ['30003', 1, [ids[3]]]]);
  h.sql("UPDATE messages SET message_id = id_of('msg', now() - interval '25 hours', row_number) FROM (SELECT message_id AS m, row_number() OVER () FROM messages) r WHERE message_id = m");
  await well();
  h.sql("UPDATE messages SET send_at = now() - interval '1 hour' WHERE code = '30003'"); // planned long ago
  assert.deepEqual((await alerts()).map((a) => a.code), ['30003']);
});

test('message_failed: not a call that nobody took, when the text before it is on the phone', async () => {
  const text = (await ended(await h.text(guest(1)), 'delivered')).id;
  await h.faults('twilio', { kind: 'final', status: 'undelivered', code: 30003 });
  const later = (await ended(await h.text(guest(1)), 'undelivered')).id;
  assert.deepEqual((await alerts()).map((a) => a.examples), [[later]]);
  h.sql("UPDATE messages SET visit = 'pty_1', kind = 'table_ready'");
  assert.deepEqual(await alerts(), []);
  h.sql(`UPDATE messages SET kind = 'joined' WHERE message_id = '${text}'`);
  assert.deepEqual((await alerts()).map((a) => a.examples), [[later]]);
});

test('message_failed: what no carrier could send in time; meanwhile nothing can be sent', async () => {
  for (const c of ['twilio', 'telnyx']) await h.faults(c, { kind: 'refuse' });
  const id = await h.text(guest(1), 'Now.', { expires_at: new Date(Date.now() + 3000).toISOString() });
  await each(8, 8, (i) => h.text(guest(10 + i)));
  const out = await until('both are out', async () => {
    const all = (await alerts()).filter((a) => a.cause === 'carrier_out');
    return all.length === 2 && all;
  });
  assert.deepEqual(out.map((a) => a.level), ['error', 'error']);
  assert.match(out[0].fix, /^Nothing can be sent/);
  await ended(id, 'expired');
  const late = await raised('message_failed');
  assert.deepEqual([late.code, late.title, late.examples], ['expired', 'It could not be sent in time.', [id]]);
  assert.match(late.fix, /Speak to the guest/);
});

test('message_unknown and message_uncertain: until it is known', async () => {
  await h.faults('twilio', { kind: 'hang_before_accept', ms: 4000, on: 'all' });
  const id = await h.text(guest(1));
  const unknown = await raised('message_unknown');
  assert.deepEqual(short(unknown), { cause: 'message_unknown', code: null, carrier: null, level: 'warning', count: 1, examples: [id] });
  assert.match(unknown.fix, /Ask the guest before/);
  h.sql(`UPDATE messages SET state = 'uncertain', rank = 2, ended_at = now() WHERE message_id = '${id}'`); // as two minutes later
  const uncertain = await raised('message_uncertain');
  assert.deepEqual([uncertain.level, uncertain.examples], ['error', [id]]);
  await h.faults('twilio');
  h.sql('DELETE FROM queue');
  h.sql("UPDATE breakers SET state = 'closed', shift = 0, version = version + 1; NOTIFY maitred_carriers");
  await ended(await h.text(guest(1)), 'delivered');
  await well();
});

test('carrier_drained and carrier_silent', async () => {
  const run = (...args) => spawnSync(process.env.MAITRED, args, { env: { ...process.env, ...h.env }, encoding: 'utf8' });
  await ended(await h.text(guest(1)), 'delivered');
  assert.equal(run('drain', 'twilio', 'They have an incident.').status, 0);
  const drained = await raised('carrier_drained');
  assert.deepEqual([drained.carrier, drained.level], ['twilio', 'warning']);
  assert.equal(drained.title, 'An operator has switched Twilio off: They have an incident.');
  assert.equal(run('drain', 'telnyx', 'They too.').status, 0);
  assert.deepEqual((await alerts()).map((a) => a.level), ['error', 'error']);
  for (const c of ['twilio', 'telnyx']) assert.equal(run('undrain', c).status, 0);
  await well();
  h.sql("UPDATE carriers SET alarmed_at = now() WHERE provider = 'telnyx'"); // e2e_carriers shows when it is
  assert.deepEqual(short(await raised('carrier_silent')),
                   { cause: 'carrier_silent', code: null, carrier: 'telnyx', level: 'warning', count: 1, examples: [] });
  h.sql('UPDATE carriers SET alarmed_at = NULL');
  await well();
});

test('carrier_refuses: our account is at fault, while the other carrier sends; gone when it takes a text', async () => {
  await h.faults('twilio', { kind: 'status', http_status: 401, code: 20003 });
  const id = await h.text(guest(1));
  await ended(id, 'delivered');
  const [a, ...more] = await alerts();
  assert.deepEqual(more, []);
  assert.deepEqual(short(a), { cause: 'carrier_refuses', code: '20003', carrier: 'twilio', level: 'warning', count: 1, examples: [id] });
  assert.match(a.title, /^Twilio does not accept our password/);
  assert.equal(a.fix, 'Tell your manager. Another carrier sends meanwhile.');
  await h.faults('twilio', { kind: 'final', status: 'failed', code: 30034 }); // so is this one, which comes late
  await ended(await h.text(guest(2)), 'delivered');
  assert.deepEqual((await alerts()).map((x) => x.code), ['30034', '20003']);
  await h.faults('twilio');
  await ended(await h.text(guest(3)), 'delivered');
  await well();
});

test("carrier_refuses: not what is the guest's own, nor once more what failed at both", async () => {
  await h.faults('twilio', { kind: 'status', http_status: 400, code: 21612 });
  await ended(await h.text(guest(1)), 'delivered');
  assert.deepEqual(await alerts(), []);
  await h.faults('twilio', { kind: 'status', http_status: 401, code: 20003 });
  await h.faults('telnyx', { kind: 'status', http_status: 403, code: 20100 });
  await ended(await h.text(guest(2)), 'failed');
  assert.deepEqual((await alerts()).map((a) => [a.cause, a.code]), [['message_failed', '20100'], ['carrier_refuses', '20003']]);
});

test('guest_flagged: until staff have decided', async () => {
  const url = `${h.gatewayUrl}/webhooks/twilio/sms`;
  await call(url, twilioRequest(url, twilioReply(h, guest(1), TWILIO_NUMBER, 'Please stop texting me'), h.credentials.TWILIO_AUTH_TOKEN));
  const a = await raised('guest_flagged');
  const { id } = await until('what they wrote is in the thread', async () => (await h.api('/v1/conversations')).json.data[0]);
  assert.deepEqual(short(a), { cause: 'guest_flagged', code: null, carrier: null, level: 'warning', count: 1, examples: [id] });
  await h.api(`/v1/conversations/${id}/consent`, { body: { action: 'clear' } });
  await well();
});

test('webhook_failing and webhook_off: until it takes something, or is switched on again', async () => {
  let status = 500;
  const server = createServer((req, res) => res.writeHead(status).end()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { json: { id } } = await h.api('/v1/webhooks', { body: { url: `http://127.0.0.1:${server.address().port}/` } });
  const due = () => h.sql("UPDATE deliveries SET due_at = now() WHERE claimed_by IS NULL");
  await h.api(`/v1/webhooks/${id}/test`, { method: 'POST' });
  assert.deepEqual(short(await raised('webhook_failing')),
                   { cause: 'webhook_failing', code: null, carrier: null, level: 'warning', count: 1, examples: [id] });
  status = 200;
  await until('it is taken', async () => { due(); return (await alerts()).length === 0; });
  status = 410;
  await h.api(`/v1/webhooks/${id}/test`, { method: 'POST' });
  const off = await raised('webhook_off');
  assert.deepEqual([off.level, off.title], ['error', 'A webhook was switched off. It answered 410: gone for good.']);
  const enable = (enabled) => h.api(`/v1/webhooks/${id}`, { method: 'PATCH', body: { enabled } });
  await enable(true);
  await well();
  await enable(false);
  assert.deepEqual(await alerts(), [], 'who switches one off knows it');
  server.close();
});

test('mail_failed: until it is sent, or taken back', async () => {
  renameSync(`${h.dir}/mail`, `${h.dir}/away`);
  writeFileSync(`${h.dir}/mail`, 'no folder');
  const { json: { id } } = await h.api('/v1/invitations', { body: { email: 'new@example.com', name: 'New', role: 'host' } });
  const a = await raised('mail_failed');
  assert.deepEqual(short(a), { cause: 'mail_failed', code: null, carrier: null, level: 'warning', count: 1, examples: [id] });
  assert.match(a.fix, /tried again/);
  h.sql("UPDATE links SET mail = 'failed'");
  assert.match((await raised('mail_failed')).fix, /send it again/);
  rmSync(`${h.dir}/mail`);
  renameSync(`${h.dir}/away`, `${h.dir}/mail`);
  await h.api(`/v1/invitations/${id}/resend`, { method: 'POST' });
  await h.code('new@example.com');
  await well();
});

test('nobody sees it who has not signed in', async () => {
  assert.equal((await call(`${h.gatewayUrl}/v1/alerts`)).status, 401);
  assert.equal((await call(`${h.gatewayUrl}/v1/carriers/traffic`)).status, 401);
});

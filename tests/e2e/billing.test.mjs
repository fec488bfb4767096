// billing.test.mjs - what a subscription at Recurly allows, how a change of it gets here whatever becomes of its
// webhook, and that what is metered is posted once.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, test } from 'node:test';
import { ACCOUNT, call, guest, house, note, TELNYX_NUMBER, TWILIO_NUMBER, until } from './house.mjs';
import { HOOK_KEY, recurly, signature } from './recurly.mjs';
import { scrape, sum, TOKEN } from './scrape.mjs';

let h, r, gateway, env;
before(async () => {
  r = await recurly();
  r.set(ACCOUNT, 'active');
  h = await house();
  env = { ...r.env(), OPERATOR_TOKEN: TOKEN };
  gateway = await h.gateway(env);
  await h.api('/v1/account'); // what checks the answers has started
});
after(async () => {
  await h?.close();
  r?.close();
});

const row = (column = 'state') => h.sql(`SELECT ${column} FROM billing WHERE account_id = '${ACCOUNT}'`);
const fetched = () => r.asked.filter((a) => a.path.endsWith('/subscriptions')).length;
const billing = async (options) => (await h.api('/v1/account', options)).json.billing;
const hook = (options) => note('POST', `${h.gatewayUrl}/webhooks/recurly`) ?? r.hook(h.gatewayUrl, ACCOUNT, options);
const party = async (i, more = {}) => {
  const { json, status, text } = await h.api('/v1/parties', { body: { name: `Guest ${i}`, size: 2, phone: guest(i), text: false, ...more } });
  assert.equal(status, 201, text);
  return json.party.id;
};
const reply = async (i, body, provider = 'twilio') => {
  const to = provider === 'twilio' ? TWILIO_NUMBER : TELNYX_NUMBER;
  const answer = await h.sim('/sim/v1/replies', { body: { from: guest(i), to, provider, body } });
  assert.ok(answer.status < 300, answer.text);
};
const notify = (id) => h.api(`/v1/parties/${id}/notify`, { body: {} });

/** Recurly says so, tells us, and we know. */
async function becomes(state, more, invoices = []) {
  const a = r.set(ACCOUNT, state, more);
  a.invoices = invoices;
  const wanted = invoices.length ? 'past_due' : state;
  assert.equal((await hook()).status, 200);
  await until(`it is ${wanted}`, () => row() === wanted && row('claimed_by IS NULL') === 't' && row('due_at > now()') === 't');
}

test('a webhook that is not Recurly\'s changes nothing', async () => {
  // this process is busy asking psql, and may answer too late as Recurly: the next look comes 30 s after one that failed
  await until('the first look', () => row() === 'active', 90);
  const due = row('due_at, hints');
  const body = JSON.stringify({ id: 'x', object_type: 'account', account_code: ACCOUNT });
  const hex = signature(body).split(',')[1];
  const now = Date.now();
  const wrong = {
    'unsigned': { header: null },
    'empty': { header: '' },
    'another key': { keys: ['a key of somebody'] },
    'six minutes old': { ms: now - 360_000 },
    'in six minutes': { ms: now + 360_000 },
    'another time than the one signed': { body, header: `${now - 1000},${hex}` },
    'another body': { body: `${body} `, header: `${now},${hex}` },
    'no time': { body, header: hex },
    'a word for a time': { body, header: `now,${hex}` },
    'only a time': { body, header: `${now}` },
    'half a signature': { body, header: `${now},${hex.slice(0, 32)}` },
  };
  for (const [name, options] of Object.entries(wrong)) {
    const answer = await hook(options);
    assert.equal(answer.status, 403, name);
    assert.match(answer.headers.get('content-type'), /problem\+json/, name);
  }
  assert.equal((await hook({ body: 'not JSON' })).status, 400);
  assert.equal((await hook({ body: '[]' })).status, 400);
  assert.equal(row('due_at, hints'), due);
  const metrics = await scrape(gateway.url);
  assert.equal(sum(metrics, 'maitred_callbacks_total', { carrier: 'recurly', outcome: 'refused' }), Object.keys(wrong).length);
  assert.equal(sum(metrics, 'maitred_callbacks_total', { carrier: 'recurly', outcome: 'unreadable' }), 2);
  assert.equal(gateway.output.match(/"event":"callback_refused"[^\n]*"carrier":"recurly"/g)?.length, Object.keys(wrong).length);
});

test('a webhook of somebody else, or about nobody, is taken and forgotten', async () => {
  for (const body of ['{"object_type":"account","account_code":"acc_nobody"}', '{"object_type":"item","id":"x"}',
                      '{"account_code":7}', '{"account_code":"Robert\'); DROP TABLE billing;--"}'])
    assert.equal((await hook({ body })).status, 200, body);
  assert.equal(h.sql('SELECT count(*) FROM billing'), '1');
});

test('what is committed before the 200 is fetched also after a kill -9', async () => {
  r.set(ACCOUNT, 'active');
  r.faults({ match: /subscriptions$/, times: 1, before: true }); // it hangs, and the gateway dies
  const hints = Number(row('hints')), from = fetched();
  assert.equal((await hook()).status, 200);
  assert.ok(Number(row('hints')) > hints);
  await until('it asks', () => fetched() > from);
  await gateway.stop('SIGKILL');
  r.set(ACCOUNT, 'canceled', { canceled_at: Date.now() });
  assert.equal(row('claimed_by IS NOT NULL AND due_at > now()'), 't', 'the lease is what brings it back');
  h.sql('UPDATE billing SET due_at = now()');
  gateway = await h.gateway(env);
  await until('it is known', () => row() === 'canceled');
});

test('webhooks that come twice, late and in any order end at what Recurly has', async () => {
  r.set(ACCOUNT, 'paused', { paused_at: Date.now(), resume_at: Date.now() + 864e5 });
  r.faults({ match: /subscriptions$/, hold: true });
  const before = fetched();
  await hook({ event: 'paused' });
  await until('the first answer is on its way', () => r.held.size === 1); // and says: paused
  r.set(ACCOUNT, 'active');
  for (let i = 0; i < 20; i++) assert.equal((await hook({ event: i % 2 ? 'resumed' : 'paused' })).status, 200);
  for (const go of r.held) go();
  await until('the newest', () => row() === 'active' && row('due_at > now()') === 't');
  assert.ok(fetched() - before <= 4, `${fetched() - before} looks for 21 webhooks`);
});

test('while a key is rotated either one verifies', async () => {
  await gateway.stop();
  gateway = await h.gateway({ ...env, RECURLY_WEBHOOK_KEYS: `${HOOK_KEY}, the-next-key` });
  for (const keys of [[HOOK_KEY], ['the-next-key'], ['a-retired-key', 'the-next-key'], [HOOK_KEY, 'the-next-key']])
    assert.equal((await hook({ keys })).status, 200, keys.join());
  assert.equal((await hook({ keys: ['a-retired-key', 'another'] })).status, 403);
  await gateway.stop();
  gateway = await h.gateway(env);
  assert.equal((await hook({ keys: ['the-next-key'] })).status, 403);
});

test('a webhook that is lost is mended by the daily look', async () => {
  await until('in a day', () => row("due_at BETWEEN now() + interval '22 hours' AND now() + interval '25 hours'") === 't');
  r.set(ACCOUNT, 'canceled', { canceled_at: Date.now() });
  h.sql('UPDATE billing SET due_at = now()');
  await until('the look', () => row() === 'canceled');
  assert.match((await billing()).message, /works until it ends/);
});

test('429: nothing is asked until its limit is over', async () => {
  const reset = Math.ceil(Date.now() / 1000) + 3;
  r.faults({ match: /./, times: 99, before: true, status: 429, type: 'rate_limited', headers: { 'x-ratelimit-reset': `${reset}` } });
  r.set(ACCOUNT, 'active');
  const from = r.asked.length;
  await hook();
  await until('it was turned away', () => r.asked.length > from);
  r.faults();
  h.sql('UPDATE billing SET due_at = now()');
  await until('it is asked again', () => r.asked.length > from + 1);
  assert.ok(r.asked[from + 1].at >= reset * 1000 - 50, `${r.asked[from + 1].at} before ${reset * 1000}`);
  await until('active', () => row() === 'active');
});

test('errors and answers without sense: what is known stays, and it is asked again', async () => {
  for (const fault of [{ status: 500 }, { status: 503 }, { status: 404, match: /subscriptions$/, type: 'not_found' }, {}]) { // {}: no answer
    r.faults({ match: fault.match ?? /accounts/, before: true, ...fault });
    r.set(ACCOUNT, 'expired');
    await hook();
    await until(`put off after ${JSON.stringify(fault)}`, () => row("why <> '' AND claimed_by IS NULL AND due_at > now() + interval '5 s'") === 't');
    assert.equal(row(), 'active');
    r.set(ACCOUNT, 'active');
    h.sql('UPDATE billing SET due_at = now()');
    await until('fetched', () => row('why IS NULL AND tries = 0') === 't');
  }
  r.set(ACCOUNT, 'a state of tomorrow');
  await hook();
  await until('put off', () => /no sense/.test(row('why')));
  const kept = r.accounts.get(ACCOUNT);
  r.accounts.delete(ACCOUNT); // somebody has changed the site, or the key
  await hook();
  await until('noted', () => /knows no subscription/.test(row('why')));
  assert.equal(row(), 'active');
  r.accounts.set(ACCOUNT, kept);
  await becomes('active');
});

test('the end of the service day is 5 in the morning at the venue', () => {
  const end = (zone, at) => h.sql(`SELECT service_day_end('${zone}', '${at}') AT TIME ZONE 'UTC'`);
  assert.equal(end('America/New_York', '2026-11-20 23:30-05'), '2026-11-21 10:00:00'); // Friday night
  assert.equal(end('America/New_York', '2026-11-21 02:00-05'), '2026-11-21 10:00:00'); // it is still Friday's
  assert.equal(end('America/New_York', '2026-11-21 05:00-05'), '2026-11-22 10:00:00');
  assert.equal(end('Europe/Paris', '2026-03-28 23:00+01'), '2026-03-29 03:00:00'); // the clocks change that night
  assert.equal(end('Asia/Tokyo', '2026-11-20 10:00Z'), '2026-11-20 20:00:00');
});

test('a Friday night with a payment overdue: a banner, and everything works', async () => {
  const due = Date.now() - 5 * 864e5;
  await becomes('active', {}, [{ id: 'inv1', state: 'past_due', due_at: due }, { id: 'inv2', state: 'paid', due_at: due - 864e5 }]);
  const b = await billing();
  assert.deepEqual([b.state, b.effect, b.since], ['past_due', 'none', new Date(due).toISOString()]);
  const id = await party(1, { text: true });
  assert.equal((await notify(id)).json.text.texted, true);
  await h.text(guest(2));
});

test('a Friday night on which it expires: the board works until 5 in the morning, then it is read-only', async () => {
  await becomes('active');
  const waiting = await party(10);
  await becomes('expired', { expires_at: Date.now() - 1000 });
  let b = await billing();
  assert.deepEqual([b.state, b.effect], ['expired', 'none']);
  const zone = h.sql(`SELECT zone FROM accounts WHERE account_id = '${ACCOUNT}'`);
  const end = new Date(b.until);
  assert.equal(end.toLocaleTimeString('en-GB', { timeZone: zone }), '05:00:00');
  assert.ok(end > Date.now() && end < Date.now() + 864e5 + 36e5);
  assert.equal((await notify(waiting)).json.text.texted, true); // the night goes on
  const late = await h.text(guest(11), 'Still tonight.', { send_at: new Date(Date.now() + 4000).toISOString() });
  const link = h.sql(`SELECT token FROM parties WHERE party_id = '${waiting}'`);

  h.sql("UPDATE billing SET until = now() - interval '1 second'"); // 5 in the morning
  b = await billing();
  assert.equal(b.effect, 'read_only');
  const refused = {
    'POST /v1/parties': { size: 2 }, [`POST /v1/parties/${waiting}/seat`]: {}, [`PATCH /v1/parties/${waiting}`]: { size: 3 },
    [`DELETE /v1/parties/${waiting}`]: undefined, 'POST /v1/parties/next': {}, 'POST /v1/bookings': { starts_at: '2099-07-01T19:00:00Z', size: 2 },
    'POST /v1/messages': { to: guest(12), body: 'x' }, [`POST /v1/messages/${late}/again`]: {},
  };
  for (const [what, body] of Object.entries(refused)) {
    const [method, route] = what.split(' ');
    const answer = await h.api(route, { method, body });
    assert.deepEqual([answer.status, answer.json.code], [402, 'billing'], `${what}: ${answer.text}`);
    assert.match(answer.json.detail, /Settings, Subscription/);
    assert.match(answer.headers.get('content-type'), /problem\+json/);
  }
  for (const route of ['/v1/parties', '/v1/bookings', '/v1/conversations', '/v1/reports', '/v1/account'])
    assert.equal((await h.api(route)).status, 200, route);
  await until('what was accepted is sent', async () => (await h.message(late)).state === 'delivered');

  // guests are heard, whatever the state
  await reply(10, '1');
  await until('the 1', () => h.sql(`SELECT state FROM parties WHERE party_id = '${waiting}'`) === 'coming');
  await reply(11, 'STOP');
  await until('the STOP', () => h.sql(`SELECT count(*) FROM conversations WHERE phone = '${guest(11)}' AND opted_out_at IS NOT NULL`) === '1');
  assert.equal((await call(`${h.gatewayUrl}/v1/guest/${link}/leave`, { method: 'POST' })).status, 200);
  const code = h.sql(`UPDATE accounts SET check_in = true RETURNING check_in_code`);
  assert.equal((await call(`${h.gatewayUrl}/v1/venues/${code}`)).status, 404); // nobody could let them in

  await becomes('active');
  assert.equal((await h.api('/v1/parties', { body: { size: 2 } })).status, 201);
  assert.equal((await call(`${h.gatewayUrl}/v1/venues/${code}`)).status, 200);
});

test('one that fails does as one that expires; a second look does not move its end', async () => {
  await becomes('failed');
  const end = row('until');
  assert.equal(row('until > now()'), 't');
  await becomes('expired', { expires_at: Date.now() });
  assert.equal(row('until'), end);
  await becomes('active');
  assert.equal(row('until'), '');
});

test('paused: the board works, nothing is texted or called, and it says why', async () => {
  await becomes('active');
  const accepted = await h.text(guest(20), 'Before the pause.', { send_at: new Date(Date.now() + 4000).toISOString() });
  const heard = await party(21, { text: true });
  await becomes('paused', { paused_at: Date.now() - 1000, resume_at: Date.now() + 864e5 });
  const b = await billing();
  assert.deepEqual([b.state, b.effect], ['paused', 'texting_off']);
  assert.ok(Date.parse(b.until) > Date.now());
  const id = await party(22);
  const told = await notify(id);
  assert.deepEqual([told.status, told.json.party.state, told.json.text.texted, told.json.text.why], [200, 'notified', false, 'texting_off']);
  assert.match(told.json.text.detail, /paused/);
  const rung = await h.api(`/v1/parties/${await party(23)}/notify`, { body: { channel: 'voice' } });
  assert.equal(rung.json.text.why, 'texting_off');
  const text = await h.api('/v1/messages', { body: { to: guest(24), body: 'x' } });
  assert.deepEqual([text.status, text.json.code], [402, 'billing']);
  const thread = h.sql(`SELECT conversation_id FROM conversations WHERE phone = '${guest(21)}'`);
  const said = await h.api(`/v1/conversations/${thread}/messages`, { body: { body: 'x' } });
  assert.deepEqual([said.status, said.json.code], [402, 'billing']);
  await reply(21, 'INFO', 'telnyx'); // HELP the carriers answer
  await until('INFO is answered all the same', () => h.sql(`SELECT count(*) FROM messages WHERE kind = 'help' AND phone = '${guest(21)}'`) === '1');
  await until('what was accepted is sent', async () => (await h.message(accepted)).state === 'delivered');
  assert.equal((await h.api(`/v1/parties/${heard}/seat`, { body: {} })).status, 200);
  await becomes('active');
  await h.text(guest(24));
});

test('a key that was used before has its answer, also when the board is read-only', async () => {
  await becomes('active');
  const ask = (size = 2) => h.api('/v1/parties', { body: { size, name: 'Once' }, headers: { 'idempotency-key': 'billing-1' } });
  const first = await ask();
  await becomes('expired', { expires_at: Date.now() });
  h.sql('UPDATE billing SET until = now()');
  const second = await ask();
  assert.deepEqual([second.status, second.json.party.id], [201, first.json.party.id]);
  await becomes('active');
});

test('future and none bar nothing', async () => {
  await becomes('future', { current_period_started_at: Date.now() + 864e5 });
  assert.deepEqual([(await billing()).effect, (await billing()).state], ['none', 'future']);
  await h.text(guest(30));
  h.sql(`INSERT INTO accounts (account_id, organisation_id, name)
         SELECT 'acc_00000000000000000000000009', organisation_id, 'Trial' FROM accounts LIMIT 1`);
  h.sql('NOTIFY maitred_billing');
  await until('it has been looked for', () =>
    h.sql("SELECT state, fetched_at IS NOT NULL FROM billing WHERE account_id = 'acc_00000000000000000000000009'") === 'none|t', 40);
  await becomes('active');
});

test('managers see all and the way to Recurly; hosts what they cannot do', async () => {
  h.sql(`INSERT INTO number_pool (provider, phone) VALUES ('twilio', '+13125550077'), ('telnyx', '+17735550077')`);
  await call(`${h.gatewayUrl}/v1/signup`, { body: { email: 'ana@example.com', password: 'Correct-horse-7', name: 'Ana', venue: 'Chez Ana' } });
  const ana = (await call(`${h.gatewayUrl}/v1/join`, { body: { token: await h.code('ana@example.com') } })).json;
  const stand = await h.api('/v1/stands', { key: ana.token, body: { login: 'stand-of-ana', name: 'Stand', role: 'host' } });
  const host = (await call(`${h.gatewayUrl}/v1/join`, { body: { token: stand.json.setup_code, password: 'Correct-horse-7' } })).json;
  assert.ok(host.token, JSON.stringify(host));
  const code = ana.account.id;
  r.set(code, 'paused', { paused_at: Date.now() });
  const at = () => h.sql(`SELECT state FROM billing WHERE account_id = '${code}'`);
  await r.hook(h.gatewayUrl, code);
  await until('paused', () => at() === 'paused');
  assert.equal((await billing({ key: ana.token })).state, 'paused');
  assert.deepEqual(await billing({ key: host.token }), { state: null, effect: 'texting_off', since: null, until: null,
    message: (await billing({ key: ana.token })).message });
  r.set(code, 'active').invoices = [{ id: 'i', state: 'past_due', due_at: Date.now() }];
  await r.hook(h.gatewayUrl, code);
  await until('past due', () => at() === 'past_due');
  assert.equal(await billing({ key: host.token }), null);
  const page = (await h.api('/v1/billing', { key: ana.token })).json;
  assert.equal(page.manage_url, 'https://venues.recurly.com/account/tok3nOfTheAccount');
  assert.equal((await h.api('/v1/billing', { key: host.token })).status, 403);
  assert.equal((await h.api('/v1/billing')).json.manage_url, null, 'a server has no use for it');
  assert.ok(!h.outputs().includes('tok3nOfTheAccount'), 'nor has the log');
});

test('the log and the audit tell of each change', async () => {
  await becomes('canceled', { canceled_at: Date.now() });
  await becomes('active');
  assert.match(gateway.output, new RegExp(`"event":"billing_changed".*"account":"${ACCOUNT}","state":"canceled","before":"active"`));
  const seen = (await h.api('/v1/audit')).json.data.filter((e) => e.action.startsWith('billing.'));
  assert.deepEqual(seen.slice(0, 2).map((e) => e.action), ['billing.active', 'billing.canceled']);
  assert.equal((await h.api('/v1/audit/check')).json.intact ?? true, true);
});

test('without RECURLY_API_KEY there is no billing, whatever the rows say', async () => {
  await becomes('paused', { paused_at: Date.now() });
  const other = await h.gateway({ PORT: '0' });
  const key = { authorization: 'Bearer mk_test_0000000000000000000000000001' };
  const off = (route, options) => call(other.url + route, { headers: key, ...options });
  assert.equal((await off('/v1/messages', { body: { to: guest(40), body: 'x' } })).status, 202);
  assert.equal((await off('/v1/account')).json.billing, null);
  assert.deepEqual((await off('/v1/billing')).json.billing, null);
  assert.equal((await r.hook(other.url, ACCOUNT)).status, 404);
  await other.stop();
  await becomes('active');
});

test('it answers a webhook within 5 s although Recurly does not answer us', async () => {
  r.faults({ match: /./, times: 5, before: true });
  const began = Date.now();
  for (let i = 0; i < 10; i++) assert.equal((await hook()).status, 200);
  assert.ok(Date.now() - began < 2000);
  r.faults();
  await until('it is well again', () => {
    h.sql('UPDATE billing SET due_at = now() WHERE claimed_by IS NULL AND why IS NOT NULL');
    return row('why IS NULL AND claimed_by IS NULL') === 't';
  });
});

test('a key that Recurly does not take: nothing is barred, and it rests', async () => {
  await gateway.stop();
  gateway = await h.gateway({ ...env, RECURLY_API_KEY: 'wrong' });
  const from = r.asked.length;
  await hook();
  await until('it says so', () => /"event":"recurly_rests"[^\n]*RECURLY_API_KEY/.test(gateway.output));
  h.sql('UPDATE billing SET due_at = now()');
  await sleep(2500);
  assert.equal(r.asked.length, from + 1);
  assert.equal(row(), 'active');
  await h.text(guest(41));
  await gateway.stop();
  gateway = await h.gateway(env);
  assert.ok(!h.outputs().includes(createHmac('sha256', HOOK_KEY).digest('hex')) && !h.outputs().includes(HOOK_KEY));
});

// metering.test.mjs - what went out is posted to Recurly as one number for each day, once: whatever becomes of an
// answer, of the gateway, of a text's last report, or of the guest who got it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, beforeEach, test } from 'node:test';
import { ACCOUNT, guest, house, until } from './house.mjs';
import { recurly } from './recurly.mjs';

let h, r, gateway;
before(async () => {
  r = await recurly();
  r.set(ACCOUNT, 'active');
  h = await house();
  gateway = await h.gateway(r.env());
  await until('its subscription is known', () => h.sql('SELECT count(*) FROM billing WHERE subscription_id IS NOT NULL') === '1');
});
after(async () => {
  await h?.close();
  r?.close();
});
beforeEach(() => {
  h.sql('DELETE FROM usage_posts; DELETE FROM message_totals; DELETE FROM messages');
  r.usage.length = 0;
  r.faults();
});

const day = (ago) => new Date(Date.now() - 36e5 - ago * 864e5).toISOString().slice(0, 10);
let made = 0;

/** Texts or calls that were accepted so many days ago, at noon in UTC. */
function sent(ago, state, n = 1, { segments = 1, channel = 'sms', direction = 'out', phone = guest(1) } = {}) {
  const rank = { queued: 0, unknown: 2, sent: 3, uncertain: 3, delivered: 5, received: 5 }[state] ?? 4;
  const conversation = `cnv_${phone.slice(1).padStart(26, '0')}`;
  h.sql(`INSERT INTO conversations (account_id, conversation_id, phone) VALUES ('${ACCOUNT}', '${conversation}', '${phone}')
         ON CONFLICT DO NOTHING;
         INSERT INTO messages (account_id, message_id, conversation_id, direction, channel, kind, phone, body, encoding,
                               segments, state, rank, created_at, provider, carrier_id)
         SELECT '${ACCOUNT}', id_of('msg', at, ${(made += 1000)} + i), '${conversation}', '${direction}', '${channel}', 'message', '${phone}',
                'x', 'GSM-7', ${segments}, '${state}', ${rank}, at, 'twilio', 'SM' || ${made} || i
         FROM generate_series(1, ${n}) i,
              (SELECT ('${day(ago)}'::timestamp + interval '12 hours') AT TIME ZONE 'UTC' AS at) t`);
}

/** It is counted again, and what is due is posted. */
function now() {
  h.sql(`UPDATE billing SET counted_at = '-infinity';
         UPDATE usage_posts SET due_at = now() WHERE state = 'waiting'; NOTIFY maitred_billing`);
}
const counted = () => until('counted', () => h.sql("SELECT bool_and(counted_at > '-infinity' OR subscription_id IS NULL) FROM billing") === 't');
const posts = () => h.sql('SELECT day, seq, kind, amount, state FROM usage_posts ORDER BY day, seq').split('\n').filter(Boolean);
const settled = (n) => until(`${n} are posted: ${posts()}`, () => h.sql("SELECT count(*) FROM usage_posts WHERE state = 'posted'") === `${n}`);
const booked = () => r.usage.map((u) => [u.merchant_tag, u.add_on, u.amount].join(' ')).sort();
const again = () => { h.sql("UPDATE usage_posts SET due_at = now() WHERE state = 'waiting'; NOTIFY maitred_billing"); };
const idle = () => until('none is under way', () => h.sql('SELECT count(*) FROM usage_posts WHERE claimed_by IS NOT NULL') === '0');

test('segments that a carrier took and calls that were answered, a number for each day', async () => {
  sent(1, 'delivered', 3, { segments: 2 });
  sent(1, 'sent', 2);
  sent(1, 'undelivered', 1);
  sent(1, 'uncertain', 1);
  for (const state of ['failed', 'expired', 'stopped', 'cancelled', 'queued', 'unknown']) sent(1, state, 5);
  sent(1, 'delivered', 4, { channel: 'voice' });
  sent(1, 'undelivered', 5, { channel: 'voice' }); // nobody was there
  sent(1, 'received', 5, { direction: 'in' });
  sent(2, 'delivered', 7);
  sent(0, 'delivered', 9); // that day is not over
  sent(99, 'delivered', 9); // before the subscription began
  now();
  await settled(3);
  assert.deepEqual(booked(), [`${ACCOUNT}-${day(2)}-1 sms 7`, `${ACCOUNT}-${day(1)}-1 sms 10`, `${ACCOUNT}-${day(1)}-2 calls 4`]);
  for (const u of r.usage) {
    assert.equal(u.usage_timestamp, `${u.merchant_tag.slice(ACCOUNT.length + 1, -2)}T23:59:59Z`);
    assert.deepEqual(Object.keys(u).sort(), ['add_on', 'amount', 'at', 'id', 'merchant_tag', 'recording_timestamp', 'subscription', 'usage_timestamp']);
  }
  now(); // once a day is enough
  await counted();
  assert.equal(r.usage.length, 3);
  assert.deepEqual((await h.api('/v1/billing')).json.usage.map((u) => [u.day, u.kind, u.amount, u.state]),
    [[day(1), 'call', 4, 'posted'], [day(1), 'sms', 10, 'posted'], [day(2), 'sms', 7, 'posted']]);
});

test('what a late report changes is a number of its own, also below 0', async () => {
  sent(3, 'sent', 5);
  now();
  await settled(1);
  h.sql(`UPDATE messages SET state = 'failed', rank = 4
         WHERE message_id IN (SELECT message_id FROM messages WHERE state = 'sent' LIMIT 2)`);
  now();
  await settled(2);
  sent(3, 'delivered', 3);
  now();
  await settled(3);
  assert.deepEqual(booked(), [`${ACCOUNT}-${day(3)}-1 sms 5`, `${ACCOUNT}-${day(3)}-2 sms -2`, `${ACCOUNT}-${day(3)}-3 sms 3`]);
});

test('a guest who is erased changes nothing', async () => {
  sent(4, 'delivered', 6, { phone: guest(7) });
  now();
  await settled(1);
  const id = h.sql(`SELECT conversation_id FROM conversations WHERE phone = '${guest(7)}'`);
  const erased = await h.api(`/v1/guests/${id}/erase`, { method: 'POST' });
  assert.equal(erased.json.messages, 6, erased.text);
  now();
  await counted();
  await idle();
  assert.deepEqual(posts(), [`${day(4)}|1|sms|6|posted`]);
  h.sql('DELETE FROM usage_posts'); // and it counts as much as before
  now();
  await settled(1);
  assert.deepEqual(posts(), [`${day(4)}|1|sms|6|posted`]);
});

for (const [name, fault] of [['no answer comes', {}], ['a 500 comes', { status: 500 }], ['a 503 comes', { status: 503 }]]) {
  test(`it was taken and ${name}: it is looked for, and not posted again`, async () => {
    r.faults({ match: /^POST/, ...fault });
    sent(1, 'delivered', 8);
    now();
    await until('in doubt', () => h.sql("SELECT count(*) FROM usage_posts WHERE why <> '' AND claimed_by IS NULL AND due_at > now() + interval '10 s'") === '1');
    assert.equal(r.usage.length, 1);
    again();
    await settled(1);
    assert.deepEqual(booked(), [`${ACCOUNT}-${day(1)}-1 sms 8`]);
    assert.equal(h.sql('SELECT usage_id FROM usage_posts'), r.usage[0].id);
  });

  test(`it was not taken and ${name}: it is looked for, and posted`, async () => {
    r.faults({ match: /^POST/, before: true, ...fault });
    sent(1, 'delivered', 8);
    now();
    await until('in doubt', () => h.sql("SELECT count(*) FROM usage_posts WHERE why <> '' AND claimed_by IS NULL") === '1');
    assert.equal(r.usage.length, 0);
    const from = r.asked.length;
    again();
    await settled(1);
    assert.deepEqual(r.asked.slice(from).filter((a) => /usage$/.test(a.path)).map((a) => a.method), ['GET', 'POST']);
    assert.deepEqual(booked(), [`${ACCOUNT}-${day(1)}-1 sms 8`]);
  });
}

test('a backup is restored that does not know what was posted since: it is looked for', async () => {
  sent(5, 'delivered', 8);
  now();
  await settled(1);
  const there = booked();
  h.sql('DELETE FROM usage_posts; UPDATE epoch SET restored_at = now()');
  now();
  await settled(1);
  h.sql('UPDATE epoch SET restored_at = NULL');
  assert.deepEqual(posts(), [`${day(5)}|1|sms|8|posted`]);
  assert.deepEqual(booked(), there);
});

test('in doubt, and the look-up fails as well: it waits, and posts nothing', async () => {
  r.faults({ match: /^POST/ }, { match: /^GET.*usage/, before: true, status: 500 });
  sent(1, 'delivered', 8);
  now();
  await until('in doubt', () => h.sql("SELECT tries FROM usage_posts WHERE why <> '' AND claimed_by IS NULL") === '1');
  again();
  await until('still', () => h.sql("SELECT tries FROM usage_posts WHERE why <> '' AND claimed_by IS NULL") === '2');
  assert.equal(r.usage.length, 1);
  again();
  await settled(1);
  assert.equal(r.usage.length, 1);
});

for (const [name, fault, status] of [['after it was taken', {}], ['before it was taken', { before: true }]]) {
  test(`kill -9 ${name}: it is posted once`, async () => {
    r.faults({ match: /^POST/, ...fault, status });
    const from = r.asked.length;
    sent(1, 'delivered', 8);
    now();
    await until('it posts', () => r.asked.slice(from).some((a) => a.method === 'POST'));
    await gateway.stop('SIGKILL');
    assert.equal(h.sql('SELECT state, tries FROM usage_posts'), 'waiting|1');
    again(); // the lease is over
    gateway = await h.gateway(r.env());
    await settled(1);
    assert.deepEqual(booked(), [`${ACCOUNT}-${day(1)}-1 sms 8`]);
  });
}

test('two gateways post it once', async () => {
  const other = await h.gateway({ ...r.env(), PORT: '0' });
  for (let i = 1; i <= 20; i++) sent(i, 'delivered', i);
  now();
  await settled(20);
  assert.equal(r.usage.length, 20);
  assert.equal(r.usage.reduce((n, u) => n + u.amount, 0), 210);
  await other.stop();
});

test('429: it rests until the limit is over, and posts once', async () => {
  const reset = Math.ceil(Date.now() / 1000) + 3;
  r.faults({ match: /^POST/, before: true, status: 429, headers: { 'x-ratelimit-reset': `${reset}` } });
  const from = r.asked.length;
  sent(1, 'delivered', 8);
  now();
  await until('it was turned away', () => h.sql('SELECT tries FROM usage_posts WHERE claimed_by IS NULL') === '1');
  await sleep(200);
  again();
  await until('posted', () => {
    again();
    return r.usage.length === 1;
  }, 15);
  const asked = r.asked.slice(from).filter((a) => /usage$/.test(a.path));
  assert.ok(asked[1].at >= reset * 1000 - 50, `${asked[1].at} before ${reset * 1000}`);
});

test('what Recurly refuses is an error that somebody sees, and posted when it is mended', async () => {
  await gateway.stop();
  gateway = await h.gateway({ ...r.env(), RECURLY_SMS_ADD_ON: 'of-no-plan' });
  sent(1, 'delivered', 8);
  now();
  await until('refused', () => /SubscriptionAddOn/.test(h.sql('SELECT why FROM usage_posts')));
  assert.equal(h.sql("SELECT state, due_at > now() + interval '5 hours' FROM usage_posts"), 'waiting|t');
  assert.match(gateway.output, /"status":"error"[^\n]*"event":"usage_not_posted"|"event":"usage_not_posted"[^\n]*"status":"error"/);
  const { usage } = (await h.api('/v1/billing')).json;
  assert.deepEqual([usage[0].state, /of-no-plan/.test(usage[0].why)], ['waiting', true]);
  await gateway.stop();
  gateway = await h.gateway(r.env());
  again();
  await settled(1);
  h.sql("UPDATE usage_posts SET state = 'waiting', made_at = now() - interval '31 days', usage_id = NULL, subscription_id = 'gone'");
  again();
  await until('dropped', () => h.sql('SELECT state FROM usage_posts') === 'dropped');
  now();
  await counted();
  assert.equal(h.sql('SELECT count(*) FROM usage_posts'), '1');
});

test('without the codes of add-ons nothing is metered', async () => {
  await gateway.stop();
  gateway = await h.gateway({ ...r.env(), RECURLY_SMS_ADD_ON: '', RECURLY_CALL_ADD_ON: 'calls' });
  sent(1, 'delivered', 8);
  sent(1, 'delivered', 2, { channel: 'voice' });
  now();
  await settled(1);
  assert.deepEqual(booked(), [`${ACCOUNT}-${day(1)}-1 calls 2`]);
});

test('nothing here asks for a card, keeps one, or has a place for one', () => {
  const files = execFileSync('git', ['ls-files', 'gateway', 'db', 'routing', 'providers'], { encoding: 'utf8' }).split('\n')
    .filter((f) => /\.(c|h|cc|sql|json|tsx?|html|js|mjs)$/.test(f) && !/package-lock|\.github/.test(f));
  assert.ok(files.length > 300);
  const found = execFileSync('bash', ['-c', `grep -inE ${JSON.stringify(
    '(card|credit|account)_?-?number|\\bcvv|\\bcvc\\b|\\biban\\b|expir(y|ation)_?(month|year)|cc-(number|exp|csc)|recurly\\.js|js\\.recurly|billing_info|payment_?method|stripe')} -- "$@" || true`, 'x', ...files],
    { encoding: 'utf8', maxBuffer: 1 << 24 });
  assert.equal(found, '');
  const columns = h.sql(`SELECT string_agg(column_name, ' ' ORDER BY ordinal_position) FROM information_schema.columns
                         WHERE table_name IN ('billing', 'usage_posts')`);
  assert.ok(!/card|payment|name|address|phone/.test(columns), columns);
});

test('docs/billing.md: what it says to run runs, and does that', async () => {
  const document = readFileSync(new URL('../../docs/billing.md', import.meta.url), 'utf8');
  const blocks = [...document.matchAll(/(<!-- needs a live account -->\n)?```(\w+)\n([^]*?)```/g)].map(([, live, kind, text]) => ({ live, kind, text }));
  assert.ok(blocks.filter((b) => !b.live).every((b) => b.kind === 'sql'));
  const [known, lift, fetch, list, again_] = blocks.filter((b) => !b.live).map((b) => b.text.replace('acc_...', ACCOUNT));
  h.sql(`UPDATE billing SET state = 'expired', until = now() WHERE account_id = '${ACCOUNT}'`);
  assert.match(h.sql(known), /\|expired\|/);
  assert.equal((await h.api('/v1/parties', { body: { size: 2 } })).status, 402);
  h.sql(lift);
  assert.equal((await h.api('/v1/parties', { body: { size: 2 } })).status, 201);
  const from = r.asked.length;
  h.sql(fetch);
  await until('it is fetched', () => r.asked.slice(from).some((x) => x.path.endsWith('/subscriptions')));
  r.faults({ match: /^POST/, before: true, status: 422, type: 'validation' });
  sent(1, 'delivered', 2, { channel: 'voice' });
  now();
  await until('refused', () => h.sql('SELECT count(*) FROM usage_posts WHERE why IS NOT NULL AND claimed_by IS NULL') === '1');
  assert.match(h.sql(list), /\|call\|2\|1\|/);
  h.sql(again_);
  await settled(1);
  assert.equal(h.sql(list), '');
});

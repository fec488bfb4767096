// citus_plans.test.mjs - what citus.test.mjs reads in the text of the statements, asked of a planner: hash partitions
// stand in for the shards of Citus, and each statement of one account is run for it and has to stay in one of them.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { statements, tsv } from './citus.mjs';
import { partitioned, run, wide } from './citus_plans.mjs';
import { ACCOUNT, ORGANISATION, TWILIO_NUMBER, guest, house, until } from './house.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const USER = 'usr_00000000000000000000000001', HOST = 'usr_00000000000000000000000002', HASH = '0'.repeat(64);
const SESSION = 'ses_00000000000000000000000001';
const OTHERS = ['acc_00000000000000000000000002', 'acc_00000000000000000000000003'];
const settings = {
  organisation: ORGANISATION, actor: USER, session: SESSION, ip: '127.0.0.1', request: 'req_1', billing: 'on', key: 'again', hash: 'x',
  public_url: 'https://example.com', hash_inner: '36'.repeat(64), hash_outer: '5c'.repeat(64),
};
let h, url, ids, distributed, home;

before(async () => {
  h = await house({ prism: false });
  const gateway = await h.gateway({ WEBHOOK_PRIVATE: 'yes' });
  const made = async (route, body, inside) => {
    const r = await h.api(route, { body });
    assert.ok(r.status < 300, `${route}: ${r.text}`);
    return (r.json[inside] ?? r.json).id;
  };
  ids = { endpoint: await made('/v1/webhooks', { url: 'https://127.0.0.1:9/hook' }), message: await h.text(guest(1)),
          reply: await made('/v1/quick-replies', { label: 'Late', body: 'We are late.' }) };
  for (const n of ['waiting', 'called', 'seated', 'asked'])
    ids[n] = await made('/v1/parties', { name: n, size: 2, phone: guest(n.length + 10), consent: 'verbal' }, 'party');
  for (const [n, verb] of [['called', 'notify'], ['seated', 'seat']]) await made(`/v1/parties/${ids[n]}/${verb}`, {}, 'party');
  for (const n of ['booking', 'gone'])
    ids[n] = await made('/v1/bookings', { starts_at: '2099-07-01T19:00:00Z', size: 2, phone: guest(n.length + 10) }, 'booking');
  await made(`/v1/bookings/${ids.gone}/cancel`, {}, 'booking');
  ids.delivery = await until('a delivery', () => h.sql('SELECT delivery_id FROM deliveries LIMIT 1'));
  await until('a text that arrived', () => h.states().delivered > 0);
  ids.later = await h.text(guest(3), 'Good evening.', { send_at: new Date(Date.now() + 3600e3).toISOString() });
  ids.guest = h.sql(`SELECT conversation_id FROM messages WHERE message_id = '${ids.message}'`);
  ids.code = h.sql('SELECT check_in_code FROM accounts');
  await gateway.stop();
  distributed = h.sql("SELECT name FROM table_spread() WHERE how = 'distributed'").split('\n');
  furnish();
  for (const key of h.sql("SELECT d FROM distribution() d WHERE d LIKE 'ALTER TABLE%'").split('\n')) h.sql(key);
  url = partitioned(h.postgres('url', h.dir, 'postgres'), distributed);
});
after(() => h?.close());

const psql = (at, text) => execFileSync('psql', ['-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', at, '-c', text], { encoding: 'utf8' }).trim();

// who asks is nobody of the account, which is found on the way, or said
const FOUND = new Set(['billing_settle', 'call_turn', 'venue_check_in', 'venue_page', 'wish_replay', 'estimate_next', 'link_use', 'login_done']);

/** What the API does not leave behind at once; and all rows of the account once more for each of the others. */
function furnish() {
  psql(h.postgres('url', h.dir, 'postgres'), `
    INSERT INTO users (organisation_id, user_id, login, name) VALUES ('${ORGANISATION}', '${USER}', 'ana@example.com', 'Ana'),
      ('${ORGANISATION}', '${HOST}', 'bo@example.com', 'Bo');
    INSERT INTO memberships (account_id, user_id, role) VALUES ('${ACCOUNT}', '${USER}', 'manager'), ('${ACCOUNT}', '${HOST}', 'host');
    INSERT INTO links (link_id, kind, account_id, organisation_id, login, name, role, invited_by, hash, expires_at, mail)
      VALUES ('lnk_1', 'invitation', '${ACCOUNT}', '${ORGANISATION}', 'cy@example.com', 'Cy', 'host', 'Ana', '${HASH}', now() + interval '1 day', 'sent');
    INSERT INTO sessions (session_id, organisation_id, user_id, expires_at, ip)
      VALUES ('${SESSION}', '${ORGANISATION}', '${USER}', now() + interval '1 day', '');
    INSERT INTO billing (account_id, state, subscription_id, claimed_by) VALUES ('${ACCOUNT}', 'active', 'sub', 'me') ON CONFLICT DO NOTHING;
    INSERT INTO usage_posts (account_id, day, seq, kind, amount, subscription_id) VALUES ('${ACCOUNT}', now(), 1, 'sms', 1, 'sub');
    UPDATE conversations SET unread = 1;
    UPDATE deliveries SET state = 'failed', ended_at = now(), claimed_by = NULL;
    INSERT INTO accounts (account_id, organisation_id, name) SELECT unnest('{${OTHERS}}'::text[]), '${ORGANISATION}', 'Other';
    SET session_replication_role = replica;
    ${distributed.map((t) => `INSERT INTO ${t} OVERRIDING SYSTEM VALUE SELECT (jsonb_populate_record(t, jsonb_build_object('account_id', o))).*
      FROM ${t} t, unnest('{${OTHERS}}'::text[]) o WHERE account_id = '${ACCOUNT}' ON CONFLICT DO NOTHING`).join(';\n')}`);
}

/** Arguments that lead each statement as far as may be, by their numbers; others are NULL. */
const given = () => {
  const days = { 1: '2020-01-01', 2: '2099-12-31' }, span = { 1: '0', 2: '4102444800000', 4: '50' };
  const said = { 2: 'stop', 3: 'They said so.', 4: 'evt_1' };
  return {
    account_change: { 1: 'New', 8: 12 }, account_create: { 1: 'Second', 4: 'acc_00000000000000000000000009' },
    billing_settle: { 1: ACCOUNT, 2: 'me', 3: 1, 4: 'paused', 8: 'sub' },
    booking_arrive: { 1: ids.booking, 3: 'true', 4: 'pty_new' }, booking_cancel: { 1: ids.booking, 3: 'true' },
    booking_change: { 1: ids.booking, 2: 1, 3: '4086961200000', 4: 3, 10: 'true' }, booking_confirm: { 1: ids.booking, 3: 'true' },
    booking_create: { 1: '4086961200000', 2: 2, 3: 'Ann', 4: guest(1), 9: 'true', 10: 'bkg_new' },
    booking_get: { 1: ids.booking }, booking_list: { ...days, 3: ids.booking }, booking_no_show: { 1: ids.booking }, booking_undo: { 1: ids.gone },
    call_turn: { 1: 'twilio', 2: JSON.stringify({ inbound: true, to: TWILIO_NUMBER, from: guest(17), carrier_id: 'CA1' }) },
    consent_record: { ...said, 1: ids.guest }, conversation_consent: { 1: ids.guest }, conversation_messages: { 1: ids.guest },
    conversation_read: { 1: ids.guest }, conversation_say: { 1: ids.guest, 2: 'Hello.', 3: 'msg_new' },
    delivery_list: { 1: ids.endpoint }, delivery_replay: { 1: ids.endpoint, 2: ids.delivery },
    endpoint_create: { 1: 'https://127.0.0.1:9/', 4: 'end_new' }, endpoint_delete: { 1: ids.endpoint }, endpoint_get: { 1: ids.endpoint },
    endpoint_rotate: { 1: ids.endpoint, 2: 'rot_1' }, endpoint_test: { 1: ids.endpoint, 2: 'dlv_new' },
    endpoint_update: { 1: ids.endpoint, 4: 'ours', 5: 'false' }, enter: { 1: 'session', 2: SESSION, 3: ACCOUNT, 4: 'work', 7: 'key' },
    estimate_next: { 1: 5 }, events_read: { 1: '1', 2: 1, 3: 50 }, export_begin: { 3: 'parties', 4: 'exp_new' },
    export_bookings: span, export_messages: span, export_parties: span,
    guest_change: { 1: ids.guest, 2: 'Ann' }, guest_erase: { 1: ids.guest, 2: 'era_1' }, guest_export: { 1: ids.guest },
    guest_find: { 1: guest(1) }, guest_get: { 1: ids.guest }, idempotent_answer: { 1: 'none' },
    invitation_create: { 1: 'b@example.com', 2: 'Bo', 3: 'host', 4: 'lnk_new' }, key_create: { 1: 'till', 2: 'read', 3: 'key_new', 4: HASH },
    invitation_resend: { 1: 'lnk_1' }, invitation_revoke: { 1: 'lnk_1' }, key_revoke: { 1: 'key_00000000000000000000000001' },
    link_use: { 1: HASH, 2: 'x', 3: 'Cy', 4: 'org_new', 5: 'acc_new', 6: 'usr_new', 7: 'ses_new', 8: '127.0.0.1', 9: '' },
    login_done: { 1: USER, 2: 'ses_new', 3: '127.0.0.1', 4: '' }, session_end: { 1: SESSION },
    user_change: { 1: HOST, 2: 'Bob' }, user_remove: { 1: HOST },
    message_again: { 1: ids.later, 2: 'msg_new' }, message_cancel: { 1: ids.later }, message_get: { 1: ids.message },
    party_accept: { 1: ids.waiting, 3: 'true' }, party_cancel: { 1: ids.called, 3: 'true' },
    party_change: { 1: ids.waiting, 2: 1, 4: 3, 6: 10, 7: 20, 13: 'true' }, party_coming: { 1: ids.called },
    party_create: { 1: 'Ann', 2: 2, 3: guest(1), 11: 'true', 12: 'pty_new' }, party_delete: { 1: ids.seated }, party_get: { 1: ids.waiting },
    party_list: { 1: 'open' }, party_more_time: { 1: ids.called, 3: 'true', 4: 5 }, party_move: { 1: ids.asked }, party_no_show: { 1: ids.called },
    party_notify: { 1: ids.waiting, 3: 'true', 4: 'voice' }, party_seat: { 1: ids.called, 4: '7' }, party_undo: { 1: ids.seated },
    quick_reply_change: { 1: ids.reply, 2: 'Soon' }, quick_reply_create: { 1: 'Soon', 2: 'Soon.', 3: 'qrp_new' }, quick_reply_delete: { 1: ids.reply },
    report_get: { 3: 'hour' }, stand_create: { 1: 'stand1', 2: 'Stand', 4: 'lnk_new', 5: 'h' },
    template_change: { 1: 'joined', 2: 'en', 3: 'Hello {name}.', 4: 'true' }, template_preview: { 1: 'joined', 2: 'en', 4: 'Ann', 5: 2 },
    template_reset: { 1: 'joined', 2: 'en' }, venue_page: { 1: ids.code },
    venue_check_in: { 1: ids.code, 2: 'Ann', 3: 2, 4: guest(50), 5: 'en', 6: 'true', 7: 'pty_new' }, wait_get: { 1: 2 },
    wish_replay: { 1: ACCOUNT, 2: HASH, 3: '1770000000000', 4: 'evt_1', 5: 'stop', 6: 'staff' },
  };
};

/** The statements, each with the distributed tables and the entries of db/citus.tsv that it leads to. */
function all() {
  const listed = tsv(path.join(root, 'db/citus.tsv')).map(([name]) => name);
  const texts = new Map();
  for (const { name, text } of statements(root)) texts.set(name, `${texts.get(name) ?? ''};${text}`);
  // also those that only a migration makes
  for (const [name, body] of Object.entries(JSON.parse(h.sql(`SELECT json_object_agg(proname, coalesce(pg_get_function_sqlbody(oid), prosrc))
      FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prokind = 'f'`))))
    if (!texts.has(`function/${name}`)) texts.set(`function/${name}`, body);
  const functions = [...texts.keys()].filter((name) => name.startsWith('function/'));
  const leads = (name, seen = new Set()) => {
    seen.add(name);
    for (const f of functions) if (!seen.has(f) && new RegExp(`\\b${f.slice(9)}\\(`).test(texts.get(name))) leads(f, seen);
    return seen;
  };
  const args = given();
  return [...texts.keys()].filter((name) => name.startsWith('sql/')).map((name) => {
    const to = [...leads(name)], short = name.slice(4);
    return {
      name, text: readFileSync(path.join(root, `db/${name}.sql`), 'utf8'), args: args[short], scope: FOUND.has(short) ? '*' : ACCOUNT,
      listed: listed.filter((entry) => to.includes(entry)),
      touches: distributed.filter((t) => to.some((r) => new RegExp(`\\b(?:FROM|JOIN|UPDATE|INTO)\\s+${t}\\b`, 'i').test(texts.get(r)))),
    };
  });
}

const shardsOf = (r) => [...new Set(r.shards.map(([, shard]) => shard))];

test('the three accounts are in three shards, with the same rows', () => {
  const where = psql(url, 'SELECT account_id, min(tableoid::regclass::text), count(*) FROM messages GROUP BY 1 ORDER BY 1')
    .split('\n').map((row) => row.split('|'));
  assert.deepEqual(where.map(([account]) => account), [ACCOUNT, ...OTHERS]);
  assert.equal(new Set(where.map(([, shard]) => shard)).size, 3);
  assert.equal(new Set(where.map(([, , rows]) => rows)).size, 1);
  home = where[0][1].at(-1);
});

test('each statement of one account stays in its shard: what the planner leaves, and what was read and written', (t) => {
  const results = run(url, all().filter((s) => s.touches.length && !s.listed.length), settings);
  const not = results.filter((r) => r.error || wide(r.plan).length || shardsOf(r).some((shard) => shard !== home))
    .map((r) => `${r.name}: ${r.error ?? (wide(r.plan).join(', ') || r.shards.map((s) => s.join(' ')).join(', '))}`);
  assert.deepEqual(not, []);
  assert.deepEqual(results.filter((r) => !r.shards.length).map((r) => r.name), [], 'reached nothing: it wants other arguments');
  t.diagnostic(`${results.length} statements`);
  assert.ok(results.length > 85, `only ${results.length}`);
});

test('what db/citus.tsv lists by its plan alone does reach several', () => {
  const found = tsv(path.join(root, 'db/citus.tsv')).filter(([, , by]) => by === 'plan').map(([name]) => name);
  const results = run(url, all().filter((s) => s.listed.some((entry) => found.includes(entry))), settings);
  for (const name of found) {
    const those = results.filter((r) => r.listed.includes(name));
    assert.ok(those.some((r) => shardsOf(r).length > 1 || wide(r.plan).length), name);
  }
});

test('the check can fail: by the plan, and by what a function reads', () => {
  const [by_plan, by_function, fine] = run(url, [
    { text: 'SELECT FROM messages m JOIN conversations c USING (conversation_id) WHERE m.account_id = scope()', scope: ACCOUNT },
    { text: 'SELECT parties_due(5)', scope: '*' },
    { text: 'SELECT FROM messages m JOIN conversations c USING (account_id, conversation_id) WHERE m.account_id = scope()', scope: ACCOUNT },
  ], settings);
  assert.match(wide(by_plan.plan).join(), / on conversations/);
  assert.deepEqual(wide(by_function.plan), []);
  assert.ok(shardsOf(by_function).length > 1);
  assert.deepEqual([wide(fine.plan), shardsOf(fine)], [[], [home]]);
});

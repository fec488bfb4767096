// privacy.test.mjs - guests' data goes when it should: erased on request, with what was remembered of
// their number only as a keyed hash; erased again after a restore; gone by its age.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { ACCOUNT, call, guest, house, KEY, maitred, TELNYX_NUMBER, TWILIO_NUMBER, until } from './house.mjs';
import { telnyxReply, telnyxRequest, twilioReply, twilioRequest } from './sign.mjs';

const CANARIES = { name: 'Zelda Kanarie', words: 'marzipanschwein', more: 'quittenbrot' };
const HOST_KEY = 'mk_test_0000000000000000000000000002';
let h, gateway, receiver;
before(async () => {
  h = await house();
  const { createHash } = await import('node:crypto');
  h.sql(`INSERT INTO api_keys (account_id, key_id, name, hash, scopes) VALUES
           ('${ACCOUNT}', 'key_00000000000000000000000002', 'host',
            '${createHash('sha256').update(HOST_KEY).digest('hex')}', '{read,write}');
         INSERT INTO accounts (account_id, name, retain_days) VALUES ('acc_00000000000000000000000002', 'Old', 1);
         INSERT INTO conversations (account_id, conversation_id, phone, last_message_id, created_at) VALUES
           ('acc_00000000000000000000000002', id_of('cnv', now() - interval '2 days', 7), '+12125559999',
            id_of('msg', now() - interval '2 days', 7), now() - interval '2 days');
         INSERT INTO messages (account_id, message_id, conversation_id, direction, kind, phone, body, encoding,
                               segments, state, rank, created_at, ended_at)
         SELECT account_id, last_message_id, conversation_id, 'out', 'message', phone, 'x', 'GSM-7', 1,
                'delivered', 5, created_at, created_at FROM conversations`);
  gateway = await h.gateway({ WEBHOOK_PRIVATE: 'yes', LOG_LEVEL: 'debug' });
  receiver = createServer(async (req, res) => { // one that answers what it was told
    const chunks = [];
    for await (const chunk of req) chunks.push(chunk);
    res.writeHead(200).end(Buffer.concat(chunks));
  }).listen(0, '127.0.0.1');
  await once(receiver, 'listening');
});
after(async () => { receiver?.close(); await h?.close(); });

const viaTwilio = async (from, body, more) => {
  const url = `${h.gatewayUrl}/webhooks/twilio/sms`;
  const fields = twilioReply(h, from, TWILIO_NUMBER, body, more);
  const request = twilioRequest(url, fields, h.credentials.TWILIO_AUTH_TOKEN);
  assert.equal((await call(url, request)).status, 200);
  return () => call(url, request);
};
const viaTelnyx = async (from, body) => {
  const url = `${h.gatewayUrl}/webhooks/telnyx/messages`;
  assert.equal((await call(url, telnyxRequest(telnyxReply(from, TELNYX_NUMBER, body)))).status, 200);
};
const applied = () => until('all is applied', () => h.sql('SELECT count(*) FROM pending') === '0');
const send = (to, body = 'Your table is ready.', headers) => h.api('/v1/messages', { body: { to, body }, headers });
const find = (phone) => h.api('/v1/guests/find', { body: { phone } });
const erase = (id, options) => h.api(`/v1/guests/${id}/erase`, { method: 'POST', ...options });
const hash = (phone) => createHmac('sha256', Buffer.from(h.env.PRIVACY_KEY, 'base64')).update(phone).digest('hex');
const dump = () => execFileSync('pg_dump', ['--data-only', '--enable-row-security', h.env.DATABASE_URL],
                                { encoding: 'utf8', maxBuffer: 1e9, env: { ...process.env, PGOPTIONS: '-c maitred.account=*' } });
const traces = (text, phone) => [...Object.values(CANARIES), phone.slice(2)].filter((word) => text.includes(word));

/** A guest of whom everything is known that can be; their canaries are all in the database. */
async function furnish(phone) {
  const sent = await send(phone, `Your ${CANARIES.words} is ready.`, { 'idempotency-key': `ready-${phone.slice(1)}` });
  assert.equal(sent.status, 202, sent.text);
  await until('delivered', async () => (await h.message(sent.json.id)).state === 'delivered');
  const again = await viaTwilio(phone, `we want ${CANARIES.words}`);
  await viaTelnyx(phone, `please stop texting me ${CANARIES.more}`);
  await applied();
  const { id } = (await find(phone)).json;
  const known = await h.api(`/v1/guests/${id}`, { method: 'PATCH', body: { name: CANARIES.name, notes: CANARIES.more, language: 'fr' } });
  assert.deepEqual([known.status, known.json.name, known.json.notes, known.json.language], [200, CANARIES.name, CANARIES.more, 'fr']);
  assert.equal((await h.api(`/v1/conversations/${id}/consent`, { body: { action: 'stop', words: CANARIES.words } })).status, 200);
  const party = await h.api('/v1/parties', { headers: { 'idempotency-key': 'party' }, body: {
    name: CANARIES.name, size: 4, phone, notes: CANARIES.words, tags: [CANARIES.more], text: false } });
  assert.equal(party.status, 201, party.text);
  assert.equal((await h.api(`/v1/parties/${party.json.party.id}/seat`, { body: {} })).status, 200);
  h.sql(`UPDATE parties SET says = '${CANARIES.words}', text_id = '${sent.json.id}' WHERE party_id = '${party.json.party.id}';
         INSERT INTO bookings (account_id, booking_id, conversation_id, name, size, language, notes, source, state, starts_at, ended_at)
           VALUES ('${ACCOUNT}', random_id('bkg'), '${id}', '${CANARIES.name}', 2, 'en', '${CANARIES.words}', 'host', 'no_show',
                   now() - interval '1 day', now())`);
  return { id, again };
}

test('a guest is found by their number, listed, changed, exported', async () => {
  const phone = guest(1);
  assert.equal((await find(phone)).status, 404);
  await send(phone);
  const found = await find(phone);
  assert.deepEqual([found.status, found.json.phone, found.json.consent, found.json.visits], [200, phone, 'open', 0]);
  for (let i = 2; i < 5; i++) await send(guest(i));
  const page = (await h.api('/v1/guests?limit=2')).json;
  assert.deepEqual(page.data.map((g) => g.phone), [guest(4), guest(3)]);
  const next = (await h.api(`/v1/guests?limit=2&cursor=${page.next_cursor}`)).json;
  assert.deepEqual([next.data.map((g) => g.phone), next.next_cursor], [[guest(2), guest(1)], null]);
  const emptied = await h.api(`/v1/guests/${found.json.id}`, { method: 'PATCH', body: { name: 'Ann', notes: '' } });
  assert.deepEqual([emptied.json.name, emptied.json.notes], ['Ann', null]);
  assert.equal((await h.api(`/v1/guests/${found.json.id}`, { method: 'PATCH', body: { name: '' } })).json.name, null);
  for (const [route, options] of [['export', {}], ['erase', { method: 'POST' }]])
    assert.equal((await h.api(`/v1/guests/${found.json.id}/${route}`, { key: HOST_KEY, ...options })).status, 403, route);
});

test('who is on the waitlist, or has a booking to come, is not erased', async () => {
  const { id } = (await find(guest(2))).json;
  const open = (table) => `INSERT INTO ${table} (account_id, ${table === 'parties' ? 'party_id' : 'booking_id'}, conversation_id,
    name, size, language, source, state, ${table === 'parties' ? 'place' : 'starts_at'})
    VALUES ('${ACCOUNT}', random_id('vis'), '${id}', 'Bo', 2, 'en', 'host', '${table === 'parties' ? 'waiting' : 'booked'}',
            ${table === 'parties' ? '1' : "now() + interval '1 day'"})`;
  for (const table of ['parties', 'bookings']) {
    h.sql(open(table));
    const told = (await h.api(`/v1/guests/${id}`)).json;
    assert.deepEqual(told.history.map((v) => v.name), ['Bo']);
    const r = await erase(id);
    assert.deepEqual([r.status, r.json.code], [409, 'conflict']);
    h.sql(`DELETE FROM ${table}`);
  }
  assert.equal((await find(guest(2))).status, 200);
});

test('an erased guest leaves no trace but that they are not to be texted', async () => {
  const phone = guest(747);
  assert.equal((await h.api('/v1/webhooks', { body: { url: `http://127.0.0.1:${receiver.address().port}/` } })).status, 201);
  const { id, again } = await furnish(phone);
  await until('webhooks were answered', () => h.sql(`SELECT count(*) FROM deliveries WHERE last_answer LIKE '%${CANARIES.words}%'`) > 1
    && h.sql("SELECT count(*) FROM deliveries WHERE state = 'waiting'") === '0');
  const exported = await h.api(`/v1/guests/${id}/export`);
  assert.deepEqual(traces(exported.text, phone), [...Object.values(CANARIES), phone.slice(2)]);
  assert.deepEqual([exported.json.messages.length, exported.json.parties.length, exported.json.bookings.length,
                    exported.json.consent.map((e) => `${e.by} ${e.action}`)],
                   [3, 1, 1, ['guest flag', 'staff stop', 'staff given']]);
  assert.equal(traces(dump(), phone).length, 4, 'all canaries are there');

  const erased = await erase(id);
  assert.equal(erased.status, 200, erased.text);
  const { messages, parties, bookings, callbacks, hash: told } = erased.json;
  assert.deepEqual([messages, parties, bookings, told], [3, 1, 1, hash(phone)]);
  assert.ok(callbacks >= 4, `${callbacks} callbacks`);
  assert.deepEqual(traces(dump(), phone), []);
  assert.equal((await find(phone)).status, 404);
  assert.equal((await erase(id)).status, 404);
  assert.equal(h.sql('SELECT count(*) FROM parties') + h.sql('SELECT count(*) FROM bookings'), '11', 'visits count on');
  assert.equal(h.sql(`SELECT sum(n) FROM message_totals WHERE account_id = '${ACCOUNT}'`), '3');
  assert.equal(h.sql(`SELECT string_agg(action, ' ' ORDER BY at) FROM consent_log WHERE phone = '${hash(phone)}' AND word = ''`), 'flag stop');
  const audit = (await h.api('/v1/audit')).json.data;
  assert.deepEqual(audit.filter((e) => e.subject === id).map((e) => e.action), ['guest.erased', 'guest.exported', 'consent.stop']);
  assert.match(h.outputs(), new RegExp(`"event":"erased","account":"${ACCOUNT}","hash":"${hash(phone)}"`));
  // who asks again, for what the guest was put down by, is not served again
  assert.equal(h.sql("SELECT status || ' ' || (body ->> 'code') FROM idempotency_keys WHERE key = 'party'"), '404 not_found');

  const refused = await send(phone);
  assert.deepEqual([refused.status, refused.json.code], [409, 'opted_out']);
  await again(); // a carrier delivers an old text once more: it is none of the guest's
  await applied();
  assert.equal((await find(phone)).status, 404);
  await viaTwilio(phone, 'hello again', { MessageSid: `SM${'7'.repeat(32)}` });
  await applied();
  const back = await find(phone);
  assert.deepEqual([back.status, back.json.consent], [200, 'stopped'], 'who comes back is still opted out');
  assert.equal(h.sql('SELECT count(*) FROM opt_outs'), '0', 'which stands in one place only');
  assert.equal((await erase(back.json.id)).status, 200);
  assert.equal((await send(phone)).status, 409);
  await viaTelnyx(phone, 'START');
  const accepted = await send(phone);
  assert.equal(accepted.status, 202, accepted.text);
});

test('START in one batch with other words', async () => {
  const rows = [[['start', 'stop'], 'stopped twilio'], [['stop', 'start'], ''], [['start', 'flag'], 'flagged flag'],
                [['flag', 'start'], ''], [['flag'], 'stopped telnyx'], [['stop'], 'stopped twilio']];
  const statement = readFileSync('db/sql/callback_journal.sql', 'utf8');
  const pads = [0x36, 0x5c].map((pad) => Buffer.alloc(64, pad).map((b, i) => b ^ (i < 32 ? 2 : 0)).toString('hex'));
  const list = (items) => `ARRAY[${items.map((item) => `'${item}'`)}]`;
  const journal = rows.map(([actions], n) => {
    const same = (text) => list(actions.map(() => text)), own = (what) => list(actions.map((_, i) => `${what}${n}x${i}`));
    return `EXECUTE journal ('bat_${n}', 1770000000000, ${same('twilio')}, ${same('/')}, ${same('')}, ${same('')}, ${list(actions)},
              ${same('W')}, ${same(guest(800 + n))}, ${same(TWILIO_NUMBER)}, ${own('e')}, ${own('cnv_')}, '{}')`;
  });
  h.sql(`INSERT INTO opt_outs VALUES
           ${rows.map((_, n) => `('${ACCOUNT}', '${hash(guest(800 + n))}', now() - interval '1 hour', 'telnyx')`)};
         SET maitred.hash_inner = '${pads[0]}'; SET maitred.hash_outer = '${pads[1]}';
         PREPARE journal AS ${statement}; ${journal.join(';')}; DELETE FROM pending WHERE batch_id ~ '^bat_.$'`);
  for (const [n, [actions, state]] of rows.entries())
    assert.equal(h.sql(`SELECT concat_ws(' ', consent_state(opted_out_at, opted_out_via), opted_out_via)
                        FROM conversations WHERE phone = '${guest(800 + n)}'`), state, actions.join());
  assert.equal(h.sql('SELECT count(*) FROM opt_outs'), '0');
});

test('a message that is being sent while its guest is erased', async () => {
  const phone = guest(5);
  await h.faults('twilio', { kind: 'hang_before_accept', ms: 1500 });
  const sent = await send(phone);
  await until('it is under way', () => h.sql(`SELECT count(*) FROM attempts WHERE message_id = '${sent.json.id}'`) === '1');
  assert.equal((await erase((await find(phone)).json.id)).json.messages, 1);
  await until('it was settled', () => h.outputs().match(new RegExp(`"attempt_settled".*${sent.json.id}`)));
  await h.heal();
  for (const table of ['messages', 'attempts', 'queue'])
    assert.equal(h.sql(`SELECT count(*) FROM ${table} WHERE message_id = '${sent.json.id}'`), '0', table);
  assert.equal(h.sql(`SELECT count(*) FROM receipts r WHERE NOT EXISTS (SELECT FROM attempts a WHERE a.attempt_id = r.attempt_id)`), '0');
  assert.doesNotMatch(h.outputs(), /statement_refused/);
  assert.equal((await send(phone)).status, 202, 'nobody asked not to be texted');
});

test('after a restore the guests of the journal are erased again', async () => {
  const phone = guest(6);
  await send(phone, `Your ${CANARIES.words} is ready.`);
  const { id } = (await find(phone)).json;
  await until('sent', () => h.sql(`SELECT count(*) FROM queue`) === '0');
  // kept as a backup has it, and put back
  h.sql(`CREATE TABLE c AS SELECT * FROM conversations WHERE conversation_id = '${id}';
         CREATE TABLE m AS SELECT * FROM messages WHERE conversation_id = '${id}'`);
  assert.equal((await erase(id)).status, 200);
  const run = (args, input, env) => spawnSync(maitred, ['wishes', ...args],
                                              { env: { ...process.env, ...h.env, ...env }, input, encoding: 'utf8' });
  const journal = run([]);
  assert.equal(journal.status, 0, journal.stderr);
  assert.match(journal.stdout, new RegExp(`^${ACCOUNT} ${hash(phone)} 20\\S+Z erased staff$`, 'm'));
  const file = path.join(h.dir, 'wishes');
  writeFileSync(file, journal.stdout);
  const lines = journal.stdout.trim().split('\n').length;
  const restore = () => h.sql(`ALTER TABLE erasures DISABLE TRIGGER append_only; DELETE FROM erasures WHERE phone_hash = '${hash(phone)}';
    ALTER TABLE erasures ENABLE TRIGGER append_only; ALTER TABLE conversations DISABLE TRIGGER remember_opt_out;
    INSERT INTO conversations SELECT * FROM c; ALTER TABLE conversations ENABLE TRIGGER remember_opt_out; INSERT INTO messages SELECT * FROM m;
    INSERT INTO parties (account_id, party_id, conversation_id, name, size, language, source, state, place)
      VALUES ('${ACCOUNT}', random_id('pty'), '${id}', '${CANARIES.name}', 2, 'en', 'host', 'waiting', 1)`);
  restore();
  const one = run(['--replay', file]);
  assert.deepEqual([one.status, one.stdout], [0, `1 of ${lines} wishes were forgotten, and hold again.\n`], one.stderr);
  assert.equal((await find(phone)).status, 404);
  assert.equal(h.sql(`SELECT count(*) FROM parties WHERE name <> '' OR ended_at IS NULL`), '0');
  assert.equal(h.sql(`SELECT who FROM erasures WHERE phone_hash = '${hash(phone)}'`), 'replay');
  restore();
  const log = gateway.output.split('\n').filter((line) => line.includes('"event":"erased"')).join('\n');
  assert.match(run(['--replay', '-'], log).stdout, /^1 of \d+ wishes were/);
  assert.match(run(['--replay', '-'], log).stdout, /^0 of \d+ wishes were/);
  h.sql('DROP TABLE c; DROP TABLE m');
  for (const [args, input, status, env] of [[['--replay', '/nowhere'], '', 66], [['--replay', '-'], 'acc_1 x\n', 65], [['all'], '', 64],
                                            [['--what'], '', 64], [[], '', 78, { PRIVACY_KEY: 'eA==' }]]) {
    const r = run(args, input, env);
    assert.equal(r.status, status, `${args}: ${r.stderr}`);
    assert.equal(r.stdout, '');
  }
});

test('what is past its time goes by itself', async () => {
  await until('it went', () => h.sql("SELECT count(*) FROM conversations WHERE phone = '+12125559999'") === '0');
  assert.equal(h.sql("SELECT sum(n) FROM message_totals WHERE account_id = 'acc_00000000000000000000000002'"), '1');
});

test('no log holds a name, number or words', async () => {
  const said = h.outputs();
  assert.ok(said.includes('"event":"erased"') && said.includes('"status":"debug"') || said.includes('debug'));
  assert.deepEqual(Object.values(CANARIES).filter((word) => said.includes(word)), []);
  for (const i of [1, 2, 5, 6, 747]) assert.ok(!said.includes(guest(i).slice(2)), `guest ${i}`);
  assert.ok((await call(`${h.gatewayUrl}/v1/me`, { headers: { authorization: `Bearer ${KEY}` } })).status === 200);
});

// isolation.test.mjs - one account cannot see or touch another's rows: not by any endpoint, not by a
// statement that forgets to ask whose they are, not as the application's role.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { call, guest, house, until } from './house.mjs';

const statements = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../db/sql');
const PASSWORD = 'Correct-horse-7-staple';
let h, ours, theirs;
before(async () => {
  h = await house({ seeded: false });
  await h.gateway({ WEBHOOK_PRIVATE: 'yes' });
  h.sql(`INSERT INTO number_pool (provider, phone)
         SELECT p, '+1' || a || '55500' || i
         FROM generate_series(10, 20) i, (VALUES ('twilio', '312'), ('telnyx', '773')) v (p, a)`);
  ours = await signUp('ours@example.com');
  theirs = await signUp('theirs@example.com');
});
after(() => h?.close());

async function signUp(email) {
  await call(`${h.gatewayUrl}/v1/signup`, { body: { email, password: PASSWORD, name: 'Ana', venue: email } });
  const r = await call(`${h.gatewayUrl}/v1/join`, { body: { token: await h.code(email) } });
  assert.equal(r.status, 201, r.text);
  const organisation = h.sql(`SELECT organisation_id FROM accounts WHERE account_id = '${r.json.account.id}'`);
  return { ...r.json, organisation };
}

const as = (who, route, options) => h.api(route, { key: who.token, ...options });

/** Something of each kind that the account has; each is named by the path that leads to it. */
async function furnish(who) {
  const made = async (route, body, inside) => {
    const r = await as(who, route, { body });
    assert.ok(r.status < 300, `${route}: ${r.text}`);
    return (r.json[inside] ?? r.json).id;
  };
  const ids = {
    webhooks: await made('/v1/webhooks', { url: 'https://127.0.0.1:9/hook' }), // it hears of the rest
    messages: await made('/v1/messages', { to: guest(1), body: `The table of ${who.user.login} is ready.` }),
    keys: await made('/v1/keys', { name: 'till', scopes: ['read'] }),
    invitations: await made('/v1/invitations', { email: 'new@example.com', name: 'New', role: 'host' }),
    'quick-replies': await made('/v1/quick-replies', { label: 'Late', body: `We are late, says ${who.user.login}.` }),
    parties: await made('/v1/parties', { name: `Party of ${who.user.login}`, size: 2, phone: guest(2) }, 'party'),
    bookings: await made('/v1/bookings', { starts_at: '2099-07-01T19:00:00Z', size: 2, phone: guest(2) }, 'booking'),
    users: who.user.id,
    sessions: who.session_id,
  };
  const told = await as(who, '/v1/templates/joined/en', { method: 'PUT', body: { body: `${who.user.login}: come in` } });
  assert.equal(told.status, 200, told.text);
  ids.conversations = ids.guests = (await as(who, '/v1/conversations')).json.data[0].id;
  ids.deliveries = await until('a delivery', () =>
    h.sql(`SELECT delivery_id FROM deliveries WHERE account_id = '${who.account.id}' LIMIT 1`));
  return ids;
}

/** What stands in a path and is nobody's. */
const EVERYBODYS = { event: 'joined', language: 'en' };

/** A body that fits, so that what refuses it is whose it is. */
function sample(schema) {
  if (!schema) return undefined;
  const value = (p) => p.enum?.[0] ?? p.items?.enum?.slice(0, 1) ?? (p.format === 'email' ? 'a@example.com' :
    p.format === 'uri' ? 'https://example.com/x' : p.pattern?.startsWith('^acc_') ? theirs.account.id :
    p.format === 'date-time' ? '2099-07-01T19:00:00Z' : p.type === 'boolean' ? true : p.type === 'integer' ? p.minimum : 'sample');
  return Object.fromEntries((schema.required ?? []).map((name) => [name, value(schema.properties[name])]));
}

test('no endpoint leads to what another account has', async () => {
  const ids = await furnish(theirs);
  await furnish(ours);
  const document = (await call(`${h.gatewayUrl}/openapi.json`)).json;
  const secrets = [...Object.values(ids), theirs.account.id, theirs.user.id, 'theirs@example.com'];
  let tried = 0;
  for (const [route, operations] of Object.entries(document.paths))
    for (const [method, operation] of Object.entries(operations)) {
      if (!operation.security?.length || route === '/v1/events' || route === '/v1/logout') continue;
      const named = (route.match(/\w+(?=\})/g) ?? []).filter((name) => !EVERYBODYS[name]).length;
      const segments = route.split('/');
      const to = route.replace(/\{(\w+)\}/g, (_, name) => {
        if (EVERYBODYS[name]) return EVERYBODYS[name];
        const kind = segments[segments.indexOf(`{${name}}`) - 1];
        assert.ok(ids[kind], `${method} ${route}: this test has no ${kind}`);
        return ids[kind];
      });
      const schema = operation.requestBody?.content?.['application/json']?.schema;
      const r = await as(ours, to, { method: method.toUpperCase(), body: sample(schema) });
      tried++;
      if (named) assert.equal(r.status, 404, `${method} ${to}: ${r.text}`);
      else assert.ok(r.status < 500, `${method} ${to}: ${r.text}`);
      for (const secret of secrets)
        assert.ok(!r.text.includes(secret), `${method} ${to} tells ${secret}: ${r.text.slice(0, 300)}`);
    }
  assert.ok(tried > 30, `${tried} endpoints`);
  assert.equal((await as(theirs, '/v1/me')).status, 200, 'their session lives');
  assert.equal((await as(theirs, `/v1/messages/${ids.messages}`)).status, 200);
  const { body } = (await as(theirs, '/v1/templates')).json.data.find((t) => t.event === 'joined' && t.language === 'en');
  assert.equal(body, 'theirs@example.com: come in', 'their words are as they were');
});

test('every table of an account or organisation is behind row-level security, forced', () => {
  const open = h.sql(`
    SELECT DISTINCT c.relname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
      AND a.attname IN ('account_id', 'organisation_id')
      AND NOT (c.relrowsecurity AND c.relforcerowsecurity
               AND EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid))`);
  assert.equal(open, '');
});

/** As the gateway's connection for staff is, behind enter(): the rows of what runs as an account. */
const within = (account, sql) => h.sql(`
  BEGIN; SET LOCAL ROLE maitred_app;
  DO $$ BEGIN
    PERFORM set_config('maitred.account', '${account.account.id}', true),
            set_config('maitred.organisation', '${account.organisation}', true),
            set_config('maitred.actor', '${account.user.id}', true);
  END $$;
  ${sql}; COMMIT`);

test('a statement that forgets whose rows it wants gets its own all the same', () => {
  let mutated = 0;
  for (const file of readdirSync(statements).filter((f) => /_list\.sql$/.test(f))) {
    const text = readFileSync(path.join(statements, file), 'utf8');
    const mutant = text.replaceAll(/[a-z.]*account_id = scope\(\)/g, 'true').replaceAll(/user_id = actor\(\)/g, 'true')
      .replaceAll(/\$\d+::/g, 'NULL::');
    if (!text.includes('= scope()') && !text.includes('= actor()')) continue;
    const rows = within(ours, mutant);
    mutated++;
    assert.ok(!rows.includes('theirs@example.com'), `${file}: ${rows}`);
    assert.ok(!rows.includes(theirs.session_id), file);
    if (file === 'message_list.sql') // the mutation is one: as the engine, it shows everybody's
      assert.match(h.sql(mutant), /theirs@example.com/);
  }
  assert.ok(mutated >= 6, `${mutated} statements`);
});

test('without a scope there are no rows', () => {
  for (const table of ['messages', 'accounts', 'users', 'api_keys', 'events', 'audit_log', 'links', 'sessions'])
    assert.equal(h.sql(`SET maitred.account = ''; SELECT count(*) FROM ${table}`), '0', table);
});

test("the application's role changes no schema, and nothing that is append-only", () => {
  for (const sql of ['CREATE TABLE x (a int)', 'ALTER TABLE messages ADD COLUMN x int', 'DROP TABLE queue',
                     'TRUNCATE messages', 'UPDATE audit_log SET actor = NULL', 'DELETE FROM audit_log',
                     'UPDATE callbacks SET body = NULL', 'DELETE FROM callbacks', 'DELETE FROM consent_log',
                     'UPDATE consent_log SET word = NULL', 'TRUNCATE erasures', 'DELETE FROM schema_migrations',
                     'DROP POLICY one_account ON messages', 'ALTER TABLE messages DISABLE ROW LEVEL SECURITY'])
    assert.throws(() => h.sql(`SET ROLE maitred_app; ${sql}`), /permission denied|must be owner/, sql);
  for (const part of h.sql(`SELECT inhrelid::regclass FROM pg_inherits
                            WHERE inhparent = 'callbacks'::regclass`).split('\n'))
    assert.throws(() => h.sql(`SET ROLE maitred_app; DELETE FROM ${part}`), /permission denied/, part);
  assert.equal(h.sql("SELECT string_agg(DISTINCT usename || current_setting('role'), ',') FROM pg_user WHERE usename = 'maitred'"), 'maitrednone');
});

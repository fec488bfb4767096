// people.test.mjs - who may come in, and when they may no more: sign-up, invitations, login, sessions,
// keys, stands, roles, accounts, the audit log.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { call, guest, house, maitred, until } from './house.mjs';

let h, gateway;
before(async () => {
  h = await house({ seeded: false });
  gateway = await h.gateway();
  h.sql(`INSERT INTO number_pool (provider, phone)
         SELECT p, '+1' || a || '55500' || lpad(i::text, 2, '0')
         FROM generate_series(10, 60) i, (VALUES ('twilio', '312'), ('telnyx', '773')) v (p, a)`);
});
after(() => h?.close());

const PASSWORD = 'Correct-horse-7-staple';
const open = (route, body, headers) => h.api(route, { body, headers, key: null });
const as = (key, route, options) => h.api(route, { key, ...options });

async function signUp(email, venue = 'Chez Test') {
  const r = await open('/v1/signup', { email, password: PASSWORD, name: 'Ana', venue });
  assert.equal(r.status, 202, r.text);
  const joined = await open('/v1/join', { token: await h.code(email) });
  assert.equal(joined.status, 201, joined.text);
  return joined.json;
}

async function invite(manager, email, role = 'host') {
  const r = await as(manager.token, '/v1/invitations', { body: { email, name: 'Bo', role } });
  assert.equal(r.status, 201, r.text);
  return { id: r.json.id, code: await h.code(email) };
}

async function join(code, password = PASSWORD) {
  const r = await open('/v1/join', { token: code, password });
  assert.equal(r.status, 201, r.text);
  return r.json;
}

const login = (name, password = PASSWORD, headers) => open('/v1/login', { login: name, password }, headers);

let ana;
test('from a sign-up to a text on a phone', async () => {
  ana = await signUp('ana@example.com');
  assert.equal(ana.account.role, 'manager');
  assert.equal(ana.user.login, 'ana@example.com');
  const account = (await as(ana.token, '/v1/account')).json;
  assert.deepEqual(account.numbers.map((n) => n.carrier), ['telnyx', 'twilio']);
  const sent = await as(ana.token, '/v1/messages', { body: { to: guest(1), body: 'Your table is ready.' } });
  assert.equal(sent.status, 202, sent.text);
  await until('delivered', async () => (await as(ana.token, `/v1/messages/${sent.json.id}`)).json.state === 'delivered');
  assert.equal((await open('/v1/join', { token: await h.code('ana@example.com') })).status, 404);
});

test('an operator adds numbers for those who sign up', () => {
  const number = (...args) => spawnSync(maitred, ['number', ...args], { env: { ...process.env, ...h.env }, encoding: 'utf8' });
  const before = Number(h.sql("SELECT count(*) FROM number_pool WHERE provider = 'twilio'"));
  const added = number('add', 'twilio', '(800) 555-0142', 'toll_free');
  assert.equal(added.status, 0, added.stderr);
  assert.match(added.stdout, new RegExp(`\\+18005550142 waits for an account; ${before + 1} do`));
  assert.equal(h.sql("SELECT kind FROM number_pool WHERE phone = '+18005550142'"), 'toll_free');
  assert.equal(number('add', 'twilio', '+18005550142', 'toll_free').status, 0, 'and once more');
  const taken = h.sql("SELECT phone FROM numbers WHERE provider = 'twilio' LIMIT 1");
  assert.equal(number('add', 'twilio', taken).status, 65);
  assert.equal(number('add', 'twilio', '123').status, 65);
  assert.equal(number('add', 'vonage', '+18005550142').status, 64);
  h.sql("DELETE FROM number_pool WHERE phone = '+18005550142'");
});

test('passwords are refused with what is missing', async () => {
  for (const [password, words] of [['short', /8/], ['alllowercase1!', /uppercase/], ['NoNumber!!', /number/],
                                   ['NoSymbol11', /symbol/], ['Password1!', /guess|common/]]) {
    const r = await open('/v1/signup', { email: 'x@example.com', password, name: 'X', venue: 'X' });
    assert.equal(r.status, 422, password);
    assert.equal(r.json.param, 'password');
    assert.match(r.json.detail, words);
  }
});

test('what is no address of e-mail is named, and breaks nothing', async () => {
  for (const email of ['a', '@', 'a@', '@b.com', 'a..b@example.com', '.a@example.com', 'a@example..com', 'a@-b.com',
                       'a b@example.com', 'a@b@example.com', 'ä@example.com', 'a@example.com\r\nBcc: b@example.com',
                       `${'a'.repeat(65)}@example.com`, `a@${'b'.repeat(255)}.com`, '"a"@example.com', 'a@[127.0.0.1]'])
    for (const [route, body] of [['/v1/signup', { password: PASSWORD, name: 'X', venue: 'X' }], ['/v1/password/forgot', {}]]) {
      const r = await open(route, { email, ...body });
      assert.equal(r.status, 422, `${email}: ${r.text}`);
      assert.equal(r.json.param, 'email');
    }
  const odd = "o'brien+table=7@exa-mple.co.uk";
  await open('/v1/signup', { email: odd, password: PASSWORD, name: 'O\u0007Brien\r\nBcc: x', venue: 'X' });
  assert.ok(await h.code(odd));
});

test('login says the same to the unknown and to the mistaken', async () => {
  assert.equal((await login('ana@example.com')).status, 201);
  assert.equal((await login('ANA@example.com')).status, 201);
  const unknown = await login('nobody@example.com'), mistaken = await login('ana@example.com', 'Wrong-7-wrong');
  for (const r of [unknown, mistaken]) assert.equal(r.status, 401);
  const bare = (r) => ({ ...r.json, request_id: 0 });
  assert.deepEqual(bare(unknown), bare(mistaken));
  // nor do a sign-up or a forgotten password
  const a = await open('/v1/signup', { email: 'ana@example.com', password: PASSWORD, name: 'E', venue: 'E' });
  const b = await open('/v1/signup', { email: 'eve@example.com', password: PASSWORD, name: 'E', venue: 'E' });
  assert.deepEqual([a.status, a.text], [b.status, b.text]);
  const c = await open('/v1/password/forgot', { email: 'ana@example.com' });
  const d = await open('/v1/password/forgot', { email: 'none@example.com' });
  assert.deepEqual([c.status, c.text], [d.status, d.text]);
  await until('told by mail', () => h.mails('ana@example.com').some((m) => /have an account/.test(m)));
  assert.equal(h.mails('none@example.com').length, 0);
});

test('a new password ends every session, and its link works once', async () => {
  const bea = await signUp('bea@example.com', 'Reset');
  await open('/v1/password/forgot', { email: 'bea@example.com' });
  const code = await h.code('bea@example.com', 1);
  const reset = await open('/v1/join', { token: code, password: 'Another-horse-8' });
  assert.equal(reset.status, 201, reset.text);
  assert.equal((await as(bea.token, '/v1/me')).status, 401);
  assert.equal((await as(reset.json.token, '/v1/me')).status, 200);
  assert.equal((await login('bea@example.com')).status, 401);
  assert.equal((await login('bea@example.com', 'Another-horse-8')).status, 201);
  assert.equal((await open('/v1/join', { token: code, password: PASSWORD })).status, 404);
});

test('hosts do not manage, managers do', async () => {
  const host = await join((await invite(ana, 'host@example.com')).code);
  assert.equal(host.account.role, 'host');
  for (const [method, route, body] of [['GET', '/v1/users'], ['GET', '/v1/audit'], ['GET', '/v1/keys'],
    ['POST', '/v1/keys', { name: 'x', scopes: ['read'] }], ['PATCH', '/v1/account', { name: 'Mine' }],
    ['POST', '/v1/invitations', { email: 'x@example.com', name: 'x', role: 'manager' }]]) {
    const r = await as(host.token, route, { method, body });
    assert.equal(r.status, 403, `${method} ${route}`);
    assert.equal(r.json.code, 'forbidden');
  }
  assert.equal((await as(host.token, '/v1/messages')).status, 200);
  assert.equal((await as(ana.token, '/v1/users')).json.data.length, 2);
});

test('who is disabled is out at the next request', async () => {
  const host = await join((await invite(ana, 'out@example.com')).code);
  assert.equal((await as(host.token, '/v1/me')).status, 200);
  const off = await as(ana.token, `/v1/users/${host.user.id}`, { method: 'PATCH', body: { disabled: true } });
  assert.equal(off.json.state, 'disabled', off.text);
  assert.equal((await as(host.token, '/v1/me')).status, 401);
  assert.equal((await as(host.token, '/v1/messages', { body: { to: guest(1), body: 'x' } })).status, 401);
  assert.equal((await login('out@example.com')).status, 401);
  await as(ana.token, `/v1/users/${host.user.id}`, { method: 'PATCH', body: { disabled: false } });
  assert.equal((await login('out@example.com')).status, 201);
  assert.equal((await as(host.token, '/v1/me')).status, 401, 'the old session stays dead');
  assert.equal((await as(ana.token, `/v1/users/${host.user.id}`, { method: 'DELETE' })).status, 200);
  assert.equal((await login('out@example.com')).status, 401, 'nowhere to go');
  const last = await as(ana.token, `/v1/users/${ana.user.id}`, { method: 'PATCH', body: { role: 'host' } });
  assert.equal(last.status, 409);
  assert.equal((await as(ana.token, `/v1/users/${ana.user.id}`, { method: 'DELETE' })).status, 409);
});

test('20 race for one invitation: one wins', async () => {
  const { code } = await invite(ana, 'race@example.com');
  const all = await Promise.all(Array.from({ length: 20 }, (_, i) =>
    open('/v1/join', { token: code, password: `Horse-${i}-battery` })));
  assert.equal(all.filter((r) => r.status === 201).length, 1, all.map((r) => r.status).join());
  assert.ok(all.every((r) => [201, 404].includes(r.status)));
  assert.equal(h.sql("SELECT count(*) FROM users WHERE login = 'race@example.com'"), '1');
});

test('an invitation is sent again, with another link, or taken back', async () => {
  const { id, code } = await invite(ana, 'late@example.com');
  const again = await as(ana.token, `/v1/invitations/${id}/resend`, { method: 'POST' });
  assert.equal(again.status, 200, again.text);
  const second = await until('another code', async () => {
    const now = await h.code('late@example.com');
    return now !== code && now;
  });
  assert.equal((await open('/v1/join', { token: code, password: PASSWORD })).status, 404);
  assert.equal((await as(ana.token, `/v1/invitations/${id}`, { method: 'DELETE' })).status, 200);
  assert.equal((await open('/v1/join', { token: second, password: PASSWORD })).status, 404);
  const list = (await as(ana.token, '/v1/invitations')).json.data;
  assert.equal(list.find((i) => i.id === id).state, 'revoked');
  // what was asked for anew while its first mail was on its way is due still
  h.sql(`UPDATE links SET mail = 'queued', hash = NULL, mail_tries = 0, mail_due_at = now() + interval '1 hour' WHERE link_id = '${id}';
         PREPARE done (text, text, text) AS ${readFileSync(new URL('../../db/sql/mail_done.sql', import.meta.url), 'utf8')};
         EXECUTE done('${id}', 'sent', NULL)`);
  assert.equal(h.sql(`SELECT mail FROM links WHERE link_id = '${id}'`), 'queued');
  const other = await invite(ana, 'old@example.com');
  h.sql(`UPDATE links SET expires_at = now() WHERE link_id = '${other.id}'`);
  assert.equal((await open('/v1/join', { token: other.code, password: PASSWORD })).status, 404);
});

test('a stand has a login without an address', async () => {
  const made = await as(ana.token, '/v1/stands', { body: { login: 'Door.1', name: 'Front door' } });
  assert.equal(made.status, 201, made.text);
  assert.match(made.json.setup_code, /^mst_[0-9a-f]{64}$/);
  const stand = await join(made.json.setup_code);
  assert.equal(stand.user.login, 'door.1');
  assert.equal((await login('door.1')).status, 201);
  assert.equal((await as(ana.token, '/v1/stands', { body: { login: 'door.1', name: 'x' } })).status, 409);
  assert.equal((await as(ana.token, '/v1/stands', { body: { login: 'a@b', name: 'x' } })).json.param, 'login');
});

test('sessions end: on logout, after a day of nothing, after 30 days', async () => {
  const fresh = async () => (await login('ana@example.com')).json;
  let s = await fresh();
  assert.equal((await as(s.token, '/v1/logout', { method: 'POST' })).status, 200);
  assert.equal((await as(s.token, '/v1/me')).status, 401);
  s = await fresh();
  const touch = (set) => h.sql(`UPDATE sessions SET ${set} WHERE session_id = '${s.session_id}'`);
  touch("last_seen_at = now() - interval '23 h 59 min'");
  assert.equal((await as(s.token, '/v1/me')).status, 200);
  assert.equal(h.sql(`SELECT last_seen_at > now() - interval '1 min' FROM sessions WHERE session_id = '${s.session_id}'`), 't');
  touch("last_seen_at = now() - interval '24 h 1 min'");
  assert.equal((await as(s.token, '/v1/me')).status, 401);
  assert.equal((await as(s.token, '/v1/messages', { body: { to: guest(1), body: 'x' } })).status, 401);
  s = await fresh();
  touch('expires_at = now()');
  assert.equal((await as(s.token, '/v1/me')).status, 401);
  const a = await fresh(), b = await fresh();
  const listed = (await as(a.token, '/v1/sessions')).json.data;
  assert.ok(listed.find((x) => x.id === a.session_id).current);
  assert.equal((await as(a.token, `/v1/sessions/${b.session_id}`, { method: 'DELETE' })).status, 200);
  assert.equal((await as(b.token, '/v1/me')).status, 401);
  assert.equal((await as(a.token, '/v1/sessions/end-others', { method: 'POST' })).status, 200);
  assert.equal((await as(ana.token, '/v1/me')).status, 401);
  ana = a;
});

test('one organisation, several accounts, one switch', async () => {
  const made = await as(ana.token, '/v1/accounts', { body: { name: 'Second', zone: 'America/Chicago' } });
  assert.equal(made.status, 201, made.text);
  const there = await as(ana.token, '/v1/session/switch', { body: { account_id: made.json.id } });
  assert.equal(there.status, 200, there.text);
  assert.equal((await as(there.json.token, '/v1/account')).json.name, 'Second');
  assert.equal((await as(ana.token, '/v1/account')).json.name, 'Chez Test');
  assert.deepEqual((await as(there.json.token, '/v1/messages')).json.data, []);
  assert.deepEqual((await as(ana.token, '/v1/accounts')).json.data.map((a) => a.name), ['Chez Test', 'Second']);
  const stranger = await signUp('cy@example.com', 'Foreign');
  const r = await as(stranger.token, '/v1/session/switch', { body: { account_id: made.json.id } });
  assert.equal(r.status, 404);
  assert.equal((await as(ana.token, '/v1/accounts', { body: { name: 'x', zone: 'Mars/Crater' } })).json.param, 'zone');
});

test('a key does what its scopes say, and no more', async () => {
  const make = async (scopes) => {
    const r = await as(ana.token, '/v1/keys', { body: { name: 'pos', scopes } });
    assert.equal(r.status, 201, r.text);
    assert.match(r.json.key, /^mk_[0-9a-f]{64}$/);
    return r.json;
  };
  const text = { body: { to: guest(2), body: 'x' } };
  const reads = await make(['read']), writes = await make(['read', 'write']), manages = await make(['manage']);
  assert.equal((await as(reads.key, '/v1/messages')).status, 200);
  assert.equal((await as(reads.key, '/v1/messages', text)).status, 403);
  assert.equal((await as(writes.key, '/v1/messages', text)).status, 202);
  assert.equal((await as(writes.key, '/v1/users')).status, 403);
  assert.equal((await as(manages.key, '/v1/users')).status, 200);
  assert.equal((await as(ana.token, `/v1/keys/${writes.id}`, { method: 'DELETE' })).status, 200);
  assert.equal((await as(writes.key, '/v1/messages', text)).status, 401);
  assert.equal((await as(writes.key, '/v1/messages')).status, 401);
  const list = (await as(ana.token, '/v1/keys')).json.data;
  assert.ok(list.find((k) => k.id === reads.id).last_used_at);
  assert.equal((await as(ana.token, '/v1/keys', { body: { name: 'x', scopes: ['all'] } })).json.param, 'scopes');
});

test('an Idempotency-Key works on every POST; a secret is not repeated', async () => {
  const ask = (body, key = 'k-1') => as(ana.token, '/v1/keys', { body, headers: { 'idempotency-key': key } });
  const first = await ask({ name: 'once', scopes: ['read'] });
  const again = await ask({ name: 'once', scopes: ['read'] });
  assert.equal(first.status, 201);
  assert.equal(again.status, 201);
  assert.equal(again.headers.get('idempotency-replayed'), 'true');
  assert.equal(again.json.id, first.json.id);
  assert.equal(again.json.key, undefined);
  assert.equal((await ask({ name: 'other', scopes: ['read'] })).json.code, 'idempotency_key_reused');
  const racing = await Promise.all(Array.from({ length: 10 }, () => ask({ name: 'race', scopes: ['read'] }, 'k-2')));
  assert.ok(racing.every((r) => r.status === 201 || r.json.code === 'idempotency_in_flight'), racing.map((r) => r.text).join());
  assert.equal(h.sql("SELECT count(*) FROM api_keys WHERE name = 'race'"), '1');
});

test('tries are limited, and that locks nobody out who was here before', async () => {
  const victim = await signUp('dee@example.com', 'Victim');
  const home = { 'x-forwarded-for': '198.51.100.7' }, elsewhere = { 'x-forwarded-for': '203.0.113.9' };
  await gateway.stop();
  gateway = await h.gateway({ TRUST_PROXY: 'yes' });
  assert.equal((await login('dee@example.com', PASSWORD, home)).status, 201);
  let limited;
  for (let i = 0; i < 12 && !limited; i++) {
    const r = await login('dee@example.com', 'Wrong-7-wrong', elsewhere);
    if (r.status === 429) limited = r;
  }
  assert.ok(limited, 'never limited');
  assert.ok(Number(limited.headers.get('retry-after')) > 0);
  assert.equal((await login('dee@example.com', PASSWORD, elsewhere)).status, 429);
  assert.equal((await login('dee@example.com', PASSWORD, home)).status, 201, 'the victim gets in from where they were');
  assert.ok(victim);
});

test('the audit log tells who did what from where, and shows tampering', async () => {
  const log = (await as(ana.token, '/v1/audit?limit=200')).json.data;
  for (const action of ['account.made', 'session.began', 'invitation.made', 'invitation.used', 'user.disabled',
                        'key.made', 'key.revoked', 'stand.made'])
    assert.ok(log.some((e) => e.action === action), action);
  const made = log.find((e) => e.action === 'key.made');
  assert.equal(made.who, 'Ana');
  assert.match(made.ip, /^(127|198)/);
  assert.ok(made.request_id);
  const check = async () => (await as(ana.token, '/v1/audit/check')).json;
  assert.equal((await check()).intact, true);
  assert.throws(() => h.sql('UPDATE audit_log SET actor = NULL'), /append-only/);
  h.sql(`ALTER TABLE audit_log DISABLE TRIGGER append_only;
         UPDATE audit_log SET actor = 'usr_nobody' WHERE account_id = '${ana.account.id}' AND ordinal = 3;
         ALTER TABLE audit_log ENABLE TRIGGER append_only`);
  assert.deepEqual([(await check()).intact, (await check()).broken_at], [false, 3]);
});

test('a dump of the database holds nothing that opens anything', async () => {
  const { code } = await invite(ana, 'dump@example.com');
  const key = (await as(ana.token, '/v1/keys', { body: { name: 'd', scopes: ['read'] } })).json.key;
  const { execFileSync } = await import('node:child_process');
  const dump = execFileSync('pg_dump', ['--data-only', '--enable-row-security', h.env.DATABASE_URL], { encoding: 'utf8', maxBuffer: 1e9 });
  for (const secret of [code, key, ana.token, PASSWORD, h.env.SESSION_KEYS])
    assert.ok(!dump.includes(secret));
});

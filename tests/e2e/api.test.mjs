// api.test.mjs - what developers rely on: clear refusals, idempotency, pages, health.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { call, guest, house, until } from './house.mjs';

let h, gateway;
before(async () => { h = await house(); gateway = await h.gateway(); });
after(() => h?.close());

const post = (body, more) => h.api('/v1/messages', { body, ...more });

test('a key is needed, and must be ours', async () => {
  for (const headers of [{}, { authorization: 'Bearer nope' }, { authorization: 'Basic eDp5' }]) {
    const r = await call(`${h.gatewayUrl}/v1/messages`, { body: { to: guest(1), body: 'x' }, headers });
    assert.equal(r.status, 401);
    assert.equal(r.json.code, 'unauthorized');
    assert.equal(r.headers.get('www-authenticate'), 'Bearer');
    assert.equal((await call(`${h.gatewayUrl}/v1/messages`, { headers })).status, 401);
  }
});

for (const [what, body, param] of [
  ['no to', { body: 'x' }, 'to'],
  ['no body', { to: guest(1) }, 'body'],
  ['an empty body', { to: guest(1), body: '' }, 'body'],
  ['a number that is none', { to: '12345', body: 'x' }, 'to'],
  ['a number of the wrong type', { to: 12125551001, body: 'x' }, 'to'],
  ['1,601 characters', { to: guest(1), body: 'x'.repeat(1601) }, 'body'],
  ['11 segments', { to: guest(1), body: 'é'.repeat(10) + '🎉'.repeat(400) }, 'body'],
  ['a word that opts the guest out', { to: guest(1), body: 'Reply CANCEL to give up your table.' }, 'body'],
  ['somebody else\'s number', { to: guest(1), body: 'x', from: '+13125559999' }, 'from'],
  ['an unknown field', { to: guest(1), body: 'x', bdoy: 'y' }, 'bdoy'],
  ['an unknown kind', { to: guest(1), body: 'x', kind: 'spam' }, 'kind'],
  ['a time that is none', { to: guest(1), body: 'x', expires_at: 'tomorrow' }, 'expires_at'],
  ['a time that is past', { to: guest(1), body: 'x', expires_at: '2020-01-01T00:00:00Z' }, 'expires_at'],
])
  test(`${what}: 422 names ${param}`, async () => {
    const r = await post(body);
    assert.equal(r.status, 422, r.text);
    assert.equal(r.headers.get('content-type'), 'application/problem+json');
    assert.equal(r.json.param, param);
    assert.equal(r.json.request_id, r.headers.get('x-request-id'));
    assert.ok(r.json.detail.length > 10);
  });

test('what is not JSON is refused', async () => {
  assert.equal((await post('{')).status, 400);
  assert.equal((await post('[]')).status, 400);
  assert.equal((await post('x', { headers: { 'content-type': 'text/plain' } })).status, 415);
  assert.equal((await call(`${h.gatewayUrl}/v1/nothing`)).status, 404);
  const r = await h.api('/v1/messages', { method: 'DELETE' });
  assert.equal(r.status, 405);
  assert.equal(r.headers.get('allow'), 'POST, GET');
});

test('numbers are read as people write them', async () => {
  const r = await post({ to: '(212) 555-1234', body: 'x' });
  assert.equal(r.status, 202);
  assert.equal((await h.message(r.json.id)).to, '+12125551234');
});

test('a text is answered with its segments', async () => {
  assert.deepEqual((({ encoding, segments }) => ({ encoding, segments }))((await post({ to: guest(1), body: 'a'.repeat(161) })).json),
                   { encoding: 'GSM-7', segments: 2 });
  assert.equal((await post({ to: guest(1), body: 'Your table 🎉' })).json.encoding, 'UCS-2');
});

test('from chooses the number, and with it the carrier', async () => {
  const id = await h.text(guest(2), 'x', { from: '+17735550002' });
  const m = await until('delivered', async () => {
    const now = await h.message(id);
    return now.state === 'delivered' && now;
  });
  assert.equal(m.number, '+17735550002');
  assert.ok(m.timeline.every((t) => t.carrier === null || t.carrier === 'telnyx'));
});

test('an Idempotency-Key makes one message of many requests', async () => {
  const headers = { 'idempotency-key': 'table-7' };
  const first = await post({ to: guest(3), body: 'x' }, { headers });
  const again = await Promise.all(Array.from({ length: 20 }, () => post({ to: guest(3), body: 'x' }, { headers })));
  for (const r of again) {
    assert.equal(r.status, 202);
    assert.equal(r.json.id, first.json.id);
    assert.equal(r.headers.get('idempotency-replayed'), 'true');
  }
  const other = await post({ to: guest(3), body: 'y' }, { headers });
  assert.equal(other.status, 422);
  assert.equal(other.json.code, 'idempotency_key_reused');
  assert.equal((await post({ to: guest(3), body: 'x' }, { headers: { 'idempotency-key': 'a b' } })).status, 422);

  const racing = await Promise.all(Array.from({ length: 20 }, () =>
    post({ to: guest(4), body: 'x' }, { headers: { 'idempotency-key': 'race' } })));
  assert.equal(new Set(racing.map((r) => r.json.id)).size, 1);
  assert.equal(h.sql(`SELECT count(*) FROM messages WHERE phone = '${guest(4)}'`), '1');
});

test('lists page by cursor, without gap or repeat while more arrive', async () => {
  for (let i = 0; i < 25; i++) await h.text(guest(10 + i), `page ${i}`);
  const seen = [];
  let cursor = '';
  do {
    const r = await h.api(`/v1/messages?limit=7${cursor && `&cursor=${cursor}`}`);
    assert.equal(r.status, 200);
    seen.push(...r.json.data.map((m) => m.id));
    cursor = r.json.next_cursor;
    await h.text(guest(50), 'meanwhile');
  } while (cursor);
  assert.equal(new Set(seen).size, seen.length);
  assert.deepEqual(seen, [...seen].sort().reverse());
  assert.ok(seen.length >= 25);
  for (const [query, param] of [['limit=0', 'limit'], ['limit=x', 'limit'], ['cursor=zzz', 'cursor']]) {
    const r = await h.api(`/v1/messages?${query}`);
    assert.equal(r.status, 422);
    assert.equal(r.json.param, param);
  }
});

test("another account's rows are not there", async () => {
  const id = await h.text(guest(5));
  const { createHash } = await import('node:crypto');
  const hash = createHash('sha256').update('mk_other').digest('hex');
  h.sql(`INSERT INTO accounts VALUES ('acc_00000000000000000000000002', 'Other');
         INSERT INTO api_keys VALUES ('acc_00000000000000000000000002', 'key_00000000000000000000000002', 'k', '${hash}')`);
  const conversation = (await h.api('/v1/conversations?limit=1')).json.data[0].id;
  const other = { key: 'mk_other' };
  assert.equal((await h.api(`/v1/messages/${id}`, other)).status, 404);
  assert.equal((await h.api(`/v1/conversations/${conversation}/messages`, other)).status, 404);
  assert.deepEqual((await h.api('/v1/messages', other)).json.data, []);
  assert.deepEqual((await h.api('/v1/conversations', other)).json.data, []);
  const r = await post({ to: guest(5), body: 'x', from: '+13125550002' }, other);
  assert.equal(r.status, 422);
  h.sql(`UPDATE api_keys SET revoked_at = now() WHERE hash = '${hash}'`);
  assert.equal((await h.api('/v1/messages', other)).status, 401);
});

test('the request id is echoed when it is sane', async () => {
  const get = (id) => call(`${h.gatewayUrl}/healthz`, { headers: { 'x-request-id': id } });
  assert.equal((await get('trace-1.2_3')).headers.get('x-request-id'), 'trace-1.2_3');
  assert.match((await get('x'.repeat(201))).headers.get('x-request-id'), /^req_/);
});

test('without its database it is alive, not ready, and answers 503; then it recovers', async () => {
  assert.equal((await call(`${h.gatewayUrl}/readyz`)).status, 200);
  h.postgres('crash', h.dir);
  await until('not ready', async () => (await call(`${h.gatewayUrl}/readyz`)).status === 503);
  assert.equal((await call(`${h.gatewayUrl}/healthz`)).status, 200);
  const r = await post({ to: guest(6), body: 'x' });
  assert.equal(r.status, 503);
  assert.ok(r.headers.get('retry-after'));
  const waiting = post({ to: guest(7), body: 'while away' });
  h.postgres('start', h.dir);
  assert.equal((await waiting).status, 202);
  await until('ready', async () => (await call(`${h.gatewayUrl}/readyz`)).status === 200);
  await until('sent', async () => (await h.sim(`/sim/v1/ledger?to=${guest(7).slice(1)}`)).json.texts.length === 1);
});

test('an account whose numbers were taken away: its message ends, and says so', async () => {
  await h.faults('twilio', { kind: 'refuse' });
  await h.faults('telnyx', { kind: 'refuse' });
  const id = await h.text(guest(60));
  await until('both were tried', async () => (await h.message(id)).timeline.length >= 5);
  h.sql('CREATE TABLE kept AS SELECT * FROM numbers; DELETE FROM numbers');
  await until('it failed', async () => (await h.message(id)).state === 'failed');
  assert.match((await h.message(id)).reason, /No carrier could send it/);
  h.sql('INSERT INTO numbers SELECT * FROM kept; DROP TABLE kept');
  await h.faults('twilio');
  await h.faults('telnyx');
});

test('a configuration with problems names all of them and exits 78', async () => {
  const { spawnSync } = await import('node:child_process');
  const env = { PATH: process.env.PATH, PORT: 'x', PUBLIC_URL: 'ftp://a', TELNYX_API_KEY: 'KEY1' };
  const r = spawnSync(process.env.MAITRED ?? 'build/san/maitred', ['serve'], { env, encoding: 'utf8' });
  assert.equal(r.status, 78);
  for (const name of ['DATABASE_URL', 'PORT', 'PRIVACY_KEY', 'PUBLIC_URL', 'TELNYX_PUBLIC_KEY'])
    assert.match(r.stderr, new RegExp(name));
  assert.ok(!gateway.end);
});

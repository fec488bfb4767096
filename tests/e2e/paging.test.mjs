// paging.test.mjs - pages of any size, while more arrives: what was there is seen once, in order.
// SEED=7 makes another run.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { guest, house } from './house.mjs';

const SEED = Number(process.env.SEED ?? 4), ROUNDS = 8;
let h, thread;
before(async () => {
  h = await house();
  await h.gateway();
  await h.text(guest(1), 'first');
  thread = (await h.api('/v1/conversations')).json.data[0].id;
});
after(() => h?.close());

let state = SEED;
const random = (n) => { // mulberry32
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) % n;
};

let made = 0;
const add = {
  '/v1/messages': (n) => Promise.all(Array.from({ length: n }, () => h.text(guest(random(5)), `m ${made++}`))),
  thread: (n) => Promise.all(Array.from({ length: n }, () => h.text(guest(1), `t ${made++}`))),
  '/v1/audit': async (n) => { for (; n; n--) await h.api('/v1/account', { method: 'PATCH', body: { name: `n ${made++}` } }); },
  '/v1/invitations': async (n) => {
    for (; n; n--) await h.api('/v1/invitations', { body: { email: `p${made++}@example.com`, name: 'x', role: 'host' } });
  },
};
const key = (row) => row.id ?? row.ordinal;

for (const what of Object.keys(add))
  test(`${what}: none missing, none twice, newest first`, async () => {
    const route = what === 'thread' ? `/v1/conversations/${thread}/messages` : what;
    await add[what](20);
    for (let round = 0; round < ROUNDS; round++) {
      const whole = (await h.api(`${route}?limit=200`)).json;
      assert.equal(whole.next_cursor, null, 'this test is too long');
      const there = whole.data.map(key), seen = [];
      let cursor = null;
      do {
        const limit = 1 + random(9);
        const page = (await h.api(`${route}?limit=${limit}${cursor ? `&cursor=${cursor}` : ''}`)).json;
        assert.ok(page.data.length <= limit);
        assert.ok(page.data.length === limit || !page.next_cursor, 'only the last page is short');
        seen.push(...page.data.map(key));
        cursor = page.next_cursor;
        if (random(3) === 0) await add[what](1 + random(2));
      } while (cursor && seen.length < 400);
      const where = `seed ${SEED}, round ${round}`;
      assert.equal(new Set(seen).size, seen.length, `${where}: twice`);
      assert.deepEqual(there.filter((id) => !seen.includes(id)), [], `${where}: missing`);
      assert.deepEqual(seen.filter((id) => there.includes(id)), there, `${where}: out of order`);
    }
  });

test('a limit or cursor that does not fit is named', async () => {
  for (const [query, param] of [['limit=0', 'limit'], ['limit=201', 'limit'], ['limit=x', 'limit'],
                                ['cursor=x', 'cursor'], ['order=up', 'order']])
    for (const route of ['/v1/messages', '/v1/audit', '/v1/invitations', `/v1/conversations/${thread}/messages`])
      assert.equal((await h.api(`${route}?${query}`)).json.param, param, `${route}?${query}`);
});

// enumeration.test.mjs - how long a login takes does not tell whether there is such a user.
// SAMPLES=1000 takes so many of each (200 unless given).
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { call, house } from './house.mjs';

const ROUNDS = 5;
const SAMPLES = Number(process.env.SAMPLES ?? 200);
const PASSWORD = 'Correct-horse-7-staple';
let h, next = 0;
before(async () => {
  h = await house({ seeded: false });
  await h.gateway({ PASSWORD_COST: '8', TRUST_PROXY: 'yes' });
  await call(`${h.gatewayUrl}/v1/signup`, { body: { email: 'a@example.com', password: PASSWORD, name: 'A', venue: 'A' } });
  await call(`${h.gatewayUrl}/v1/join`, { body: { token: await h.code('a@example.com') } });
  h.sql(`INSERT INTO users (organisation_id, user_id, login, name, password_hash)
         SELECT organisation_id, 'usr_' || i, 'known' || i || '@example.com', 'x', password_hash
         FROM users, generate_series(1, 200) i`);
});
after(() => h?.close());

const median = (list) => list.sort((a, b) => a - b)[list.length >> 1];

/** How far the medians of `SAMPLES` logins each are apart, as a part of the slower one. */
async function apart() {
  const took = { known: [], nobody: [] };
  for (let i = 0; i < 20 + SAMPLES; i++)
    for (const who of i % 2 ? ['known', 'nobody'] : ['nobody', 'known']) {
      const from = { 'x-forwarded-for': `198.51.${next % 250}.${next++ % 199}` };
      const login = `${who}${1 + i % 200}@example.com`;
      const start = process.hrtime.bigint();
      const r = await call(`${h.gatewayUrl}/v1/login`, { body: { login, password: 'Wrong-7-wrong' }, headers: from });
      const ms = Number(process.hrtime.bigint() - start) / 1e6;
      assert.equal(r.status, 401, r.text);
      if (i >= 20) took[who].push(ms); // the first ones warm up
    }
  const known = median(took.known), nobody = median(took.nobody);
  const part = Math.abs(known - nobody) / Math.max(known, nobody);
  console.log(`# medians of ${SAMPLES}: known ${known.toFixed(2)} ms, unknown ${nobody.toFixed(2)} ms, ${(part * 100).toFixed(1)} % apart`);
  return part;
}

// a busy machine may set two medians apart now and then, but not always: what tells them apart does so each time
test('the unknown take as long as the mistaken', async () => {
  const rounds = [];
  do rounds.push(await apart());
  while (rounds.at(-1) >= 0.05 && rounds.length < ROUNDS);
  assert.ok(rounds.at(-1) < 0.05, `${rounds}`);
});

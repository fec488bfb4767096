// hosts.test.mjs - five hosts at once do what comes to their minds: no party is lost, doubled or misplaced.
//
//   SEED=7 ACTIONS=2000 node --test tests/e2e/hosts.test.mjs
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { guest, house } from './house.mjs';

const SEED = Number(process.env.SEED ?? 1);
const ACTIONS = Number(process.env.ACTIONS ?? 80); // of each host
const HOSTS = 5;

let h, urls;
before(async () => {
  h = await house({ prism: false });
  const first = await h.gateway();
  const second = await h.gateway({ PORT: '0' });
  urls = [first.url, second.url];
});
after(() => h?.close());

/** mulberry32: small, seeded. */
function random(seed) {
  let a = seed;
  return (n) => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % n;
  };
}

const board = async () => (await h.api('/v1/parties?limit=200')).json.data;

test(`what they all did is what the board shows (SEED=${SEED})`, { timeout: 250_000 }, async () => {
  const added = new Map(); // id -> the answers that changed it
  const deleted = new Set();
  const next = [];
  let number = 5000;
  const call = (draw, route, body, method = 'POST') =>
    fetch(urls[draw(2)] + route, { method, body: body && JSON.stringify(body),
      headers: { authorization: 'Bearer mk_test_0000000000000000000000000001', 'content-type': 'application/json' } })
      .then(async (r) => ({ status: r.status, json: await r.json() }));
  const note = (r) => {
    if (r.status < 300 && r.json.changed) added.get(r.json.party.id)?.push(r.json);
  };

  async function act(draw) {
    const ids = [...added.keys()];
    const id = ids[draw(ids.length || 1)];
    const other = ids[draw(ids.length || 1)];
    const kind = draw(20);
    if (!id || kind < 3) {
      const r = await call(draw, '/v1/parties', { name: 'N', size: 1 + draw(6), text: draw(2) === 1,
        phone: draw(3) ? guest(number++) : undefined });
      assert.equal(r.status, 201);
      const list = added.get(r.json.party.id) ?? [];
      added.set(r.json.party.id, [r.json, ...list]);
      return;
    }
    const [what, body, method] = [
      ['notify'], ['notify'], ['notify'], ['coming'], ['more-time', { minutes: 5 }], ['seat', { seat: '4' }], ['no-show'],
      ['cancel', { by: 'guest' }], ['undo'], ['undo'], ['undo'], ['move', { after: other }], ['move', {}],
      ['', { size: 1 + draw(9) }, 'PATCH'], ['', { quote_max: 5 * draw(9) }, 'PATCH'], ['', undefined, 'DELETE'], ['next'],
    ][kind - 3];
    if (what === '' && method === 'DELETE' && draw(4)) return;
    const route = what === 'next' ? '/v1/parties/next' : `/v1/parties/${id}${what && '/'}${what}`;
    const r = await call(draw, route, what === 'next' ? {} : body, method);
    assert.ok([200, 404, 409].includes(r.status), `${route}: ${r.status} ${JSON.stringify(r.json)}`);
    if (method === 'DELETE' && r.status === 200) deleted.add(id);
    else if (what === 'next' && r.status === 200) { next.push(`${r.json.party.id} ${r.json.party.version}`); note(r); }
    else note(r);
  }

  await Promise.all(Array.from({ length: HOSTS }, async (_, host) => {
    const draw = random(SEED * 100 + host);
    for (let i = 0; i < ACTIONS; i++) await act(draw);
  }));

  const rows = new Map(h.sql(`SELECT party_id, state, version, ended_at IS NULL, place,
      (SELECT string_agg(message_id, ' ' ORDER BY message_id) FROM messages m WHERE m.visit = p.party_id)
      FROM parties p`).split('\n').map((row) => row.split('|')).map(([id, ...rest]) => [id, rest]));
  for (const [id, answers] of added) {
    if (deleted.has(id)) {
      assert.ok(!rows.has(id), `${id} was deleted`);
      continue;
    }
    assert.ok(rows.has(id), `${id} is lost`);
    const [state, version, , , texts] = rows.get(id);
    const versions = answers.map((a) => a.party.version).sort((a, b) => a - b);
    assert.deepEqual(versions, versions.map((_, i) => i + 1), `${id}: each change counts, once`);
    assert.equal(Number(version), versions.length, `${id}: nothing else changed it`);
    assert.equal(state, answers.find((a) => a.party.version === Number(version)).party.state);
    const told = answers.filter((a) => a.text.texted).map((a) => a.text.message_id).sort().join(' ');
    assert.equal(texts, told, `${id}: a text for each press that said so, and no other`);
  }
  assert.equal(rows.size, added.size - deleted.size, 'nobody came twice');
  assert.equal(new Set(next).size, next.length, 'nobody was called next twice by one press');
  const open = [...rows].filter(([, r]) => r[2] === 't');
  assert.equal(new Set(open.map(([, r]) => r[3])).size, open.length, 'no two at one place');
  const line = open.sort(([, a], [, b]) => Number(a[3]) - Number(b[3])).map(([id]) => id);
  assert.deepEqual((await board()).map((p) => p.id), line);
});

test(`the line is in the order that was asked for (SEED=${SEED})`, async () => {
  const draw = random(SEED);
  h.sql('DELETE FROM parties');
  const line = [];
  const post = async (route, body = {}) => {
    const r = await h.api(route, { body });
    assert.ok(r.status < 300, `${route}: ${r.text}`);
    return r.json.party;
  };
  for (let i = 0; i < 12; i++) line.push((await post('/v1/parties', { size: 2 })).id);
  let away = null; // who left the line, and comes back to where they were
  const move = async () => {
    const [id] = line.splice(line.indexOf(line.filter((x) => x !== away)[draw(line.length - 1)]), 1);
    const here = line.filter((x) => x !== away);
    const to = draw(here.length + 1);
    line.splice(to ? line.indexOf(here[to - 1]) + 1 : line.indexOf(here[0]), 0, id);
    await post(`/v1/parties/${id}/move`, to ? { after: here[to - 1] } : {});
  };
  for (let i = 0; i < 60; i++) {
    await move();
    if (i % 3 === 0) {
      away = line[draw(line.length)];
      await post(`/v1/parties/${away}/seat`);
      for (let k = draw(3); k >= 0; k--) await move();
      assert.deepEqual((await board()).map((p) => p.id), line.filter((x) => x !== away));
      await post(`/v1/parties/${away}/undo`);
      away = null;
    }
    assert.deepEqual((await board()).map((p) => p.id), line, `move ${i}`);
  }
});

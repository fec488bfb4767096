// operator_pages.test.mjs - GET /status, for everybody: what it says when carriers, queue or database fail, and that it
// names nobody; GET /doctor, for who has the token, while others are answered as before. Both are looked at.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { axe_clean, browse, page_of, shot } from './browser.mjs';
import { call, guest, house, KEY, maitred, until } from './house.mjs';

const TOKEN = 'canary-operators-token-1';
const basic = (password) => ({ authorization: `Basic ${Buffer.from(`me:${password}`).toString('base64')}` });
const bearer = (token) => ({ authorization: `Bearer ${token}` });
let h, g;
before(async () => {
  h = await house();
  g = await h.gateway({ OPERATOR_TOKEN: TOKEN, DD_VERSION: 'v7-test' });
});
after(() => h?.close());

/** What is said within the seconds for which it is kept. */
const says = (what, seconds = 12) => until(JSON.stringify(what), async () => {
  const r = await h.api('/status', { key: null });
  assert.equal(r.status, 200);
  return Object.entries(what).every(([k, v]) => JSON.stringify(r.json[k]) === JSON.stringify(v)) && r.json;
}, seconds);
const carriers = (twilio, telnyx) => [{ carrier: 'twilio', state: twilio }, { carrier: 'telnyx', state: telnyx }];

test('all is well, and that is kept for some seconds', async () => {
  const said = await says({ status: 'ok' });
  assert.deepEqual(said, { status: 'ok', database: 'up', queue: 'moving', carriers: carriers('up', 'up'), version: 'v7-test' });
  const asked = async () => Number((await call(`${g.url}/metrics`, { headers: bearer(TOKEN) })).text
    .match(/maitred_database_queries_total\{lane="door",outcome="ok"\} (\d+)/)[1]);
  const before = await asked();
  await Promise.all(Array.from({ length: 300 }, () => call(`${g.url}/status`)));
  assert.ok(await asked() - before < 30, 'the database was not asked for each');
});

test('a carrier that fails, one that was taken out, a queue that does not move', async () => {
  h.sql("UPDATE breakers SET state = 'open', open_until = now() + interval '1 h' WHERE provider = 'twilio' AND operation = 'send'");
  await says({ status: 'degraded', carriers: carriers('failing', 'up') });
  execFileSync(maitred, ['drain', 'telnyx', 'an incident of ours'], { env: { ...process.env, ...h.env } });
  const said = await says({ status: 'down', carriers: carriers('failing', 'drained') });
  assert.doesNotMatch(JSON.stringify(said), /incident/);
  const id = await h.text(guest(1));
  execFileSync(maitred, ['undrain', 'telnyx'], { env: { ...process.env, ...h.env } });
  await h.heal();
  await until('it left', async () => (await h.message(id)).state === 'delivered');
  await says({ status: 'ok' });
});

test('in a browser it is a page, in three languages', async (t) => {
  const browser = await browse(t, h.dir);
  for (const [locale, words] of [['en-US', 'Texts and calls go out'], ['es-MX', 'Los mensajes y llamadas salen'], ['fr-FR', 'Les messages et appels partent']]) {
    const page = await page_of(browser, { locale });
    await page.goto(`${g.url}/status`);
    assert.equal(await page.textContent('h1'), words);
    assert.match(await page.textContent('dl'), /Twilio[^]*Telnyx[^]*v7-test/);
    assert.deepEqual(page.problems, []);
  }
  for (const [size, dark] of [['phone', true], ['desktop', false]]) {
    const page = await page_of(browser, { size, dark });
    await page.goto(`${g.url}/status`);
    await axe_clean(page);
    await shot(page, `status-${size}${dark ? '-dark' : ''}`);
  }
});

test('only who has the token sees the doctor: as bearer, or as a password', async () => {
  for (const headers of [{}, bearer('x'), bearer(KEY), basic('x'), basic(''), { authorization: 'Basic !' }, { authorization: TOKEN }]) {
    const r = await call(`${g.url}/doctor`, { headers });
    assert.equal(r.status, 401);
    assert.match(r.headers.get('www-authenticate'), /Basic realm="maitred"/);
    assert.doesNotMatch(r.text, /database/);
  }
  for (const headers of [bearer(TOKEN), basic(TOKEN)]) {
    const r = await h.api('/doctor', { key: null, headers });
    assert.equal(r.status, 200);
    assert.equal(r.json.ok, true, r.text);
    assert.ok(r.json.checks.length > 20);
    assert.equal((await call(`${g.url}/metrics`, { headers })).status, 200);
  }
  const off = await h.gateway({ PORT: '0' });
  assert.equal((await call(`${off.url}/doctor`, { headers: bearer(TOKEN) })).status, 404);
  await off.stop();
});

test('nobody waits for the doctor, and a third one is asked to come back', async () => {
  await h.faults('twilio', { kind: 'hang_before_accept', ms: 9000, on: 'read' });
  const rounds = Array.from({ length: 3 }, () => call(`${g.url}/doctor`, { headers: bearer(TOKEN) }));
  await sleep(300);
  const slowest = Math.max(...await Promise.all(Array.from({ length: 20 }, async () => {
    const start = Date.now();
    assert.equal((await call(`${g.url}/healthz`)).status, 200);
    return Date.now() - start;
  })));
  assert.ok(slowest < 1000, `${slowest} ms`);
  const answers = await Promise.all(rounds);
  assert.deepEqual(answers.map((r) => r.status).sort(), [200, 200, 503]);
  assert.match(answers.find((r) => r.status === 200).text, /"check":"twilio","level":"fail"/);
  await h.heal();
});

test('the doctor as a page: what fails comes first, and hostile words stay words', async (t) => {
  const browser = await browse(t, h.dir);
  execFileSync(maitred, ['drain', 'twilio', '<img src=x onerror=alert(1)>'], { env: { ...process.env, ...h.env } });
  await h.faults('telnyx', { kind: 'status', http_status: 500, on: 'read' });
  for (const [size, dark] of [['phone', false], ['tablet', true], ['desktop', false]]) {
    const page = await page_of(browser, { size, dark, httpCredentials: { username: 'me', password: TOKEN } });
    await page.goto(`${g.url}/doctor`);
    assert.equal(await page.textContent('h1'), '1 failed, 1 to look at');
    const all = await page.locator('.checks li').allTextContents();
    assert.match(all[0], /fails\s+telnyx\s[^]*500[^]*To mend it:/);
    assert.match(all[1], /look\s+twilio\.state[^]*<img src=x onerror=alert\(1\)>[^]*maitred undrain twilio/);
    assert.deepEqual(page.problems, []);
    await axe_clean(page);
    await shot(page, `doctor-${size}${dark ? '-dark' : ''}`);
  }
  execFileSync(maitred, ['undrain', 'twilio'], { env: { ...process.env, ...h.env } });
  await h.heal();
});

test('a gateway that stops lets the doctor end first', async () => {
  const other = await h.gateway({ PORT: '0', OPERATOR_TOKEN: TOKEN });
  const round = call(`${other.url}/doctor`, { headers: bearer(TOKEN) });
  await sleep(20);
  const end = await other.stop();
  assert.equal(end.code, 0);
  assert.equal((await round).status, 200);
});

test('without its database it says so, soon', async () => {
  h.postgres('crash', h.dir);
  const said = await says({ status: 'down', database: 'away', queue: 'unknown' });
  assert.deepEqual(said.carriers, carriers('unknown', 'unknown'));
  const r = await call(`${g.url}/doctor`, { headers: bearer(TOKEN) });
  assert.ok(r.json.checks.some((c) => c.check === 'database' && c.level === 'fail'), r.text);
  h.postgres('start', h.dir);
  await says({ status: 'ok' }, 20);
});

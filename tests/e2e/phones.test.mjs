// phones.test.mjs - the page with the simulated phones, in a real browser: recipes, what is marked and on
// top, links, and the way to it through the gateway.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { axe_clean, browse, page_of, shot } from './browser.mjs';
import { call, guest, house, maitred, until } from './house.mjs';

let h, gateway;
before(async () => { h = await house(); gateway = await h.gateway({ PHONES_URL: `${h.control}/sim` }); });
after(() => h?.close());

const faults = async () => Object.fromEntries(Object.entries((await h.sim('/sim/v1/faults')).json)
  .map(([name, { faults }]) => [name, faults.filter((f) => !f.over).map((f) => f.kind).sort().join(' ')]));

test('the gateway leads to the phones in a demonstration, and else has none', async (t) => {
  const to = await fetch(`${gateway.url}/sim?recipe=outage&x=1`, { redirect: 'manual' });
  assert.deepEqual([to.status, to.headers.get('location')], [302, `${h.control}/sim?recipe=outage&x=1`]);
  assert.equal((await fetch(`${gateway.url}/sim`, { redirect: 'manual' })).headers.get('location'), `${h.control}/sim`);
  const real = await h.gateway({ PORT: '0' });
  t.after(() => real.stop());
  const none = await call(`${real.url}/sim`);
  assert.deepEqual([none.status, none.json.code], [404, 'not_found']);
});

test('its policy allows nothing inline, and a frame of the gateway alone', async (t) => {
  const r = await fetch(`${h.control}/sim`);
  const policy = r.headers.get('content-security-policy');
  assert.doesNotMatch(policy, /unsafe/);
  assert.match(policy, new RegExp(`frame-ancestors 'self' ${h.gatewayUrl}$`));
  assert.doesNotMatch(await r.text(), /<style|style=|<script>| on\w+=/);
  assert.equal((await call(`${h.control}/sim/nothing.js`)).status, 404);

  // two sites that frame phones; those of one know the other as their gateway
  const site = async () => {
    const server = createServer((req, res) => res.setHeader('content-type', 'text/html')
      .end(`<iframe src="http://127.0.0.1:${req.url.slice(1)}/sim" width="380" height="700"></iframe>`)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.after(() => server.close());
    return `http://127.0.0.1:${server.address().port}`;
  };
  const [own, stranger] = [await site(), await site()];
  const sim = spawn(maitred, ['sim', '--port', '0', '--gateway', own]);
  t.after(() => sim.kill());
  let said = '';
  for (const out of [sim.stdout, sim.stderr]) out.on('data', (d) => { said += d; });
  const [, port] = await until('it is ready', () => said.match(/ready control=http:\/\/127\.0\.0\.1:(\d+)/));
  const page = await page_of(await browse(t, h.dir));
  await page.goto(`${own}/${port}`);
  await page.frameLocator('iframe').getByRole('heading', { name: 'Simulated phones' }).waitFor();
  assert.deepEqual(page.problems, []);
  await page.goto(`${stranger}/${port}`);
  await until('it is refused', () => page.problems.some((p) => p.includes('frame-ancestors')));
});

test('recipes are links: each puts its switches, says so, and is taken back', async (t) => {
  const page = await page_of(await browse(t, h.dir));
  const kinds = {
    'lost-answer': { twilio: 'hang_after_accept', telnyx: '' },
    outage: { twilio: 'refuse', telnyx: '' },
    'late-receipt': { twilio: 'callbacks_late', telnyx: 'callbacks_late' },
    flood: { twilio: 'callbacks_duplicate callbacks_forged callbacks_reorder',
             telnyx: 'callbacks_duplicate callbacks_forged callbacks_reorder' },
  };
  await page.goto(`${h.control}/sim`);
  assert.deepEqual(await page.$$eval('.recipes a', (all) => all.map((a) => a.dataset.recipe)), ['normal', ...Object.keys(kinds)]);
  for (const [name, want] of Object.entries(kinds)) {
    await page.click(`[data-recipe=${name}]`);
    await page.waitForSelector(`[data-recipe=${name}][aria-current=true]`);
    assert.deepEqual(await faults(), want, name);
    assert.equal(new URL(page.url()).search, '', 'reloading does not do it again');
    assert.equal(await page.textContent('.recipes .state'), await page.textContent(`[data-recipe=${name}]`));
  }
  await page.goto(`${h.control}/sim?recipe=nonsense`);
  await page.waitForSelector('[data-recipe=flood][aria-current=true]');
  await page.getByRole('link', { name: 'Back to normal' }).click();
  await page.waitForFunction(() => document.querySelector('.recipes .state').textContent === 'All works');
  assert.deepEqual(await faults(), { twilio: '', telnyx: '' });
  await page.locator('.carrier', { hasText: 'Telnyx' }).last().getByRole('button', { name: 'Refuses connections' }).click();
  await page.waitForFunction(() => document.querySelector('.recipes .state').textContent === 'Switched by hand');
  assert.deepEqual(await faults(), { twilio: '', telnyx: 'refuse' });
  await h.heal();
  assert.deepEqual(page.problems, []);
});

test('a phone that buzzes comes first and is marked; our links can be followed, others not', async (t) => {
  const page = await page_of(await browse(t, h.dir));
  const [one, two] = [guest(1), guest(2)];
  await h.text(one, `See ${h.gatewayUrl}/g/AAAAAAAAAAAA. Not http://evil.example/x or javascript:alert(1) <b>`);
  await until('it is there', async () => (await h.sim(`/sim/v1/ledger?to=${one.slice(1)}`)).json.texts.length === 1);
  await page.goto(`${h.control}/sim`);
  await page.waitForSelector('.phone');
  assert.equal(await page.locator('.buzzed').count(), 0, 'not for what was there before');
  assert.deepEqual(await page.$$eval('.bubble a', (all) => all.map((a) => [a.href, a.target, a.rel])),
                   [[`${h.gatewayUrl}/g/AAAAAAAAAAAA`, '_blank', 'noopener noreferrer']]);
  assert.match(await page.textContent('.bubble'), /http:\/\/evil\.example\/x or javascript:alert\(1\) <b>/);
  const first = () => page.getAttribute('.phone', 'aria-label');
  const tail = (number) => `555-${number.slice(-4)}`;
  for (const number of [two, one]) {
    await h.text(number, 'Your table is ready.');
    await page.waitForFunction((n) => document.querySelector('.phone').ariaLabel.includes(n), tail(number));
    assert.match(await page.textContent('.phone .fresh'), /Just now/);
    assert.match(await page.getAttribute('.phone', 'class'), /buzzed/);
  }
  await page.locator('.phone').last().getByLabel('Text from').fill('I am writing');
  await h.text(two, 'Your table is still ready.');
  await until('it buzzes', async () => (await page.locator('.buzzed').count()) === 2);
  assert.ok((await first()).includes(tail(one)), 'nothing moves under who writes');
  await page.locator('.phone').last().getByRole('button', { name: 'Send' }).click();
  await page.waitForFunction((n) => document.querySelector('.phone').ariaLabel.includes(n), tail(two));
  await page.locator('.phone').first().getByRole('button', { name: 'Reply STOP' }).click();
  await page.getByText('STOP at').waitFor();
  assert.deepEqual(page.problems, []);
});

test('axe finds nothing, at 380 px as well; pictures', async (t) => {
  const browser = await browse(t, h.dir);
  await h.sim('/sim/v1/phones/12125551001', { method: 'PUT', body: { call: 'wait' } });
  for (const [name, options] of Object.entries({
    frame: { viewport: { width: 380, height: 900 } }, 'frame-dark': { viewport: { width: 380, height: 900 }, dark: true },
    phone: { size: 'phone' }, tablet: { size: 'tablet', dark: true }, desktop: {}, 'desktop-dark': { dark: true } })) {
    const page = await page_of(browser, options);
    await page.goto(`${h.control}/sim?recipe=outage`);
    await page.waitForSelector('.phone');
    await page.waitForSelector('[data-recipe=outage][aria-current=true]', { state: 'attached' });
    await axe_clean(page);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), name);
    await shot(page, `phones-${name}`);
    await page.context().close();
  }
  await h.heal();
});

// console_billing.test.mjs - what the console says of a subscription: to managers, with the way to Recurly; to hosts
// only what does not work.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { axe_clean, browse, shot } from './browser.mjs';
import { desk, party } from './desk.mjs';
import { ACCOUNT, house, until } from './house.mjs';
import { recurly } from './recurly.mjs';

let h, r, manager, phone, host;
const closing = [];
before(async () => {
  r = await recurly();
  r.set(ACCOUNT, 'active');
  h = await house();
  await h.gateway(r.env());
  const browser = await browse({ after: (close) => closing.push(close) }, h.dir);
  await party(h, 'Sam');
  manager = await desk(h, browser);
  phone = await desk(h, browser, { size: 'phone', dark: true });
  host = await desk(h, browser, { size: 'tablet', name: 'Hugo', role: 'host' });
});
after(async () => { for (const close of closing) await close(); await h?.close(); r?.close(); });

const banner = (page) => page.locator('.banner');
const state = () => h.sql(`SELECT state FROM billing WHERE account_id = '${ACCOUNT}'`);

async function becomes(wanted, more, invoices = []) {
  r.set(ACCOUNT, wanted, more).invoices = invoices;
  assert.equal((await r.hook(h.gatewayUrl, ACCOUNT)).status, 200);
  await until(wanted, () => state() === (invoices.length ? 'past_due' : wanted));
}

async function seen(name) {
  for (const [page, size] of [[manager, 'desktop'], [phone, 'phone-dark'], [host, 'tablet-host']]) {
    await page.reload();
    await page.locator('.live:not(.stale)').waitFor();
    await shot(page, `billing-${name}-${size}`);
    await axe_clean(page);
    const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(over <= 0, `${size}: ${over} px hang out`);
  }
}

test('active: nothing is said', async () => {
  await seen('active');
  for (const page of [manager, phone, host]) assert.equal(await banner(page).count(), 0);
});

test('past due: managers are asked to see to it, hosts are left in peace', async () => {
  await becomes('active', {}, [{ id: 'i1', state: 'past_due', due_at: Date.now() - 864e5 }]);
  await seen('past-due');
  for (const page of [manager, phone]) assert.match(await banner(page).innerText(), /payment is overdue\. Everything works/);
  assert.equal(await banner(host).count(), 0);
  await manager.getByRole('link', { name: 'Manage the subscription' }).click();
  const link = manager.locator('.form').getByRole('link', { name: 'Manage the subscription' });
  await link.waitFor();
  assert.equal(await link.getAttribute('href'), 'https://venues.recurly.com/account/tok3nOfTheAccount');
  assert.match(await link.getAttribute('rel'), /noreferrer/);
  assert.equal(await manager.locator('input[autocomplete^=cc], iframe').count(), 0);
  h.sql(`INSERT INTO usage_posts (account_id, day, seq, kind, amount, subscription_id, state, why)
         VALUES ('${ACCOUNT}', '2026-11-20', 1, 'sms', 412, 's', 'posted', NULL), ('${ACCOUNT}', '2026-11-20', 2, 'call', 31, 's', 'posted', NULL),
                ('${ACCOUNT}', '2026-11-20', 3, 'sms', -2, 's', 'dropped', 'Recurly answered 422: x')`);
  h.sql("UPDATE usage_posts SET due_at = now() + interval '1 day'");
  for (const page of [manager, phone]) {
    await page.evaluate(() => { location.hash = '#/settings/subscription'; });
    await page.reload();
    await page.getByText('412').waitFor();
    await shot(page, `billing-settings-${page === phone ? 'phone-dark' : 'desktop'}`);
    await axe_clean(page);
    await page.evaluate(() => { location.hash = '#/board'; });
  }
});

test('paused: both are told, and the board works', async () => {
  await becomes('paused', { paused_at: Date.now() });
  await seen('paused');
  for (const page of [manager, phone, host]) assert.match(await banner(page).innerText(), /no texts or calls go out\. The board works/);
  assert.match(await banner(host).innerText(), /Tell a manager/);
  assert.equal(await banner(host).getByRole('link').count(), 0);
  await host.getByRole('button', { name: /Notify Sam/ }).click();
  await host.getByText(/Not texted/).waitFor();
});

test('it has ended: tonight goes on, then the board is read-only', async () => {
  await becomes('expired', { expires_at: Date.now() });
  await seen('ending');
  assert.match(await banner(manager).innerText(), /becomes read-only on/);
  assert.equal(await banner(host).count(), 0);
  h.sql('UPDATE billing SET until = now()');
  await seen('read-only');
  for (const page of [manager, host]) assert.match(await banner(page).innerText(), /the board is read-only/);
  await host.getByRole('button', { name: /Seat Sam/ }).click();
  await host.getByText(/The subscription has ended, so the board is read-only/).waitFor();
  for (const [language, words] of [['es', /solo lectura/], ['fr', /lecture seule/]]) {
    await manager.evaluate((l) => localStorage.setItem('maitred.language', JSON.stringify(l)), language);
    await manager.reload();
    await banner(manager).waitFor();
    assert.match(await banner(manager).innerText(), words);
    await shot(manager, `billing-read-only-${language}`);
  }
});

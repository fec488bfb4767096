// console_board.test.mjs - the board as a host uses it, in a real browser: parties put down, told, answered,
// seated; what is stale, what waits, what cannot be missed.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { axe_clean, browse, shot } from './browser.mjs';
import { desk, on_phone, party, row, says } from './desk.mjs';
import { house, until } from './house.mjs';

let h, browser;
const closing = [];
before(async () => {
  h = await house();
  await h.gateway();
  browser = await browse({ after: (close) => closing.push(close) }, h.dir);
});
after(async () => { for (const close of closing) await close(); await h?.close(); });

test('pictures', async () => {
  const page = await desk(h, browser, { size: 'tablet' });
  const ana = await party(h, 'Ana Flores', { size: 4, tags: ['high chair'], notes: 'By the window, please' });
  const names = ['Bo Lindqvist', 'Carla', 'Dmitri Petrov', 'Aïcha Benali'];
  for (const name of names) await party(h, name, { size: 3 });
  await h.api('/v1/parties', { body: { name: 'Old Mr. Gray', size: 1 } });
  await row(page, 'Ana').getByRole('button', { name: /^Notify/ }).click();
  await shot(page, 'board-undo');
  await until('arrives', async () => (await on_phone(h, ana.phone)).some((x) => x.includes('ready')));
  await says(h, ana.phone, 'We are five minutes away, is that all right?');
  await row(page, 'Ana').locator('.unread').waitFor();
  await shot(page, 'board-tablet');
  await row(page, 'Ana').locator('.unread').click();
  await page.getByRole('complementary', { name: 'Texts and calls' }).waitFor();
  await page.waitForTimeout(500);
  await shot(page, 'thread-tablet');
  await page.getByRole('button', { name: 'Why?' }).nth(1).click();
  await page.waitForTimeout(500);
  await shot(page, 'why-tablet');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Close' }).first().click();
  await page.keyboard.press('n');
  await shot(page, 'add-tablet');
  await axe_clean(page);
  await page.keyboard.press('Escape');
  await row(page, 'Carla').getByRole('button', { name: /^More/ }).click();
  await shot(page, 'menu-tablet');
  await page.keyboard.press('Escape');
  await page.getByRole('tab', { name: 'Bookings' }).click();
  await shot(page, 'bookings-tablet');
  await page.getByRole('button', { name: 'New booking' }).click();
  await shot(page, 'booking-new');
  console.log(page.problems);
  const phone = await desk(h, browser, { size: 'phone', dark: true });
  await row(phone, 'Ana').waitFor();
  await shot(phone, 'board-phone-dark');
  await row(phone, 'Ana').locator('.who').click();
  await phone.waitForTimeout(500);
  await shot(phone, 'thread-phone-dark');
  const big = await desk(h, browser, { size: 'desktop', dark: true });
  await row(big, 'Ana').locator('.who').click();
  await big.waitForTimeout(500);
  await shot(big, 'board-desktop-dark');
  console.log(phone.problems, big.problems);
});

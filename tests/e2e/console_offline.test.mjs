// console_offline.test.mjs - the console when the gateway, the network or the page goes away: what is stale says
// so, what staff do waits and is done once, and no text is pretended.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { axe_clean, browse, shot } from './browser.mjs';
import { desk, names_in_line, on_phone, party, row, says } from './desk.mjs';
import { guest, house, until } from './house.mjs';

let h, gateway, browser;
const closing = [];
before(async () => {
  h = await house();
  gateway = await h.gateway();
  browser = await browse({ after: (close) => closing.push(close) }, h.dir);
});
after(async () => { for (const close of closing) await close(); await h?.close(); });
beforeEach(() => h.sql('DELETE FROM calls_due; DELETE FROM parties'));

const stale = (page) => page.getByText(/No connection: as of \d/);
const live = (page) => page.locator('.live:not(.stale)').waitFor();
const outbox = (page) => page.getByRole('region', { name: 'Not sent yet' });

test('without a gateway the board says since when it is old; what was done waits, and is done once', async () => {
  const [ana, bo] = [await party(h, 'Ana', { text: false }), await party(h, 'Bo', { text: false })];
  const page = await desk(h, browser, { size: 'tablet' });
  await row(page, 'Bo').waitFor();
  await gateway.stop('SIGKILL');
  await stale(page).waitFor();
  await row(page, 'Ana').getByRole('button', { name: /^Notify/ }).click();
  await row(page, 'Bo').getByRole('button', { name: 'Seat Bo' }).click();
  await outbox(page).getByText(/Notify Ana/).waitFor();
  await outbox(page).getByText(/Seat Bo/).waitFor();
  await row(page, 'Ana').getByText('Waits for a connection: Notify Ana').waitFor();
  assert.equal(await row(page, 'Ana').getByText('notified').count(), 0, 'nothing is pretended');
  assert.equal(await row(page, 'Bo').count(), 1);
  await axe_clean(page);
  await shot(page, 'board-stale');
  gateway = await h.gateway();
  await live(page);
  await row(page, 'Ana').getByText('Table ready: delivered').waitFor();
  await row(page, 'Bo').waitFor({ state: 'detached' });
  await outbox(page).waitFor({ state: 'detached' });
  assert.equal((await on_phone(h, ana.phone)).length, 1);
  assert.equal((await h.api(`/v1/parties/${bo.id}`)).json.state, 'seated');
});

test('an answer that is lost is asked for again with the same key: one party, one text', async () => {
  const page = await desk(h, browser);
  let lost = 0;
  await page.route('**/v1/parties', async (route) => {
    if (route.request().method() !== 'POST' || lost++) return route.fallback();
    await route.fetch(); // it was done
    await route.abort(); // but nobody hears of it
  });
  const number = guest(7101);
  await page.keyboard.press('n');
  await page.getByLabel('Phone').fill(number);
  await page.getByLabel('Name').fill('Carla');
  await page.keyboard.press('Enter');
  await until('asked again', () => lost >= 2);
  await page.getByRole('form', { name: 'Add a party' }).waitFor({ state: 'detached' });
  await row(page, 'Carla').waitFor();
  assert.equal(h.sql('SELECT count(*) FROM parties'), '1');
  await until('their text', async () => (await on_phone(h, number)).length > 0);
  assert.equal((await on_phone(h, number)).length, 1);
});

test('a page that is closed before the answer does what it was told when it is opened again', async () => {
  const p = await party(h, 'Dana', { text: false });
  const page = await desk(h, browser, { size: 'tablet' });
  await row(page, 'Dana').waitFor();
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null || navigator.serviceWorker.ready);
  await page.waitForFunction(() => JSON.parse(localStorage['maitred.board'] ?? '{}').parties?.length === 1);
  await page.context().setOffline(true);
  await stale(page).waitFor();
  await row(page, 'Dana').getByRole('button', { name: /^Notify/ }).click();
  await row(page, 'Dana').getByText('Waits for a connection').waitFor();
  await page.reload(); // without a network: from the device
  await row(page, 'Dana').getByText('Waits for a connection').waitFor();
  await stale(page).waitFor();
  assert.deepEqual(await on_phone(h, p.phone), []);
  await page.context().setOffline(false);
  await live(page);
  await row(page, 'Dana').getByText('Table ready: delivered').waitFor();
  assert.equal((await on_phone(h, p.phone)).length, 1);
});

test('a word to a guest that waited too long asks before it goes', async () => {
  const [eve, fay] = [await party(h, 'Eve', { text: false }), await party(h, 'Fay', { text: false })];
  const page = await desk(h, browser, { size: 'phone' });
  await row(page, 'Fay').waitFor();
  await page.context().setOffline(true);
  await stale(page).waitFor();
  for (const name of ['Eve', 'Fay']) await row(page, name).getByRole('button', { name: /^Notify/ }).click();
  await outbox(page).getByText(/Notify Fay/).waitFor();
  await page.evaluate(() => { // three minutes pass
    const acts = JSON.parse(localStorage['maitred.outbox']);
    localStorage['maitred.outbox'] = JSON.stringify(acts.map((a) => ({ ...a, at: a.at - 180_000 })));
  });
  await page.reload();
  await page.context().setOffline(false);
  await outbox(page).getByText(/Notify Eve.*It waited too long/).waitFor();
  await shot(page, 'board-held-back');
  await outbox(page).locator('p', { hasText: 'Eve' }).getByRole('button', { name: 'Send it' }).click();
  await outbox(page).locator('p', { hasText: 'Fay' }).getByRole('button', { name: 'Drop it' }).click();
  await row(page, 'Eve').getByText('Table ready: delivered').waitFor();
  assert.equal((await on_phone(h, eve.phone)).length, 1);
  assert.deepEqual(await on_phone(h, fay.phone), []);
});

test('what was refused after all is said, also when its page was closed', async () => {
  await party(h, 'Gil', { text: false });
  const page = await desk(h, browser);
  await row(page, 'Gil').waitFor();
  await page.context().setOffline(true);
  await stale(page).waitFor();
  await row(page, 'Gil').getByRole('button', { name: 'Seat Gil' }).click();
  await outbox(page).getByText(/Seat Gil/).waitFor();
  h.sql("DELETE FROM parties"); // somebody else deleted them
  await page.reload();
  await page.context().setOffline(false);
  await page.getByText(/Seat Gil: /).waitFor();
  await row(page, 'Gil').waitFor({ state: 'detached' });
});

test('two browsers on one board show the same, also after one was away', async () => {
  const [one, two] = [await desk(h, browser), await desk(h, browser, { name: 'Bo', role: 'host', size: 'tablet' })];
  for (const name of ['Hal', 'Ida', 'Jon']) await party(h, name);
  await row(two, 'Jon').waitFor();
  await two.context().setOffline(true);
  await stale(two).waitFor();
  await row(one, 'Ida').getByRole('button', { name: 'Seat Ida' }).click();
  const kim = await party(h, 'Kim');
  await until('they are on the list', async () => (await on_phone(h, kim.phone)).length === 1);
  await says(h, kim.phone, 'Hello?');
  await two.context().setOffline(false);
  await live(two);
  for (const page of [one, two]) {
    await until('the same', async () => (await names_in_line(page)).join() === 'Hal,Jon,Kim');
    await row(page, 'Kim').locator('.unread').getByText('Hello?').waitFor();
  }
});

test('who signs out leaves nothing of a guest on the device; who is thrown out neither', async () => {
  await party(h, 'Lou', { notes: 'allergic' });
  const page = await desk(h, browser);
  await page.waitForFunction(() => JSON.parse(localStorage['maitred.board'] ?? '{}').parties?.length === 1);
  await page.getByRole('button', { name: 'Marta' }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  const left = () => page.evaluate(() => JSON.stringify(localStorage));
  assert.doesNotMatch(await left(), /Lou|allergic|\+1|token/);

  const host = await desk(h, browser, { name: 'Tam', role: 'host' });
  await row(host, 'Lou').waitFor();
  h.sql("UPDATE users SET disabled_at = now() WHERE login = 'tam'; DELETE FROM sessions WHERE user_id IN (SELECT user_id FROM users WHERE login = 'tam')");
  await host.getByRole('heading', { name: 'Sign in' }).waitFor();
  assert.doesNotMatch(await host.evaluate(() => JSON.stringify(localStorage)), /Lou|allergic|\+1|token/);
});

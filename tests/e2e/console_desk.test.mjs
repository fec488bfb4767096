// console_desk.test.mjs - what else stands on the stand: bookings, the locked screen, languages, paper, the way in.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { axe_clean, browse, page_of, shot } from './browser.mjs';
import { PASSWORD, desk, on_phone, party, row, says, sign_in, staff } from './desk.mjs';
import { ACCOUNT, guest, house, until } from './house.mjs';

let h, browser;
const closing = [];
before(async () => {
  h = await house();
  await h.gateway();
  await h.api('/v1/account', { method: 'PATCH', body: { zone: 'America/Chicago' } });
  browser = await browse({ after: (close) => closing.push(close) }, h.dir);
});
after(async () => { for (const close of closing) await close(); await h?.close(); });

const booked = (page, name) => page.locator('.row.booking', { hasText: name });

test('a booking is made, confirmed, moved, and comes to the waitlist', async () => {
  const page = await desk(h, browser, { size: 'tablet' });
  const number = guest(7301);
  await page.getByRole('tab', { name: 'Bookings' }).click();
  await page.getByText('No bookings on this day.').waitFor();
  await axe_clean(page);
  await page.getByRole('button', { name: 'Day after' }).click();
  await page.getByRole('button', { name: 'New booking' }).click();
  const form = page.getByRole('dialog', { name: 'New booking' });
  await form.getByLabel('Phone').fill(number);
  await form.getByLabel('Name').fill('Vera');
  await form.getByLabel('People').fill('5');
  await form.getByLabel('Time').fill('18:30');
  await axe_clean(page);
  await shot(page, 'booking-new');
  await form.getByRole('button', { name: 'Save' }).click();
  await booked(page, 'Vera').getByText('6:30 PM').waitFor();
  assert.match(h.sql("SELECT starts_at AT TIME ZONE 'America/Chicago' FROM bookings"), / 18:30:00$/, 'by the clock of the venue');
  assert.match(await until('told', async () => (await on_phone(h, number))[0]), /6:30 PM, party of 5/);
  await booked(page, 'Vera').getByRole('button', { name: 'Confirm Vera' }).click();
  await booked(page, 'Vera').getByText('confirmed', { exact: true }).waitFor();
  await booked(page, 'Vera').getByRole('button', { name: 'Edit Vera' }).click();
  const edit = page.getByRole('dialog', { name: 'Edit Vera' });
  assert.equal(await edit.getByLabel('Time').inputValue(), '18:30');
  await edit.getByLabel('Time').fill('19:00');
  await edit.getByRole('button', { name: 'Save' }).click();
  await booked(page, 'Vera').getByText('7:00 PM').waitFor();
  await shot(page, 'bookings');
  await axe_clean(page);
  await says(h, number, 'We may be a little late');
  await booked(page, 'Vera').locator('.unread').getByText('We may be a little late').waitFor();
  await until('the title', async () => (await page.title()) === '(1) Test');
  await booked(page, 'Vera').locator('.unread').click();
  await booked(page, 'Vera').locator('.unread').waitFor({ state: 'detached' });
  await page.keyboard.press('Escape');
  await booked(page, 'Vera').getByRole('button', { name: 'Vera is here' }).click();
  await page.getByText('Vera is on the waitlist.').waitFor();
  await page.getByRole('tab', { name: 'Waitlist' }).click();
  await row(page, 'Vera').getByText('booking', { exact: true }).waitFor();

  await page.getByRole('tab', { name: 'Bookings' }).click();
  await page.getByRole('button', { name: 'New booking' }).click();
  await form.getByLabel('Name').fill('Will');
  await form.getByRole('button', { name: 'Save' }).click();
  await booked(page, 'Will').getByRole('button', { name: 'Cancel Will' }).click();
  await booked(page, 'Will').getByText('cancelled', { exact: true }).waitFor();
  await page.getByRole('status').getByRole('button', { name: 'Undo' }).click();
  await booked(page, 'Will').getByText('booked', { exact: true }).waitFor();
  assert.deepEqual(page.problems, []);
});

test('who writes and is on no list stands above it, until somebody has read it', async () => {
  const page = await desk(h, browser, { size: 'tablet' });
  const number = guest(7330);
  await h.text(number, 'Thank you for coming.'); // who comes to mind when they miss something
  await until('it is there', async () => (await on_phone(h, number)).length === 1);
  await says(h, number, 'Did I leave an umbrella? <b>Red</b>');
  const above = page.getByRole('region', { name: 'Written by guests who are not on the list' });
  await above.getByText('Did I leave an umbrella? <b>Red</b>').waitFor();
  await until('the title', async () => (await page.title()) === '(1) Test');
  await axe_clean(page);
  await shot(page, 'stranger');
  await above.getByRole('button').click();
  const thread = page.getByRole('complementary', { name: 'Texts and calls' });
  await thread.getByText('Not on the list').waitFor();
  await above.waitFor({ state: 'detached' });
  await thread.getByLabel(/^Write to/).fill('It is here.');
  await page.keyboard.press('Enter');
  await until('the answer', async () => (await on_phone(h, number)).includes('It is here.'));
  await thread.locator('.bubble.out', { hasText: 'It is here.' }).waitFor();
  await axe_clean(page);
  await shot(page, 'stranger-thread');
  await page.context().close();
});

test('a party is changed, and what is wrong stands beside its field', async () => {
  const p = await party(h, 'Xenia');
  const page = await desk(h, browser, { size: 'phone', dark: true });
  await row(page, 'Xenia').getByRole('button', { name: 'More for Xenia' }).click();
  await shot(page, 'menu-phone-dark');
  await page.getByRole('menuitem', { name: 'Edit' }).click();
  const form = page.getByRole('dialog', { name: 'Edit Xenia' });
  await form.getByLabel('Tags').fill('patio, birthday');
  await form.getByLabel('People').fill('6');
  await form.getByLabel('Phone').fill('1');
  await form.getByRole('button', { name: 'Save' }).click();
  await form.locator('.field', { hasText: 'Phone' }).locator('.problem').waitFor();
  await axe_clean(page);
  await shot(page, 'edit-phone-dark');
  await form.getByLabel('Phone').fill(p.phone);
  await form.getByRole('button', { name: 'Save' }).click();
  await form.waitFor({ state: 'detached' });
  await row(page, 'Xenia').getByText('birthday').waitFor();
  assert.equal((await h.api(`/v1/parties/${p.id}`)).json.size, 6);
});

test('the screen is locked by a PIN, and five wrong ones sign out', async () => {
  await party(h, 'Yara');
  const page = await desk(h, browser, { size: 'tablet' });
  await page.getByRole('button', { name: 'Lock the screen' }).click();
  const choose = page.getByRole('dialog', { name: 'Choose a PIN for this device' });
  await choose.getByLabel('PIN').fill('12');
  await choose.getByRole('button', { name: 'Lock the screen' }).click();
  await choose.getByText('4 to 8 digits.').waitFor();
  await choose.getByLabel('PIN').fill('2580');
  await choose.getByRole('button', { name: 'Lock the screen' }).click();
  await page.getByRole('button', { name: 'Unlock' }).waitFor();
  await axe_clean(page);
  await shot(page, 'locked');
  assert.equal(await page.getByText('Yara').count(), 0);
  await page.reload();
  await page.getByRole('button', { name: 'Unlock' }).waitFor();
  assert.doesNotMatch(await page.evaluate(() => localStorage['maitred.pin']), /2580/);
  const enter = async (pin) => {
    await page.getByLabel('PIN').fill(pin);
    await page.keyboard.press('Enter');
  };
  await enter('1111');
  await page.getByText('That is not the PIN.').waitFor();
  await enter('2580');
  await row(page, 'Yara').waitFor();
  await page.getByRole('button', { name: 'Lock the screen' }).click();
  for (let i = 0; i < 5; i++) {
    await until('it asks', async () => await page.getByLabel('PIN').inputValue() === '');
    await enter(`000${i}`);
    await until('it was looked at', async () => JSON.parse(await page.evaluate(() => localStorage['maitred.pin'] ?? '{"failed":9}')).failed > i);
  }
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  assert.doesNotMatch(await page.evaluate(() => JSON.stringify(localStorage)), /Yara|token/);
});

test('the console speaks Spanish and French, and remembers it', async () => {
  await party(h, 'Zoé', { language: 'fr' });
  const page = await desk(h, browser, { size: 'tablet' });
  await page.getByRole('button', { name: 'Marta' }).click();
  await page.getByLabel('Language').selectOption('es');
  await page.getByRole('tab', { name: 'Lista de espera' }).waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.lang), 'es');
  await axe_clean(page);
  await shot(page, 'board-es');
  await page.reload();
  await row(page, 'Zoé').getByRole('button', { name: 'Avisar a Zoé: la mesa está lista' }).waitFor();
  const french = await page_of(browser, { locale: 'fr-CA', size: 'phone' });
  await french.goto(h.gatewayUrl);
  await french.getByRole('heading', { name: 'Se connecter' }).waitFor();
  await axe_clean(french);
  await shot(french, 'sign-in-fr');
});

test('the look is the device\'s, or chosen', async () => {
  const page = await desk(h, browser, { dark: true });
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  assert.equal(await ground(), 'rgb(21, 23, 26)');
  await page.getByRole('button', { name: 'Marta' }).click();
  await page.getByLabel('Look').selectOption('light');
  await until('light', async () => await ground() === 'rgb(246, 245, 242)');
  await axe_clean(page);
});

test('the line on paper, for when the power is out', async () => {
  const p = await party(h, 'Abe', { notes: 'wheelchair', size: 7 });
  const page = await desk(h, browser);
  await row(page, 'Abe').waitFor();
  await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
  await page.emulateMedia({ media: 'print' });
  const line = page.locator('.printed tr', { hasText: 'Abe' });
  await line.waitFor();
  assert.match(await line.innerText(), new RegExp(`Abe\\s+7\\s.*20\\s+…${p.phone.slice(-4)}\\s+wheelchair`));
  assert.equal(await page.getByRole('button', { name: 'Add a party' }).isVisible(), false);
  await shot(page, 'printed');
  await page.emulateMedia({ media: 'screen' });
  await page.evaluate(() => dispatchEvent(new Event('afterprint')));
  await page.locator('.printed').waitFor({ state: 'detached' });
});

test('who has several venues goes from one to the other, and sees one at a time', async () => {
  await party(h, 'Only here');
  const page = await desk(h, browser, { size: 'tablet' });
  h.sql(`INSERT INTO accounts (account_id, organisation_id, name)
           SELECT 'acc_00000000000000000000000009', organisation_id, 'Second Street' FROM accounts WHERE account_id = '${ACCOUNT}';
         INSERT INTO memberships (account_id, user_id, role)
           SELECT 'acc_00000000000000000000000009', user_id, 'host' FROM users WHERE login = 'marta'`);
  await page.getByRole('button', { name: 'Marta' }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await sign_in(page, h.gatewayUrl, staff(h, 'Marta'));
  await row(page, 'Only here').waitFor();
  await page.getByLabel('Venue').selectOption({ label: 'Second Street' });
  await page.getByText('Nobody is waiting.').waitFor();
  assert.equal(await page.getByRole('link', { name: 'Settings' }).count(), 0, 'a host there');
  assert.doesNotMatch(await page.evaluate(() => localStorage['maitred.board'] ?? ''), /Only here/);
  await axe_clean(page);
  await page.getByLabel('Venue').selectOption({ label: 'Test' });
  await row(page, 'Only here').waitFor();
});

test('the way in says what is wrong, in words and to screen readers', async () => {
  const page = await page_of(browser, { size: 'phone' });
  await page.goto(h.gatewayUrl);
  await axe_clean(page);
  await shot(page, 'sign-in');
  await page.getByRole('textbox', { name: /E-mail/ }).fill('nobody@example.com');
  await page.getByLabel('Password', { exact: true }).fill(`${PASSWORD}!`);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('alert').getByText('do not fit').waitFor();
  await page.getByRole('link', { name: 'Open an account' }).click();
  await page.getByLabel('Name of the venue').fill('Chez Nous');
  await page.getByLabel('Your name').fill('Nora');
  await page.getByLabel('E-mail').fill('nora@example.com');
  await page.getByLabel('Password').fill('short');
  await page.getByRole('button', { name: 'Open an account' }).click();
  await page.locator('.field', { hasText: 'Password' }).locator('.problem').waitFor();
  await axe_clean(page);
  await shot(page, 'sign-up');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Open an account' }).click();
  await page.getByRole('heading', { name: 'Look at your mail' }).waitFor();
  assert.ok(await h.code('nora@example.com'));
});

// console_pages.test.mjs - the pages beside the board, as people use them: carriers, reports, texts, team,
// settings; and the way in: an account opened, an invitation used, a forgotten password.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { after, before, beforeEach, test } from 'node:test';
import { axe_clean, browse, page_of, shot } from './browser.mjs';
import { desk, on_phone, party, PASSWORD, row } from './desk.mjs';
import { call, each, guest, house, until } from './house.mjs';

let h, browser, tablet, phone, desktop;
const closing = [];
before(async () => {
  h = await house();
  h.sql(`INSERT INTO number_pool (provider, phone)
         SELECT p, '+1' || a || '55500' || lpad(i::text, 2, '0')
         FROM generate_series(10, 20) i, (VALUES ('twilio', '312'), ('telnyx', '773')) v (p, a)`);
  await h.gateway({ WEBHOOK_PRIVATE: 'yes' });
  browser = await browse({ after: (close) => closing.push(close) }, h.dir);
  tablet = await desk(h, browser, { size: 'tablet', permissions: ['clipboard-read', 'clipboard-write'] });
  phone = await desk(h, browser, { size: 'phone', dark: true });
  desktop = await desk(h, browser);
});
beforeEach(() => tablet.reload()); // what a test before left open is gone
after(async () => { for (const close of closing) await close(); await h?.close(); });

const go = async (page, to) => {
  await page.evaluate((hash) => { location.hash = hash; }, `#/${to}`);
  await until(`${to} is there`, async () => (await page.locator('.loading').count()) === 0);
};
/** What is wrong with a page, but that the gateway refused what the test meant it to refuse. */
const unforeseen = (page) => page.problems.filter((p) => !/status of (401|404|422)/.test(p));
const button = (page, name) => page.getByRole('button', { name, exact: typeof name === 'string' });
const dialog = (page, name) => page.getByRole('dialog', { name });

/** The page as it is, light and dark, is sound and drawn; on a phone nothing hangs out of it. */
async function seen(to, name, { ready = async () => {} } = {}) {
  for (const [page, size] of [[tablet, 'tablet'], [phone, 'phone-dark'], [desktop, 'desktop']]) {
    if (page !== tablet) await go(page, to);
    await ready(page);
    await page.mouse.move(0, 0);
    await page.waitForTimeout(300);
    await shot(page, `${name}-${size}`);
    await whole(page, `${name}-${size}-whole`);
    await fits(page, `${name} on ${size}`);
  }
  await axe_clean(phone);
  await axe_clean(tablet);
  await tablet.emulateMedia({ colorScheme: 'dark' });
  await axe_clean(tablet);
  await tablet.emulateMedia({ colorScheme: 'light' });
  for (const page of [tablet, phone, desktop]) assert.deepEqual(unforeseen(page), []);
}

/** Nothing hangs out of the page: only its parts scroll. */
async function fits(page, what) {
  const over = await page.evaluate(() => {
    const { scrollWidth, scrollHeight } = document.documentElement, main = document.getElementById('main');
    return [scrollWidth - innerWidth, scrollHeight - innerHeight, main.scrollWidth - main.clientWidth];
  });
  assert.ok(over.every((px) => px <= 0), `${what} is too wide or high: ${over}`);
}

/** For people who look at pictures: all that scrolls in the page. */
async function whole(page, name) {
  if (!process.env.SHOTS) return;
  const { width, height } = page.viewportSize();
  const tall = await page.evaluate(() => document.getElementById('main').scrollHeight);
  await page.setViewportSize({ width, height: Math.max(height, tall + 80) });
  await page.waitForTimeout(200);
  await shot(page, name);
  await page.setViewportSize({ width, height });
}

// ---- carriers ----

test('carriers: an outage is an alert, failovers, a history; each failover tells why', async () => {
  await go(tablet, 'carriers');
  await tablet.getByText('All is well.').waitFor();
  await h.faults('twilio', { kind: 'refuse' });
  const send = (i) => until('delivered', async () => (await h.message(await h.text(guest(i)))).state !== 'queued');
  await each(6, 2, send);
  // from here on nothing is offered to it, so the last failover is one of those before
  let more = 100; // where all is slow, six are spread over more time than the breaker counts
  await until('Twilio is out', async () => (await h.api('/v1/carriers')).json.data.some((c) => c.state === 'out') || send(more++).then(() => false), 60);
  await h.faults('telnyx', { kind: 'final', status: 'undelivered', code: 40008 });
  const lost = await h.text(guest(90), 'Nobody reads this.');
  await until('undelivered', async () => (await h.message(lost)).state === 'undelivered');
  await h.faults('telnyx');
  await button(tablet, /^As of/).click();
  await tablet.getByText('Twilio takes no texts at the moment.').waitFor();
  await tablet.locator('.carrier', { hasText: 'Twilio' }).getByText('Out', { exact: true }).waitFor();
  const failover = tablet.locator('.lines > li').filter({ hasText: 'Twilio → Telnyx' }).first();
  await failover.getByText('Twilio could not be reached').waitFor();
  await failover.getByRole('button', { name: 'Why?' }).click();
  await dialog(tablet, /What became of it/).getByText('Your table is ready.').waitFor();
  await axe_clean(tablet);
  await tablet.keyboard.press('Escape');
  await button(tablet, 'Message 1: why?').first().click();
  await dialog(tablet, /What became of it/).getByText('Nobody reads this.').waitFor();
  await tablet.keyboard.press('Escape');
  await tablet.getByText('The same as a table').first().click();
  await tablet.locator('.chart').first().getByRole('region', { name: 'Attempts a minute' }).waitFor();
  await tablet.getByText('The same as a table').first().click();
  await tablet.getByText('Out: no texts go there').waitFor();
  await seen('carriers', 'carriers', { ready: (page) => page.locator('canvas').first().waitFor() });
});

test('carriers: a manager prefers one, and texts go there; the page looks again by itself', async () => {
  await h.heal();
  await go(tablet, 'carriers');
  await button(tablet, 'Send through Telnyx first').click();
  await tablet.locator('.carrier', { hasText: 'Telnyx' }).getByText('Tried first').waitFor();
  const id = await h.text(guest(40));
  await until('by Telnyx', async () => h.sql(`SELECT provider FROM attempts WHERE message_id = '${id}'`) === 'telnyx');
  await button(tablet, 'No preference').click();
  await tablet.getByText('maitred chooses from now on.').waitFor();
  h.sql("UPDATE carriers SET drained_at = now(), drained_why = 'Their maintenance' WHERE provider = 'telnyx'");
  await tablet.getByText('maitred undrain telnyx').waitFor({ timeout: 20_000 }); // without a press
  h.sql('UPDATE carriers SET drained_at = NULL, drained_why = NULL');
});

// ---- reports ----

test('reports: the numbers of the days, by day and by size, and a file that holds the rows', async () => {
  const ids = [];
  for (const [i, size] of [2, 2, 4, 6].entries()) ids.push((await party(h, `Party ${i}`, { size })).id);
  for (const id of ids.slice(0, 2)) await h.api(`/v1/parties/${id}/seat`, { body: {} });
  await h.api(`/v1/parties/${ids[2]}/no-show`, { body: {} });
  await go(tablet, 'reports');
  const figure = (label) => tablet.locator('.figures > div').filter({ has: tablet.getByText(label, { exact: true }) }).locator('b').first();
  await tablet.getByLabel('Days').selectOption('Today');
  await until('four', async () => (await figure('Added').innerText()) === '4');
  assert.equal(await figure('Served').innerText(), '2');
  assert.equal(await figure('No-shows').innerText(), '1');
  await tablet.getByLabel('Rows').selectOption('By size of the party');
  const two = tablet.getByRole('row').filter({ hasText: 'Party of 2' });
  await two.waitFor();
  assert.deepEqual((await two.getByRole('cell').allInnerTexts()).slice(1, 3), ['2', '2']);
  await tablet.getByText('is off or has no signal').or(tablet.getByText('40008')).first().waitFor();
  const [file] = await Promise.all([tablet.waitForEvent('download'), button(tablet, 'Parties').click()]);
  assert.match(file.suggestedFilename(), /^parties-.*\.csv$/);
  const csv = readFileSync(await file.path(), 'utf8');
  for (const id of ids) assert.ok(csv.includes(id), csv);
  await tablet.getByLabel('Days').selectOption('From … to …');
  await tablet.getByLabel('From', { exact: true }).fill('2026-01-01');
  await tablet.getByLabel('To', { exact: true }).fill('2026-01-02');
  await until('none', async () => (await figure('Added').innerText()) === '0');
  await tablet.getByLabel('Days').selectOption('The last 7 days');
  await tablet.getByLabel('Rows').selectOption('By hour');
  await seen('reports', 'reports', { ready: (page) => page.getByRole('heading', { name: 'Why they did not arrive' }).waitFor() });
});

// ---- texts ----

test('texts: own words, a variable put in, previewed, sent; back to ours', async () => {
  await go(tablet, 'templates');
  await tablet.getByLabel('In', { exact: true }).selectOption('English');
  const entry = tablet.locator('[data-event=table_ready]');
  await button(tablet, 'Change Table ready').click();
  const edit = dialog(tablet, 'Table ready · English');
  await edit.getByLabel('Text', { exact: true }).fill('Tonight only');
  await button(edit, 'Guest\'s name').click();
  await edit.getByLabel('Text', { exact: true }).press('End');
  await tablet.keyboard.type('!');
  await edit.getByLabel('Try it with the name').fill('Zoé');
  await edit.getByText('Tonight onlyZoé!').waitFor();
  await edit.getByLabel('Text', { exact: true }).fill('{name}, your table is ready — come ☕. {nobody}');
  await edit.getByText('a letter or emoji halves its room').or(edit.getByText(/segment/)).first().waitFor();
  await button(edit, 'Save').click();
  await edit.locator('.field .problem').getByText('nobody').waitFor();
  await edit.getByLabel('Text', { exact: true }).fill(`{name}, la table est prête ç. ${'Please come to the host. '.repeat(5)}`);
  await edit.getByText('3 segments').first().waitFor();
  await edit.locator('.note').getByText(/Without its accents|without its accents/).waitFor();
  await shot(tablet, 'template-edit-tablet');
  await axe_clean(tablet);
  await edit.getByLabel('Text', { exact: true }).fill('Ahoy {name}, come in.');
  await button(edit, 'Save').click();
  await edit.waitFor({ state: 'detached' });
  await entry.getByText('Your words').waitFor();
  const p = await party(h, 'Ines');
  await h.api(`/v1/parties/${p.id}/notify`, { body: {} });
  await until('our words arrive', async () => (await on_phone(h, p.phone)).some((x) => x.includes('Ahoy Ines, come in.')));
  await button(tablet, 'Change Table ready').click();
  await button(edit, 'Back to the default').click();
  await entry.getByText('Default', { exact: true }).waitFor();
});

test('texts: quick replies are added, changed and deleted', async () => {
  await go(tablet, 'templates');
  await button(tablet, 'New quick reply').click();
  await tablet.getByLabel('Label').fill('Five minutes');
  await tablet.getByLabel('Text', { exact: true }).fill('Five more minutes, thank you!');
  await button(tablet, 'Save').click();
  await tablet.getByText('Five more minutes, thank you!').waitFor();
  await button(tablet, 'Change Five minutes').click();
  await tablet.getByLabel('Text', { exact: true }).fill('Ten more minutes, sorry!');
  await button(tablet, 'Save').click();
  await tablet.getByText('Ten more minutes, sorry!').waitFor();
  await seen('templates', 'templates', { ready: (page) => page.getByText('Ten more minutes').waitFor() });
  await button(tablet, 'Delete Five minutes').click();
  await button(dialog(tablet, 'Delete Five minutes'), 'Delete').click();
  await tablet.getByText('Ten more minutes').waitFor({ state: 'detached' });
});

// ---- the team ----

test('team: somebody is invited, gets the mail, chooses a password, and is in the console', async () => {
  await go(tablet, 'team');
  await button(tablet, 'Invite').focus();
  await tablet.keyboard.press('Enter');
  const form = dialog(tablet, 'Invite');
  await form.waitFor();
  await tablet.keyboard.press('Escape');
  await form.waitFor({ state: 'detached' });
  assert.equal(await tablet.evaluate(() => document.activeElement.innerText), 'Invite', 'the focus is back');
  await tablet.keyboard.press('Enter');
  await form.getByLabel('Name').fill('Bo');
  await form.getByLabel('E-mail').fill('b..o@example.com');
  await button(form, 'Send the invitation').click();
  await form.locator('.field .problem').waitFor();
  await form.getByLabel('E-mail').fill('bo@example.com');
  await shot(tablet, 'invite-tablet');
  await button(form, 'Send the invitation').click();
  await form.waitFor({ state: 'detached' });
  const invited = tablet.locator('.lines > li').filter({ hasText: 'bo@example.com' });
  await invited.getByText('not used yet').waitFor();
  await invited.getByText('mail: sent').waitFor({ timeout: 20_000 });
  const code = await h.code('bo@example.com');
  const bo = await page_of(browser, { size: 'tablet' });
  await bo.goto(`${h.gatewayUrl}/join#${code}`);
  await axe_clean(bo);
  await button(bo, 'Continue').click();
  await bo.getByLabel('Choose a password').fill(PASSWORD);
  await axe_clean(bo);
  await shot(bo, 'join-tablet');
  await button(bo, 'Continue').click();
  await bo.getByRole('tab', { name: 'Waitlist' }).waitFor();
  await bo.locator('.live:not(.stale)').waitFor();
  const nav = (await bo.getByRole('navigation').getByRole('link').allTextContents()).join(' ');
  assert.match(nav, /Board.*Carriers.*Texts/);
  assert.doesNotMatch(nav, /Reports|Team|Settings/, 'a host manages nothing');
  await go(bo, 'settings/keys');
  await bo.getByRole('tab', { name: 'Waitlist' }).waitFor();
  await go(bo, 'carriers');
  await bo.getByRole('heading', { name: 'Twilio' }).waitFor();
  assert.equal(await button(bo, /^Send through/).count(), 0);
  await go(bo, 'templates');
  await bo.getByText('Managers can change these.').waitFor();
  assert.equal(await button(bo, /^Change|^New/).count(), 0);
  await shot(bo, 'templates-host');
  await invited.getByText('used', { exact: true }).waitFor({ timeout: 15_000 });
  const him = tablet.locator('.lines > li').filter({ has: button(tablet, 'Disable Bo') });
  await him.getByRole('combobox').selectOption('Manager');
  await until('a manager', () => h.sql("SELECT role FROM memberships JOIN users USING (user_id) WHERE login = 'bo@example.com'") === 'manager');
  await button(tablet, 'Disable Bo').click();
  await button(tablet, 'Let in again: Bo').waitFor();
  await bo.reload();
  await button(bo, 'Sign in').waitFor();
  await button(tablet, 'Let in again: Bo').click();
  await button(tablet, 'Disable Bo').waitFor();
  await button(tablet, 'Remove Bo').click();
  await button(dialog(tablet, 'Remove Bo'), 'Remove').click();
  await button(tablet, 'Disable Bo').waitFor({ state: 'detached' });
});

test('team: an invitation is sent again and taken back; a shared device is set up; sessions are ended', async () => {
  await go(tablet, 'team');
  await button(tablet, 'Invite').click();
  await tablet.getByLabel('Name').fill('Cy');
  await tablet.getByLabel('E-mail').fill('cy@example.com');
  await button(tablet, 'Send the invitation').click();
  const first = await h.code('cy@example.com');
  await button(tablet, 'Send again: Cy').click();
  await until('another mail', async () => (await h.code('cy@example.com')) !== first);
  await button(tablet, 'Take back: Cy').click();
  await tablet.getByText('taken back').waitFor();

  await button(tablet, 'Add a shared device').click();
  await tablet.getByLabel('Name', { exact: true }).fill('Front desk');
  await tablet.getByLabel('Name to sign in with').fill('front-desk');
  await button(dialog(tablet, 'Add a shared device'), 'Add a shared device').click();
  const shown = dialog(tablet, 'Set up Front desk');
  const code = await shown.getByLabel(/^Or this code/).inputValue();
  assert.match(code, /^mst_/);
  assert.equal(await shown.getByLabel('Link', { exact: true }).inputValue(), `${h.gatewayUrl}/join#${code}`);
  await button(shown, 'Copy').last().click();
  await button(shown, 'Copied.').waitFor();
  assert.equal(await tablet.evaluate(() => navigator.clipboard.readText()), code);
  await axe_clean(tablet);
  await shot(tablet, 'stand-tablet');
  await button(shown, 'I have it').click();
  const stand = await page_of(browser, { size: 'phone' });
  await stand.goto(`${h.gatewayUrl}/join`); // the code is typed in
  await shot(stand, 'join-phone');
  await stand.getByLabel('Set-up code').fill(code);
  await button(stand, 'Continue').click();
  await stand.getByLabel('Choose a password').fill(PASSWORD);
  await button(stand, 'Continue').click();
  await stand.getByRole('tab', { name: 'Waitlist' }).waitFor();
  await tablet.getByText('this device').waitFor();
  await seen('team', 'team', { ready: (page) => page.getByText('this device').waitFor() });

  await button(tablet, 'Sign out all others').click();
  await until('one session', async () => (await tablet.locator('.lines').last().locator('> li').count()) === 1);
  for (const page of [phone, desktop]) {
    await page.reload();
    await button(page, 'Sign in').waitFor();
  }
  phone = await desk(h, browser, { size: 'phone', dark: true });
  desktop = await desk(h, browser);
});

// ---- settings ----

test('settings: what is changed is saved, and only that; a problem stands beside its field', async () => {
  await go(tablet, 'settings');
  await tablet.getByLabel('Time zone').fill('Nowhere/City');
  await button(tablet, 'Save').click();
  await tablet.locator('.field').filter({ hasText: 'Time zone' }).locator('.problem').waitFor();
  await tablet.getByLabel('Time zone').fill('America/Chicago');
  await tablet.getByLabel('Phone').fill('(312) 555-0188');
  await button(tablet, 'Save').click();
  await tablet.getByText('Saved.').waitFor();
  const account = (await h.api('/v1/account')).json;
  assert.deepEqual([account.zone, account.phone], ['America/Chicago', '+13125550188']);
  await seen('settings', 'settings-venue', { ready: (page) => page.getByLabel('Time zone').waitFor() });

  await tablet.getByRole('link', { name: 'Waitlist', exact: true }).click();
  await tablet.getByLabel('A ready table is held, min').fill('17');
  await tablet.getByLabel('Show the wait').setChecked(!account.show_wait);
  await button(tablet, 'Save').click();
  await until('saved', async () => (await h.api('/v1/account')).json.hold_minutes === 17);
  assert.equal((await h.api('/v1/account')).json.show_wait, !account.show_wait);
  await seen('settings/waitlist', 'settings-waitlist', { ready: (page) => page.getByLabel('A ready table').waitFor() });

  await tablet.getByRole('link', { name: 'Texts and calls' }).click();
  await tablet.getByLabel('Guests hear that it is ready').selectOption('By text, then by a call if that does not do');
  await tablet.getByLabel('3 days before').check();
  await button(tablet, 'Save').click();
  await until('saved', async () => (await h.api('/v1/account')).json.reminders.includes('3d'));
  assert.equal((await h.api('/v1/account')).json.notify_by, 'auto');
  await tablet.getByText('¿Podemos enviarle').waitFor();
  await seen('settings/texts', 'settings-texts', { ready: (page) => page.getByText('¿Podemos enviarle').waitFor() });

  await tablet.getByRole('link', { name: 'Numbers' }).click();
  await tablet.getByText('+13125550002').waitFor();
  await seen('settings/numbers', 'settings-numbers', { ready: (page) => page.getByText('+13125550002').waitFor() });
});

test('settings: guests check in with the code on the sign', async () => {
  await go(tablet, 'settings/check-in');
  await tablet.getByLabel('Guests may put themselves down').check();
  await button(tablet, 'Save').click();
  const address = await tablet.getByLabel('Address').inputValue();
  assert.equal((await call(address)).status, 200);
  await tablet.getByRole('img', { name: /QR code/ }).waitFor();
  await seen('settings/check-in', 'settings-check-in', { ready: (page) => page.getByRole('img', { name: /QR code/ }).first().waitFor() });
  await tablet.emulateMedia({ media: 'print' });
  await shot(tablet, 'sign-print');
  assert.ok(await tablet.locator('.sign').isVisible());
  assert.ok(!await tablet.locator('.settings').isVisible());
  await tablet.emulateMedia({ media: 'screen' });
});

test('settings: a guest is found by number, handed over, erased', async () => {
  const p = await party(h, 'Erin Gray');
  await h.api(`/v1/parties/${p.id}/seat`, { body: {} });
  await go(tablet, 'settings/privacy');
  await tablet.getByLabel('Their number').fill('12');
  await button(tablet, 'Find').click();
  await tablet.locator('.problem').first().waitFor();
  await tablet.getByLabel('Their number').fill(p.phone);
  await button(tablet, 'Find').click();
  await tablet.getByText('Erin Gray').waitFor();
  const [file] = await Promise.all([tablet.waitForEvent('download'), button(tablet, 'Save all as a file').click()]);
  assert.equal(JSON.parse(readFileSync(await file.path(), 'utf8')).guest.phone, p.phone);
  await seen('settings/privacy', 'settings-privacy', { ready: (page) => page.getByLabel('Their number').waitFor() });
  await button(tablet, 'Erase').click();
  await axe_clean(tablet);
  await button(dialog(tablet, 'Erase Erin Gray?'), 'Erase').click();
  await tablet.getByText(/^Erased, with/).waitFor();
  assert.equal((await h.api(`/v1/parties/${p.id}`)).json.name, '');
});

test('settings: a key is shown once, works, and is revoked', async () => {
  await go(tablet, 'settings/keys');
  await button(tablet, 'New key').click();
  const form = dialog(tablet, 'New key');
  await form.getByLabel('What it is for').fill('Till');
  await form.getByLabel('read', { exact: true }).uncheck();
  await form.getByLabel('write', { exact: true }).uncheck();
  await button(form, 'New key').click();
  await form.locator('.problem').waitFor();
  await form.getByLabel('read', { exact: true }).check();
  await shot(tablet, 'key-new-tablet');
  await button(form, 'New key').click();
  const key = await dialog(tablet, 'Till').getByLabel('The key').inputValue();
  await shot(tablet, 'key-made-tablet');
  await button(tablet, 'I have it').click();
  assert.equal((await h.api('/v1/parties', { key })).status, 200);
  assert.equal((await h.api('/v1/users', { key })).status, 403);
  await seen('settings/keys', 'settings-keys', { ready: (page) => page.getByText('Till').waitFor() });
  await button(tablet, 'Revoke: Till').click();
  await button(dialog(tablet, 'Revoke: Till'), 'Revoke').click();
  await tablet.getByText('revoked').waitFor();
  assert.equal((await h.api('/v1/parties', { key })).status, 401);
});

test('settings: a webhook is tested, what was posted is seen and posted again', async (t) => {
  const got = [];
  let well = false;
  const server = createServer(async (req, res) => {
    let body = '';
    for await (const part of req) body += part;
    got.push(JSON.parse(body));
    res.writeHead(well ? 204 : 500).end(well ? undefined : 'not today');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => { server.closeAllConnections(); server.close(); });
  await go(tablet, 'settings/webhooks');
  await button(tablet, 'New webhook').click();
  const form = dialog(tablet, 'New webhook');
  await form.getByLabel('Address').fill('ftp://example.com');
  await button(form, 'Save').click();
  await form.locator('.field .problem').waitFor();
  await form.getByLabel('Address').fill(`http://127.0.0.1:${server.address().port}/hook`);
  await form.getByLabel('What is there').fill('Our till');
  await form.getByLabel('All events').uncheck();
  await form.getByLabel('party.added').check();
  await shot(tablet, 'webhook-new-tablet');
  await axe_clean(tablet);
  await button(form, 'Save').click();
  const secret = await dialog(tablet, 'The secret that signs').getByLabel('Secret').inputValue();
  assert.match(secret, /^whsec_/);
  await button(tablet, 'I have it').click();
  await button(tablet, 'Send a test').click();
  await until('it comes', () => got.length > 0);
  const list = dialog(tablet, 'Deliveries');
  await list.getByText('not today').waitFor({ timeout: 15_000 });
  await shot(tablet, 'deliveries-tablet');
  await axe_clean(tablet);
  well = true;
  h.sql("UPDATE deliveries SET due_at = now() WHERE state = 'waiting'; NOTIFY maitred_hooks");
  await list.getByText('taken', { exact: true }).waitFor({ timeout: 15_000 });
  const before = got.length;
  await button(list, /^Post again:/).first().click();
  await until('once more', () => got.length > before);
  await tablet.keyboard.press('Escape');
  await button(tablet, 'New secret').click();
  await button(dialog(tablet, 'New secret'), 'New secret').click();
  assert.notEqual(await dialog(tablet, 'The secret that signs').getByLabel('Secret').inputValue(), secret);
  await button(tablet, 'I have it').click();
  await button(tablet, 'Switch off').click();
  await button(tablet, 'Switch on').click();
  await button(tablet, 'Switch off').waitFor();
  await seen('settings/webhooks', 'settings-webhooks', { ready: (page) => page.getByText('Our till').waitFor() });
  await button(tablet, 'Delete').click();
  await button(dialog(tablet, 'Delete this webhook?'), 'Delete').click();
  await tablet.getByText('No webhooks yet.').waitFor();
});

test('settings: the audit log tells who did what, and is whole', async () => {
  await each(60, 6, (i) => h.api('/v1/account', { method: 'PATCH', body: { hold_minutes: 10 + (i % 20) } }));
  await go(tablet, 'settings/audit');
  await tablet.getByText('Changed the settings').first().waitFor();
  await button(tablet, 'Check that it is whole').click();
  await tablet.getByText(/^Whole: \d+ entries/).waitFor();
  await button(tablet, 'Older').click();
  await tablet.getByText('Deleted a webhook').waitFor();
  await seen('settings/audit', 'settings-audit', { ready: (page) => page.getByText('Changed the settings').first().waitFor() });
});

test('in Spanish and French, on a phone, every page is whole', async () => {
  for (const [language, heads] of [['es', ['Operadoras', 'Informes', 'Textos', 'Equipo', 'Ajustes']],
                                   ['fr', ['Opérateurs', 'Rapports', 'Messages', 'Équipe', 'Réglages']]]) {
    await phone.evaluate((l) => localStorage.setItem('maitred.language', JSON.stringify(l)), language);
    await phone.reload();
    for (const [i, to] of ['carriers', 'reports', 'templates', 'team', 'settings'].entries()) {
      await go(phone, to);
      await phone.getByRole('heading', { level: 1, name: heads[i] }).waitFor();
      await fits(phone, `${to} in ${language}`);
      const nav = await phone.locator('.nav').evaluate((e) => e.scrollWidth - e.clientWidth);
      assert.ok(nav <= 0, `the menu in ${language} is ${nav} px too wide`);
      await axe_clean(phone);
      await shot(phone, `${to}-${language}`);
    }
    for (const to of ['waitlist', 'check-in', 'texts', 'numbers', 'privacy', 'keys', 'webhooks', 'audit']) {
      await go(phone, `settings/${to}`);
      await fits(phone, `${to} in ${language}`);
    }
  }
});

// ---- the way in ----

test('an account is opened: the mail, its link, the console of a new venue', async () => {
  const page = await page_of(browser, { size: 'phone' });
  await page.goto(h.gatewayUrl);
  await shot(page, 'sign-in-phone');
  await axe_clean(page);
  await page.getByRole('link', { name: 'Open an account' }).click();
  await page.getByLabel('Name of the venue').fill('Chez Nous');
  await page.getByLabel('Your name').fill('Noa');
  await page.getByLabel('E-mail').fill('noa@example.com');
  await page.getByLabel('Password').fill('short');
  await button(page, 'Open an account').click();
  await page.locator('.field').filter({ hasText: 'Password' }).locator('.problem').waitFor();
  await page.getByLabel('Password').fill(PASSWORD);
  await axe_clean(page);
  await shot(page, 'sign-up-phone');
  await button(page, 'Open an account').click();
  await page.getByRole('heading', { name: 'Look at your mail' }).waitFor();
  await page.goto(`${h.gatewayUrl}/join#${await h.code('noa@example.com')}`);
  await button(page, 'Continue').click();
  await page.getByRole('tab', { name: 'Waitlist' }).waitFor();
  await page.getByText('Chez Nous').first().waitFor();
  await go(page, 'settings/numbers');
  await page.getByText(/^\+1\d{10}$/).first().waitFor();
  await button(page, 'More for').or(page.locator('.who-am-i')).first().click();
  await button(page, 'Sign out').click();
  await page.getByRole('link', { name: 'Forgotten password' }).click();
  await page.getByLabel('E-mail').fill('noa@example.com');
  await button(page, 'Send me a link').click();
  await page.goto(`${h.gatewayUrl}/join#${await h.code('noa@example.com', 1)}`);
  await button(page, 'Continue').click();
  await page.getByLabel('Choose a password').fill('Another-horse-8');
  await button(page, 'Continue').click();
  await page.getByRole('tab', { name: 'Waitlist' }).waitFor();
  assert.deepEqual(unforeseen(page), []);
});

test('what happens is heard on every page: a reply counts while somebody reads a report', async () => {
  await party(h, 'Reply Guy').then(async (p) => {
    await go(desktop, 'reports');
    await h.sim('/sim/v1/replies', { body: { from: p.phone, body: 'Is there parking?', wait: true } });
  });
  await desktop.locator('.nav .count').waitFor();
  await desktop.reload();
  await desktop.locator('.live:not(.stale)').waitFor();
  await go(desktop, 'board');
  await row(desktop, 'Reply Guy').locator('.unread').waitFor();
});

// desk.mjs - the console as staff have it before them: signed in, with parties on the board.
import assert from 'node:assert/strict';
import { page_of } from './browser.mjs';
import { ACCOUNT, ORGANISATION, guest } from './house.mjs';

export const PASSWORD = 'Correct-horse-7-staple';
const HASH = '$2b$04$SwgI4IJL4WjdYPisnwdlWOtEarD/.F43oIn/ul6IZ5KbbkSgTcvjW'; // of it: gateway/password.c, at the least cost

/** A member of staff of the house's account; their login. */
export function staff(h, name, role = 'manager') {
  const login = name.toLowerCase();
  h.sql(`INSERT INTO users (organisation_id, user_id, login, name, password_hash)
           VALUES ('${ORGANISATION}', 'usr_0' || substr(md5('${name}'), 1, 25), '${login}', '${name}', '${HASH}')
         ON CONFLICT DO NOTHING;
         INSERT INTO memberships (account_id, user_id, role)
           VALUES ('${ACCOUNT}', 'usr_0' || substr(md5('${name}'), 1, 25), '${role}') ON CONFLICT DO NOTHING`);
  return login;
}

/** Signs in by the form; then the board is there. */
export async function sign_in(page, url, login) {
  await page.goto(url);
  await page.getByRole('textbox', { name: /E-mail/ }).fill(login);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('tab', { name: 'Waitlist' }).waitFor({ timeout: 10_000 }).catch(async (e) => {
    throw new Error(`${e.message}\n${page.problems.join('\n')}\n${await page.locator('body').innerText()}`);
  });
  await page.locator('.live:not(.stale)').waitFor();
}

/** A browser page of a member of staff who has signed in; options as page_of(). */
export async function desk(h, browser, { name = 'Marta', role = 'manager', url = h.gatewayUrl, ...more } = {}) {
  const page = await page_of(browser, more);
  h.sql('DELETE FROM tries'); // nobody signs in as often as tests do
  await sign_in(page, url, staff(h, name, role));
  return page;
}

let next = 3000;

/** Puts a party down by the API; its number and what the API said. */
export async function party(h, name, more = {}) {
  const phone = guest(next++);
  const r = await h.api('/v1/parties', { body: { name, size: 2, phone, quote_max: 20, ...more } });
  assert.equal(r.status, 201, r.text);
  return { phone, ...r.json.party };
}

/** A guest texts the account. */
export async function says(h, phone, body) {
  const r = await h.sim('/sim/v1/replies', { body: { from: phone, body, wait: true } });
  assert.ok(r.status < 300, r.text);
}

/** The texts on a guest's phone, in their order. */
export async function on_phone(h, phone) {
  const { json } = await h.sim(`/sim/v1/ledger?to=${phone.slice(1)}`);
  return json.texts.map((t) => t.body);
}

/** The row of a party on the board. */
export const row = (page, name) => page.locator('.line > .row').filter({ has: page.locator('.name', { hasText: name }) });

/** The names on the board, in the order of the line. */
export const names_in_line = (page) => page.locator('.line > .row .name').allInnerTexts();

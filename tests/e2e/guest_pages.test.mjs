// guest_pages.test.mjs - what guests see: the page where they put themselves down and their own, asked for
// as forms do it, and in a real browser, with JavaScript and without.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { axe_clean, browse, page_of, shot } from './browser.mjs';
import { guest, house, note, until } from './house.mjs';

let h, gateway, code, next = 1;
before(async () => {
  h = await house();
  gateway = await h.gateway();
  code = (await h.api('/v1/account', { method: 'PATCH', body: {
    name: 'Trattoria Bella', check_in: true, phone: '+12125550100', zone: 'America/New_York' } })).json.check_in_code;
});
after(() => h?.close());

const ask = async (to, { headers = {}, ...more } = {}) => {
  const url = new URL(to, gateway.url);
  note(more.method ?? 'GET', url);
  const r = await fetch(url, { redirect: 'manual', headers, ...more });
  return { status: r.status, headers: r.headers, html: await r.text(), location: r.headers.get('location') };
};
const post = (to, fields = {}, headers = {}) => ask(to, { method: 'POST', headers, body: new URLSearchParams(fields) });
const key = (html) => html.match(/name="key" value="(key_\w+)"/)[1];
const parties = () => h.api('/v1/parties').then((r) => r.json.data);
const act = async (id, what, body = {}) => {
  const r = await h.api(`/v1/parties/${id}/${what}`, { method: 'POST', body });
  assert.equal(r.status, 200, r.text);
  return r.json.party;
};
/** Somebody who has put themselves down: their page, and their party. */
async function down(fields = {}, lang = 'en') {
  const form = await ask(`/w/${code}?lang=${lang}`);
  const made = await post(`/w/${code}`, { key: key(form.html), language: lang, name: 'Ana', size: '2', ...fields });
  assert.equal(made.status, 303, made.html);
  return { page: made.location, party: (await parties()).at(-1) };
}

// ---- forms ----

test('a guest puts themselves down by a form, and is led to their own page', async () => {
  const number = guest(next++);
  const { page, party } = await down({ name: ' Ana ', size: '4', phone: number.slice(2), agree: 'true' }, 'es');
  assert.deepEqual([party.name, party.size, party.state, party.source, party.language, party.guest.phone, party.texts],
                   ['Ana', 4, 'pending', 'self', 'es', number, true]);
  assert.equal(h.sql(`SELECT action || ' ' || word || ' ' || via FROM consent_log WHERE phone = '${number}'`), 'given web guest');
  assert.match(page, /^\/g\/[\w-]+$/, 'no personal data in it');
  const { html, status } = await ask(page);
  assert.equal(status, 200);
  assert.match(html, /<html lang="es">/);
  assert.match(html, /Ya está registrado/);
});

test('who does not agree is not texted, and nobody agrees by leaving a box as it was', async () => {
  const { html } = await ask(`/w/${code}`);
  const box = html.match(/<input id="agree"[^>]*>/)[0];
  assert.doesNotMatch(box, /checked/);
  for (const words of ['1 to 3 messages per visit', 'Msg &amp; data rates may apply', 'STOP', 'HELP', 'not a condition'])
    assert.ok(html.includes(words), words);
  const { party } = await down({ phone: guest(next++) });
  assert.equal(party.texts, false);
  assert.equal(h.sql(`SELECT count(*) FROM consent_log WHERE phone = '${party.guest.phone}'`), '0');
});

test('what does not fit is said beside its field, and what was typed stays', async () => {
  const before = (await parties()).length;
  const typed = { name: '', size: '0', phone: '555', agree: 'true', language: 'en' };
  const r = await post(`/w/${code}`, typed);
  assert.equal(r.status, 422);
  assert.equal(r.html.match(/aria-invalid="true"/g).length, 3);
  for (const field of ['name', 'size', 'phone']) {
    assert.match(r.html, new RegExp(`<p class="bad" id="${field}-bad">\\S`));
    assert.match(r.html.match(new RegExp(`<input id="${field}"[^>]*>`))[0], new RegExp(`aria-describedby="${field}-bad`));
  }
  assert.equal(r.html.match(/ autofocus/g).length, 1);
  assert.match(r.html, /<input id="name"[^>]* autofocus>/, 'the first one');
  assert.match(r.html, /<input id="phone"[^>]*value="555"/);
  assert.match(r.html, /<input id="agree"[^>]* checked/);
  const french = await post(`/w/${code}`, { ...typed, language: 'fr' });
  assert.match(french.html, /<html lang="fr">[^]*Veuillez indiquer votre nom/);
  const numberless = await post(`/w/${code}`, { name: 'Ana', size: '2', agree: 'true' });
  assert.equal(numberless.status, 422);
  assert.match(numberless.html, /give your number; or untick/);
  assert.match(numberless.html, /<input id="name"[^>]*value="Ana"/);
  for (const bad of [{ name: 'x'.repeat(101) }, { size: '100' }, { size: 'two' }, { language: 'xx' }, { agree: 'maybe' }])
    assert.equal((await post(`/w/${code}`, { name: 'Ana', size: '2', ...bad })).status, 422, JSON.stringify(bad));
  for (const body of ['name=%zz', 'name=%00&size=2', 'name=%ff%fe&size=2', 'a=1&'.repeat(30)])
    assert.ok([400, 422].includes((await ask(`/w/${code}`, { method: 'POST', body,
      headers: { 'content-type': 'application/x-www-form-urlencoded' } })).status), body);
  for (const name of ['x'.repeat(15000), '\u0001'.repeat(5000), '\ud83c\udf5d'.repeat(1250), 'a\0b']) {
    const long = await post(`/w/${code}`, { name, size: name, phone: name, language: 'en', agree: name });
    assert.equal(long.status, 422);
    assert.match(long.html, /<html lang="en">/);
    assert.ok(long.html.length < 20000 && !long.html.includes('\ufffd'));
  }
  assert.equal((await parties()).length, before);
});

test('a form that is sent twice is one party, also when both come at once', async () => {
  for (const at_once of [false, true]) {
    const fields = { key: key((await ask(`/w/${code}`)).html), name: 'Twice', size: '2', phone: guest(next++) };
    const send = () => post(`/w/${code}`, fields);
    const all = at_once ? await Promise.all(Array.from({ length: 8 }, send)) : [await send(), await send()];
    assert.deepEqual(all.map((r) => r.status), all.map(() => 303));
    assert.equal(new Set(all.map((r) => r.location)).size, 1);
    assert.equal((await parties()).filter((p) => p.guest?.phone === fields.phone).length, 1);
  }
});

test('a key leads to nobody else: an id of a party, an old one and one to come are no keys', async () => {
  const { party } = await down();
  const later = `key_7zzzzzzzzz${'0'.repeat(16)}`;
  for (const made_up of [party.id, party.id.replace('pty', 'key'), 'key_00000000000000000000000001', later, 'x'.repeat(300), '']) {
    const first = await post(`/w/${code}`, { key: made_up, name: 'Mallory', size: '1' });
    assert.equal(first.status, 303, made_up);
    assert.doesNotMatch((await ask(first.location)).html, /Ana/);
  }
  const ids = (await parties()).map((p) => p.id).sort();
  assert.ok(ids.at(-1) < 'pty_1', 'none is of a time to come');
});

test('names are text, whatever is in them', async () => {
  const hostile = `<img src=x onerror=alert(1)>"'&{{> gone}}{{{key}}}\u202Eevil`;
  const { page } = await down({ name: hostile });
  const { html } = await ask(page);
  assert.ok(!html.includes('<img'), html);
  assert.ok(html.includes('&lt;img src=x onerror=alert(1)&gt;&quot;'), html);
  assert.ok(html.includes('{{&gt; gone}}{{{key}}}'), 'no template either');
  const again = await post(`/w/${code}`, { name: hostile, size: 'x' });
  assert.ok(!again.html.includes('<img') && again.html.includes('value="&lt;img'), again.html);
});

test('languages: what was chosen, what the browser wants, what the venue speaks', async () => {
  const lang = async (query, header) =>
    (await ask(`/w/${code}${query}`, { headers: { 'accept-language': header } })).html.match(/<html lang="(..)"/)[1];
  assert.equal(await lang('', 'de-DE,fr-CA;q=0.8,en;q=0.5'), 'fr');
  assert.equal(await lang('?lang=es', 'fr'), 'es');
  assert.equal(await lang('?lang=xx', 'es-MX'), 'es');
  assert.equal(await lang('', 'de'), 'en');
  await h.api('/v1/account', { method: 'PATCH', body: { language: 'fr' } });
  assert.equal(await lang('', 'de'), 'fr');
  await h.api('/v1/account', { method: 'PATCH', body: { language: 'en' } });
  const words = ['en', 'es', 'fr'].map((l) => JSON.parse(readFileSync(`gateway/console/guest/${l}.json`, 'utf8')));
  for (const [i, w] of words.entries()) {
    assert.deepEqual(Object.keys(w), Object.keys(words[0]));
    for (const [name, text] of Object.entries(w)) {
      assert.doesNotMatch(text.replaceAll(/\{\{[^}]*\}\}/g, ''), /[<>"{}]/, `${name}: it stands in attributes too`);
      assert.deepEqual(text.match(/\{\{[^}]*\}\}/g), words[0][name].match(/\{\{[^}]*\}\}/g), `${name} ${i}`);
    }
  }
});

// ---- the page of a visit ----

test('each state of a party and of a booking has its words, in each language', async () => {
  const { page, party } = await down();
  const seen = new Set();
  const states = h.sql(`SELECT string_agg(DISTINCT m[1], ' ') FROM pg_constraint c,
    regexp_matches(pg_get_constraintdef(c.oid), '''(\\w+)''::text', 'g') m
    WHERE c.conrelid = 'parties'::regclass AND c.conname = 'parties_state_check'`).split(' ');
  assert.ok(states.length >= 10, states.join());
  for (const language of ['en', 'es', 'fr'])
    for (const state of states) {
      const ended = ['seated', 'cancelled', 'no_show', 'expired'].includes(state);
      h.sql(`UPDATE parties SET state = '${state}', language = '${language}', ended_by = ${ended ? "'staff'" : 'NULL'},
             ended_at = ${ended ? 'now()' : 'NULL'}, held_until = now() + interval '5 minutes' WHERE party_id = '${party.id}'`);
      const { html, status } = await ask(page);
      assert.equal(status, 200);
      const [, title] = html.match(/<h1>([^<]{4,})<\/h1>/);
      seen.add(`${state} ${title}`);
      assert.doesNotMatch(html, /\{\{|\}\}|<p><\/p>|<button[^>]*><\/button>/, `${state} ${language}`);
      assert.equal(html.includes('http-equiv="refresh"'), !ended, state);
    }
  assert.equal(seen.size, states.length * 3);
});

test('what may be done is done, and answered by the page; what applies no more changes nothing', async () => {
  const { page, party } = await down({ phone: guest(next++), agree: 'true' });
  await act(party.id, 'accept', { quote_max: 20 });
  const waiting = (await ask(page)).html;
  assert.match(waiting, /You're on the list/);
  assert.match(waiting, /About (19|20) min, around \d+:\d\d [AP]M/);
  assert.match(waiting, /tel:\+12125550100">\(212\) 555-0100</);
  assert.doesNotMatch(waiting, /\/coming|\/more-time/);
  const early = await post(`${page}/coming`);
  assert.deepEqual([early.status, early.location], [303, page]);
  assert.equal((await h.api(`/v1/parties/${party.id}`)).json.state, 'waiting');
  await act(party.id, 'notify');
  const called = (await ask(page)).html;
  assert.match(called, /It's your turn!/);
  assert.match(called, /Please see the host by \d+:\d\d [AP]M\./);
  assert.equal((await post(`${page}/more-time`)).location, page);
  assert.equal((await h.api(`/v1/parties/${party.id}`)).json.state, 'more_time');
  assert.equal((await post(`${page}/coming`)).status, 303);
  assert.match((await ask(page)).html, /See you in a moment!/);
  const question = (await ask(`${page}/leave`)).html;
  assert.match(question, /Leave the waitlist\?/);
  assert.doesNotMatch(question, /http-equiv|<script/);
  assert.equal((await h.api(`/v1/parties/${party.id}`)).json.state, 'coming', 'asking is not leaving');
  assert.equal((await post(`${page}/leave`)).status, 303);
  const over = (await ask(page)).html;
  assert.match(over, /You're off the list/);
  assert.doesNotMatch(over, /<form|<script|http-equiv/);
  assert.match((await ask(`${page}/leave`)).html, /You're off the list/);
});

test('a booking: its time where the venue is, in the language of the guest; confirmed, cancelled', async () => {
  const starts_at = '2099-07-04T23:30:00Z';
  const { json } = await h.api('/v1/bookings', { body: { name: 'Luc', size: 3, phone: guest(next++), starts_at, language: 'fr' } });
  const page = `/g/${h.sql(`SELECT token FROM bookings WHERE booking_id = '${json.booking.id}'`)}`;
  const { html } = await ask(page);
  assert.match(html, /<html lang="fr">/);
  assert.match(html, /sam 4 juil\., 19 h 30/);
  assert.equal((await post(`${page}/coming`)).status, 303);
  assert.match((await ask(page)).html, /Votre réservation est confirmée/);
  assert.equal((await post(`${page}/more-time`)).status, 303);
  assert.match((await ask(`${page}/leave`)).html, /Annuler la réservation \?/);
  await post(`${page}/leave`);
  assert.match((await ask(page)).html, /Votre réservation est annulée/);
});

test('a token of nobody, a code of nobody: a page that says so', async () => {
  for (const to of ['/g/AAAAAAAAAAAA', '/g/AAAAAAAAAAAA/leave', '/w/nothere', '/g/%F0%9F%8D%9D', '/w/a%2Fb']) {
    const r = await ask(to, { headers: { 'accept-language': 'es' } });
    assert.equal(r.status, 404, to);
    assert.match(r.headers.get('content-type'), /^text\/html/);
    assert.match(r.html, /<html lang="es">[^]*Pregunte al anfitrión/);
  }
  for (const what of ['coming', 'more-time', 'leave'])
    assert.equal((await post(`/g/AAAAAAAAAAAA/${what}`)).status, 404);
  const { page, party } = await down();
  h.sql(`UPDATE parties SET ended_at = now() - interval '25 hours', ended_by = 'staff', state = 'seated' WHERE party_id = '${party.id}'`);
  assert.equal((await ask(page)).status, 404);
  assert.equal((await ask('/guest/en.json')).status, 404, 'what pages are made from is not served');
});

test('what browsers are told, and how much they load', async () => {
  const { page } = await down();
  let all = 0;
  for (const to of [`/w/${code}`, page, `${page}/leave`, '/g/AAAAAAAAAAAA']) {
    const r = await ask(to);
    const policy = r.headers.get('content-security-policy');
    assert.match(policy, /^default-src 'none';/);
    assert.doesNotMatch(policy, /unsafe|\*|http/);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.equal(r.headers.get('referrer-policy'), 'no-referrer');
    assert.equal(r.headers.get('cache-control'), 'no-store');
    assert.equal(r.headers.get('x-robots-tag'), 'noindex');
    assert.doesNotMatch(r.html, /style=|<style|<script>| on\w+=/);
    const parts = [...r.html.matchAll(/(?:href|src)="(\/guest\/[^"]+)"/g)].map((m) => m[1]);
    assert.ok(parts.length >= 1);
    let bytes = Buffer.byteLength(r.html);
    for (const part of parts) bytes += Buffer.byteLength((await ask(part)).html);
    all = Math.max(all, bytes);
  }
  assert.ok(all < 30000, `${all} bytes`);
});

test('who sends forms or looks too often is told so in words, a guest apart from others', async (t) => {
  const slow = await h.gateway({ API_RATE: '1', PORT: '0' });
  t.after(() => slow.stop());
  const send = (to) => fetch(slow.url + to, { method: 'POST', redirect: 'manual', body: new URLSearchParams({ name: '' }) });
  const all = [];
  for (let i = 0; i < 14; i++) all.push(await send(`/w/${code}`));
  const refused = all.filter((r) => r.status === 429);
  assert.ok(refused.length >= 2, all.map((r) => r.status).join());
  assert.match(await refused[0].text(), /<html lang="en">[^]*too fast/);
  assert.ok(Number(refused[0].headers.get('retry-after')) >= 1, 'in seconds');
  const looks = await Promise.all(Array.from({ length: 20 }, () => fetch(`${slow.url}/g/AAAAAAAAAAAA`)));
  assert.ok(looks.some((r) => r.status === 429), 'an unknown token costs the address, which has nothing left');
});

// ---- in a browser ----

/** A guest's whole visit, as they see and press it; staff act through the API. */
async function journey(page, { js, locale }) {
  const w = JSON.parse(readFileSync(`gateway/console/guest/${locale}.json`, 'utf8'));
  const title = async (name) => {
    if (!js) await until(w[name], async () => { await page.reload().catch(() => {}); return (await page.textContent('h1')) === w[name]; });
    else await page.waitForFunction((t) => document.querySelector('h1').textContent === t, w[name], { timeout: 15000 });
  };
  const press = (name) => page.getByRole('button', { name: w[name], exact: true }).click();
  /** As when somebody takes their phone out: no need to wait for 10 seconds. */
  const look = () => js && page.evaluate(() => { document.dispatchEvent(new Event('visibilitychange')); });
  await page.goto(`${gateway.url}/w/${code}`);
  assert.equal(await page.getAttribute('html', 'lang'), locale);
  await page.getByLabel(w.name_label).fill('Zoë <b>');
  await press('join_button');
  assert.equal(await page.textContent('#size-bad'), w.size_bad_word);
  assert.equal(await page.inputValue('#name'), 'Zoë <b>');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'size', 'where it is wrong');
  await page.getByLabel(w.size_label).fill('3');
  await page.getByLabel(w.phone_label).fill(guest(next++).slice(2));
  assert.equal(await page.isChecked('#agree'), false);
  await page.check('#agree');
  await press('join_button');
  await title('party_pending');
  const { id } = (await parties()).at(-1);
  await act(id, 'accept', { quote_max: 15 });
  await look();
  await title('party_waiting');
  await act(id, 'notify');
  await look();
  await title('party_notified');
  await press('time_button');
  await title('party_more_time');
  await press('party_coming_button');
  await title('party_coming');
  await page.getByRole('link', { name: w.party_leave_button }).click();
  assert.equal(await page.textContent('h1'), w.party_leave_question);
  await page.getByRole('link', { name: w.party_leave_no }).click();
  await title('party_coming');
  await page.getByRole('link', { name: w.party_leave_button }).click();
  await press('party_leave_yes');
  await title('party_cancelled');
  assert.equal((await h.api(`/v1/parties/${id}`)).json.ended_by, 'guest');
  assert.ok(!page.problems.some((p) => !/422/.test(p)), page.problems.join('\n'));
}

test('a whole visit in a browser, without JavaScript and with it', async (t) => {
  const browser = await browse(t, h.dir);
  await journey(await page_of(browser, { size: 'phone', js: false, locale: 'fr' }), { js: false, locale: 'fr' });
  await journey(await page_of(browser, { size: 'phone', js: true, locale: 'es' }), { js: true, locale: 'es' });
  await journey(await page_of(browser, { size: 'desktop', js: true, locale: 'en' }), { js: true, locale: 'en' });
});

test('the page keeps itself up to date in its place, and stops when the visit has ended', async (t) => {
  const page = await page_of(await browse(t, h.dir), { size: 'phone' });
  const made = await down();
  await act(made.party.id, 'accept');
  let asked = 0;
  page.on('request', (r) => { asked += r.url().endsWith(made.page); });
  await page.clock.install();
  await page.goto(gateway.url + made.page);
  await page.evaluate(() => { window.same = true; });
  const top = () => page.$eval('#can', (e) => e.getBoundingClientRect().top);
  const at = await top();
  await page.focus('#leave');
  const title = (text) => page.waitForFunction((t) => document.querySelector('h1').textContent === t, text, { polling: 50 });
  await act(made.party.id, 'notify');
  await page.clock.runFor(10500);
  await title("It's your turn!");
  assert.equal(await page.evaluate(() => document.activeElement.id), 'leave', 'the focus stays');
  assert.equal(await top(), at, 'nothing jumps');
  assert.equal(await page.evaluate(() => window.same), true, 'it was not loaded anew');
  assert.equal(await page.getAttribute('#now', 'aria-live'), 'polite');
  await gateway.stop(); // nothing is lost while we are down
  await page.clock.runFor(20500);
  assert.equal(await page.textContent('h1'), "It's your turn!");
  gateway = await h.gateway();
  await act(made.party.id, 'seat');
  await page.clock.runFor(10500);
  await title('Welcome!');
  const then = asked;
  await page.clock.runFor(60000);
  assert.equal(asked, then);
  assert.equal(await page.getByRole('button').count(), 0);
});

test('axe finds nothing, in the light and in the dark; pictures', async (t) => {
  const browser = await browse(t, h.dir);
  await h.api('/v1/parties', { body: { name: 'Before', size: 2 } });
  const made = await down({ name: 'Maria Fernanda Gonzalez', size: '4', phone: guest(next++), agree: 'true' });
  const { json } = await h.api('/v1/bookings', { body: { name: 'Luc', size: 3, phone: guest(next++), starts_at: '2099-07-04T23:30:00Z' } });
  const booking = `/g/${h.sql(`SELECT token FROM bookings WHERE booking_id = '${json.booking.id}'`)}`;
  const looks = [['phone', false, 'en-US'], ['phone', true, 'es-MX'], ['tablet', false, 'fr-CA'], ['desktop', true, 'en-US']];
  const see = async (name, to, before = async () => {}) => {
    for (const [size, dark, locale] of looks) {
      const page = await page_of(browser, { size, dark, locale });
      await page.goto(gateway.url + to);
      await before(page);
      await axe_clean(page);
      const small = await page.$$eval('a, button, input:not([type=hidden]), label[for=agree]', (all) => all.filter((e) => {
        const { width, height } = e.getBoundingClientRect();
        return e.id !== 'agree' && Math.min(width, height) < 44;
      }).map((e) => e.outerHTML));
      assert.deepEqual(small, [], `${name} ${size}`);
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${name} ${size}: nothing is cut`);
      await shot(page, `guest-${name}-${size}${dark ? '-dark' : ''}`);
      await page.context().close();
    }
  };
  await see('join', `/w/${code}`);
  await see('wrong', `/w/${code}`, async (page) => { await page.fill('#phone', '555'); await page.click('button'); });
  await see('pending', made.page);
  await act(made.party.id, 'accept', { quote_max: 25 });
  await see('waiting', made.page);
  await act(made.party.id, 'notify');
  await see('called', made.page);
  await see('leave', `${made.page}/leave`);
  await act(made.party.id, 'seat');
  await see('seated', made.page);
  await see('booking', booking);
  await see('gone', '/g/AAAAAAAAAAAA');
});

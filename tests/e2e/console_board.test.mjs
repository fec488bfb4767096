// console_board.test.mjs - the board as a host uses it, in a real browser: parties put down, told, answered,
// seated; what is taken back, what cannot be missed, what was blocked and why.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { axe_clean, browse, shot } from './browser.mjs';
import { desk, names_in_line, on_phone, party, row, says } from './desk.mjs';
import { guest, house, until } from './house.mjs';

let h, browser;
const closing = [];
before(async () => {
  h = await house();
  await h.gateway();
  browser = await browse({ after: (close) => closing.push(close) }, h.dir);
});
after(async () => { for (const close of closing) await close(); await h?.close(); });
beforeEach(() => h.sql('DELETE FROM calls_due; DELETE FROM parties'));

const state = async (id) => (await h.api(`/v1/parties/${id}`)).json.state;
const thread = (page) => page.getByRole('complementary', { name: 'Texts and calls' });

test('a party is put down by the keyboard alone: n, number, name, size, Enter', async () => {
  const page = await desk(h, browser);
  const number = guest(7001);
  const began = Date.now();
  await page.keyboard.press('n');
  await page.keyboard.type(number.slice(2), { delay: 40 }); // as somebody types who does not look
  await page.keyboard.press('Tab');
  await page.keyboard.type('Ana', { delay: 40 });
  await page.keyboard.press('Tab');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await row(page, 'Ana').waitFor();
  console.log(`on the board ${Date.now() - began} ms after n`);
  const { json } = await h.api('/v1/parties');
  assert.deepEqual(json.data.map((p) => [p.name, p.size, p.guest.phone]), [['Ana', 4, number]]);
  assert.match(await until('their text', async () => (await on_phone(h, number))[0]), /You're on the list, Ana/);

  // who was here before fills in
  await row(page, 'Ana').getByRole('button', { name: 'Seat Ana' }).click();
  await row(page, 'Ana').waitFor({ state: 'detached' });
  await page.keyboard.press('n');
  await page.keyboard.type(number.slice(2));
  await page.getByText('Here 1 time before.').waitFor();
  assert.equal(await page.getByLabel('Name').inputValue(), 'Ana');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Add a party' }).waitFor();
  assert.deepEqual(page.problems.filter((x) => !x.includes('404')), [], 'but for the number that nobody had');
});

test('a field that is wrong says so beside it, and nothing is lost', async () => {
  const page = await desk(h, browser, { size: 'tablet' });
  await page.getByRole('button', { name: 'Add a party' }).click();
  await page.getByLabel('Phone').fill('12');
  await page.getByLabel('Name').fill('Bo');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await page.locator('.field', { hasText: 'Phone' }).locator('.problem').waitFor();
  assert.equal(await page.getByLabel('Phone').getAttribute('aria-invalid'), 'true');
  assert.equal(await page.getByLabel('Name').inputValue(), 'Bo');
  await axe_clean(page);
  await shot(page, 'board-add-problem');
});

test('notify waits five seconds, in which it is taken back; then nothing was sent', async () => {
  const p = await party(h, 'Carla', { text: false });
  const page = await desk(h, browser);
  await row(page, 'Carla').getByRole('button', { name: /^Notify/ }).click();
  await row(page, 'Carla').getByText(/Text leaves in \d s/).waitFor();
  await axe_clean(page);
  await shot(page, 'board-undo');
  await row(page, 'Carla').getByRole('button', { name: 'Undo' }).click();
  await row(page, 'Carla').getByText('Table ready: not sent').waitFor();
  assert.equal(await state(p.id), 'waiting');
  assert.deepEqual(await on_phone(h, p.phone), []);

  await row(page, 'Carla').getByRole('button', { name: /^Notify/ }).click();
  await row(page, 'Carla').getByText('Table ready: delivered').waitFor();
  assert.equal(await row(page, 'Carla').getByRole('button', { name: 'Undo' }).count(), 0, 'none once it has left');
  assert.equal((await on_phone(h, p.phone)).length, 1);
});

test('an undo that comes before the answer to what it undoes is not lost', async () => {
  const p = await party(h, 'Cleo', { text: false });
  const page = await desk(h, browser);
  await page.route('**/notify', async (route) => { // the board hears of it sooner than whoever did it
    const answer = await route.fetch();
    await row(page, 'Cleo').getByText(/Text leaves in/).waitFor();
    await row(page, 'Cleo').getByRole('button', { name: 'Undo' }).click();
    await route.fulfill({ response: answer });
  });
  await row(page, 'Cleo').getByRole('button', { name: /^Notify/ }).click();
  await row(page, 'Cleo').getByText('Table ready: not sent').waitFor();
  assert.equal(await state(p.id), 'waiting');

  await page.unroute('**/notify');
  await row(page, 'Cleo').getByRole('button', { name: /^Notify/ }).click();
  await row(page, 'Cleo').getByText('Table ready: delivered').waitFor();
  await row(page, 'Cleo').getByRole('button', { name: 'More for Cleo' }).click();
  await page.getByRole('menuitem', { name: 'Back in line' }).click();
  await page.getByText('Their text had already left.').waitFor();
});

test('two taps are one text, also of two hosts at once', async () => {
  const [tapped, both, thumb] = [await party(h, 'Dmitri', { text: false }), await party(h, 'Elif', { text: false }),
                                 await party(h, 'Finn', { text: false })];
  const [one, two] = [await desk(h, browser, { size: 'tablet' }), await desk(h, browser, { name: 'Bo', role: 'host', size: 'phone' })];
  await row(one, 'Dmitri').getByRole('button', { name: /^Notify/ }).dblclick(); // and no other button comes below it
  await row(two, 'Finn').getByRole('button', { name: /^Notify/ }).dblclick();
  await Promise.all([one, two].map((page) => row(page, 'Elif').getByRole('button', { name: /^Notify/ }).click()));
  for (const p of [tapped, both, thumb]) await until('their text', async () => (await on_phone(h, p.phone)).length > 0);
  for (const page of [one, two]) {
    await row(page, 'Dmitri').getByText('Table ready: delivered').waitFor();
    await row(page, 'Elif').getByText('Table ready: delivered').waitFor();
    await row(page, 'Finn').getByText('Table ready: delivered').waitFor();
  }
  await shot(two, 'board-phone');
  assert.equal((await on_phone(h, tapped.phone)).length, 1);
  assert.equal((await on_phone(h, both.phone)).length, 1);
  assert.equal((await on_phone(h, thumb.phone)).length, 1);
  assert.equal(h.sql(`SELECT count(*) FROM messages WHERE visit IN ('${tapped.id}', '${both.id}', '${thumb.id}')`), '3');
});

test('a reply cannot be missed: mark, words, title, sound, live region; until somebody reads it', async () => {
  const p = await party(h, 'Fatima');
  await h.api(`/v1/parties/${p.id}/notify`, { method: 'POST' });
  const [page, other] = [await desk(h, browser), await desk(h, browser, { name: 'Bo', role: 'host', size: 'tablet' })];
  await page.evaluate(() => {
    window.sounds = 0;
    const start = OscillatorNode.prototype.start;
    OscillatorNode.prototype.start = function (...when) { window.sounds++; return start.apply(this, when); };
  });
  await says(h, p.phone, 'On my way, is there parking?');
  for (const at of [page, other]) {
    await row(at, 'Fatima').locator('.unread').getByText('On my way, is there parking?').waitFor();
    await until('the title', async () => (await at.title()) === '(1) Test');
  }
  assert.equal(await page.getByRole('log').innerText(), 'Fatima wrote: On my way, is there parking?');
  assert.equal(await page.evaluate('window.sounds'), 1);
  await axe_clean(page);
  await shot(page, 'board-unread');
  await row(page, 'Fatima').locator('.unread').click();
  await thread(page).getByText('On my way, is there parking?').waitFor();
  for (const at of [page, other]) {
    await row(at, 'Fatima').locator('.unread').waitFor({ state: 'detached' });
    await until('the title', async () => (await at.title()) === 'Test');
  }
  await says(h, p.phone, '1');
  await row(other, 'Fatima').getByText('coming', { exact: true }).waitFor();
});

test('a thread goes both ways, with quick replies, segments as they are typed, and why', async () => {
  await h.api('/v1/quick-replies', { body: { label: 'Late', body: 'We are running ten minutes late.' } });
  const p = await party(h, 'Gus');
  const page = await desk(h, browser, { size: 'tablet' });
  await row(page, 'Gus').getByRole('button', { name: 'Open Gus' }).click();
  const writing = thread(page).getByRole('textbox');
  await thread(page).getByRole('button', { name: 'Late' }).click();
  assert.equal(await writing.inputValue(), 'We are running ten minutes late.');
  await thread(page).getByText('1 segment, 128 left').waitFor();
  await writing.fill('Ten minutes, I promise \u{1F64F}');
  await thread(page).getByText(/1 segment, 45 left .* emoji/).waitFor();
  await writing.press('Enter');
  const bubble = thread(page).locator('.bubble', { hasText: 'I promise' });
  await bubble.getByText('delivered').waitFor();
  assert.equal((await on_phone(h, p.phone)).at(-1), 'Ten minutes, I promise \u{1F64F}');
  await bubble.getByRole('button', { name: 'Why?' }).click();
  const why = page.getByRole('dialog', { name: /Why|why/ });
  for (const words of ['Accepted, to be sent.', /^Offered to Twilio/, 'Twilio accepted it.', /on the guest's phone\.$/])
    await why.getByText(words).first().waitFor();
  await axe_clean(page);
  await shot(page, 'thread-why');
  await page.keyboard.press('Escape');
  await why.waitFor({ state: 'detached' });
  await thread(page).waitFor(); // Escape closes what is on top, not what is below
  await page.keyboard.press('Escape');
  await thread(page).waitFor({ state: 'detached' });
  assert.deepEqual(page.problems, []);
});

test('who opted out, may have, or cannot be texted: in words, with the next step', async () => {
  const [stopped, flagged, landline] = [await party(h, 'Hana'), await party(h, 'Igor'), await party(h, 'Jo', { text: false })];
  const page = await desk(h, browser);
  await says(h, stopped.phone, 'STOP');
  await row(page, 'Hana').getByText('no texts').waitFor();
  await row(page, 'Hana').getByRole('button', { name: /^Notify/ }).click();
  await page.getByText('Not texted. The guest asked not to be texted.').waitFor();
  await row(page, 'Hana').getByRole('button', { name: 'Open Hana' }).click();
  await thread(page).getByText(/replied STOP/).waitFor();
  assert.equal(await thread(page).getByRole('textbox').count(), 0, 'there is nothing to write in');
  await axe_clean(page);
  await shot(page, 'thread-stopped');

  await says(h, flagged.phone, 'please stop texting me');
  await row(page, 'Igor').getByText('may have asked to stop').waitFor();
  await row(page, 'Igor').getByRole('button', { name: 'Open Igor' }).click();
  await thread(page).getByText('Until you decide, none goes out.').waitFor();
  await thread(page).getByRole('blockquote').getByText('stop').waitFor();
  await shot(page, 'thread-flagged');
  await thread(page).getByRole('button', { name: 'It meant nothing of the kind' }).click();
  await thread(page).getByRole('textbox').waitFor();
  await row(page, 'Igor').getByText('may have asked to stop').waitFor({ state: 'detached' });

  await h.faults('twilio', { kind: 'final', to: landline.phone, status: 'undelivered', code: '30006' });
  await h.faults('telnyx', { kind: 'final', to: landline.phone, status: 'undelivered', code: '40008' });
  await row(page, 'Jo').getByRole('button', { name: /^Notify/ }).click();
  await row(page, 'Jo').getByText(/Table ready: not delivered\. .*landline/i).waitFor();
  await shot(page, 'board-failed');
  await row(page, 'Jo').getByRole('button', { name: 'Call them' }).click();
  await until('the phone rings', async () => (await h.sim('/sim/v1/calls')).json.calls?.some((c) => c.to === landline.phone));
  await h.heal();
});

test('seated, gone, not come: one tap, and one back', async () => {
  const [, , mo] = [await party(h, 'Kai'), await party(h, 'Lena'), await party(h, 'Mo')];
  const page = await desk(h, browser, { size: 'tablet' });
  await row(page, 'Kai').getByRole('button', { name: 'Seat Kai' }).click();
  await page.getByRole('status').getByText('Kai is seated.').waitFor();
  await row(page, 'Kai').waitFor({ state: 'detached' });
  await page.getByRole('status').getByRole('button', { name: 'Undo' }).click();
  await until('back at its place', async () => (await names_in_line(page)).join() === 'Kai,Lena,Mo');
  await row(page, 'Lena').getByRole('button', { name: 'More for Lena' }).click();
  await axe_clean(page);
  await page.getByRole('menuitem', { name: 'Guest left' }).click();
  await row(page, 'Lena').waitFor({ state: 'detached' });
  await h.api(`/v1/parties/${mo.id}/notify`, { method: 'POST' });
  await row(page, 'Mo').getByRole('button', { name: 'More time: Mo' }).click(); // in the row, where there is room
  await row(page, 'Mo').getByText('needs more time').waitFor();
  await row(page, 'Mo').getByRole('button', { name: 'No-show: Mo' }).click();
  await page.getByText('Mo did not come.').waitFor();
  await page.getByRole('tab', { name: 'Done' }).click();
  await page.locator('.ended-row', { hasText: 'Lena' }).getByText('left').waitFor();
  await axe_clean(page);
  await shot(page, 'board-done');
  await page.getByRole('button', { name: 'Undo for Lena' }).click();
  await page.getByRole('tab', { name: 'Waitlist' }).click();
  await row(page, 'Lena').waitFor();
});

test('the line is put in another order by buttons and by hand, on every screen', async () => {
  for (const name of ['Nia', 'Omar', 'Pia', 'Quinn']) await party(h, name);
  const [page, other] = [await desk(h, browser), await desk(h, browser, { name: 'Bo', role: 'host' })];
  const both = (names) => Promise.all([page, other].map((at) =>
    until(names.join(' '), async () => (await names_in_line(at)).join() === names.join())));
  await both(['Nia', 'Omar', 'Pia', 'Quinn']);
  const move = async (name, where) => {
    await row(page, name).getByRole('button', { name: `More for ${name}` }).click();
    await page.getByRole('menuitem', { name: where }).click();
  };
  await move('Pia', 'Move up');
  await both(['Nia', 'Pia', 'Omar', 'Quinn']);
  await move('Nia', 'Move down');
  await both(['Pia', 'Nia', 'Omar', 'Quinn']);
  const drag = async (name, to) => {
    const [grip, target] = [await row(page, name).locator('.handle').boundingBox(), await row(page, to).boundingBox()];
    await page.mouse.move(grip.x + 8, grip.y + 8);
    await page.mouse.down();
    await page.mouse.move(grip.x + 8, target.y + target.height * 0.8, { steps: 8 });
    await page.mouse.up();
  };
  await drag('Pia', 'Omar');
  await both(['Nia', 'Omar', 'Pia', 'Quinn']);
  assert.equal(await row(page, 'Nia').locator('.number').innerText(), '1');
});

test('a whole visit by the keyboard alone', async () => {
  const p = await party(h, 'Rosa', { text: false });
  const page = await desk(h, browser);
  await row(page, 'Rosa').waitFor();
  await page.keyboard.press('j');
  await page.keyboard.press('1');
  await row(page, 'Rosa').getByText(/Text leaves in/).waitFor();
  await page.keyboard.press('u');
  await row(page, 'Rosa').getByText('Table ready: not sent').waitFor();
  await page.keyboard.press('1');
  await row(page, 'Rosa').getByText('Table ready: delivered').waitFor();
  await page.keyboard.press('3');
  await row(page, 'Rosa').getByText('needs more time').waitFor();
  await page.keyboard.press('Enter');
  await thread(page).waitFor();
  await thread(page).getByRole('textbox').focus();
  await page.keyboard.type('Take your time.');
  await page.keyboard.press('Enter');
  await thread(page).getByText('Take your time.').waitFor();
  await page.keyboard.press('Escape');
  await thread(page).waitFor({ state: 'detached' });
  assert.equal(await page.evaluate(() => document.activeElement.closest('.row')?.dataset.id), p.id, 'the focus is back at the row');
  await page.keyboard.press('2');
  await page.getByText('Rosa is seated.').waitFor();
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keys' }).waitFor();
  await axe_clean(page);
  await shot(page, 'board-keys');
});

test('what guests write is shown as text, and breaks nothing', async () => {
  const p = await party(h, '<b>Sam</b> & co');
  const page = await desk(h, browser, { size: 'phone' });
  page.on('dialog', () => page.problems.push('a dialog'));
  const hostile = ['<img src=x onerror=alert(1)><script>alert(2)</script>', '\u202Eevil\u202C \u0627\u0644\u0633\u0644\u0627\u0645',
                   '\u{1F600}'.repeat(1600), 'x'.repeat(1500), 'javascript:alert(1) http://evil.example/"><svg onload=alert(3)>'];
  for (const body of hostile) await says(h, p.phone, body);
  await row(page, 'Sam').locator('.unread').waitFor();
  const fits = () => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);
  assert.ok(await fits(), 'nothing is wider than the screen');
  await shot(page, 'board-hostile');
  await row(page, 'Sam').locator('.unread').click();
  for (const body of [hostile[0], hostile[4]]) await thread(page).getByText(body, { exact: true }).waitFor();
  assert.equal(await thread(page).locator('.bubble.in').count(), hostile.length);
  assert.ok(await fits(), 'nothing is wider than the screen');
  assert.equal(await page.locator('.bubble img, .bubble script, .bubble svg[onload], .row b:not(.unread b)').count(), 0);
  await shot(page, 'thread-hostile');
  assert.deepEqual(page.problems, []);
});

test('a carrier fails in the middle of it: the other one takes over, and Why says so', async () => {
  const p = await party(h, 'Tariq', { text: false });
  const page = await desk(h, browser, { size: 'tablet', dark: true });
  await h.faults('twilio', { kind: 'refuse' });
  await row(page, 'Tariq').getByRole('button', { name: /^Notify/ }).click();
  await row(page, 'Tariq').getByText('Table ready: delivered').waitFor();
  assert.equal((await on_phone(h, p.phone)).length, 1);
  await row(page, 'Tariq').getByRole('button', { name: 'Open Tariq' }).click();
  await thread(page).getByRole('button', { name: 'Why?' }).click();
  const why = page.getByRole('dialog');
  await why.getByText(/^Offered to Twilio/).waitFor();
  await why.getByText(/^Offered to Telnyx/).waitFor();
  await axe_clean(page);
  await shot(page, 'why-failover-dark');
  await h.heal();
});

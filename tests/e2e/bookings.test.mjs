// bookings.test.mjs - bookings: made, moved, reminded of, confirmed and cancelled by text, arrived.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { TWILIO_NUMBER, guest, house, until } from './house.mjs';

let h;
let next = 300;
before(async () => {
  h = await house();
  await h.gateway();
});
after(() => h?.close());

const hours = (n) => new Date(Date.now() + n * 3_600_000).toISOString();
const phone = async (number) =>
  (await h.sim(`/sim/v1/ledger?to=${number.slice(1)}`)).json.texts.map((t) => t.body);
const booking = async (id) => (await h.api(`/v1/bookings/${id}`)).json;
const act = (id, action, body) => h.api(`/v1/bookings/${id}/${action}`, { method: 'POST', body });

async function book(more = {}) {
  const number = more.phone ?? guest(next++);
  const r = await h.api('/v1/bookings',
                        { body: { starts_at: hours(72), size: 4, name: 'Maria', phone: number, ...more } });
  assert.equal(r.status, 201, r.text);
  return { number, id: r.json.booking.id, booking: r.json.booking, text: r.json.text };
}

async function says(number, body) {
  const r = await h.sim('/sim/v1/replies', { body: { from: number, to: TWILIO_NUMBER, provider: 'twilio', body } });
  assert.ok(r.status < 300, r.text);
}

/** As if its time to remind had come. */
const remind = async (id) => {
  h.sql(`UPDATE bookings SET remind_at = now() WHERE booking_id = '${id}'`);
  return until('reminded', async () => { const b = await booking(id); return b.history.some((e) => e.what === 'reminded') && b; });
};

test('a booking is told, reminded of, confirmed by 1 and becomes a party', async () => {
  const b = await book();
  assert.equal(b.booking.state, 'booked');
  assert.match(b.text.body, /Maria|party of 4|\/g\//);
  const due = await remind(b.id);
  assert.equal(due.state, 'reminded');
  await until('two texts', async () => (await phone(b.number)).length === 2);
  assert.match((await phone(b.number))[1], /\b1 to confirm.* 9 /);
  await says(b.number, '1');
  await until('confirmed', async () => (await booking(b.id)).state === 'confirmed');
  await until('an answer', async () => (await phone(b.number)).length === 3);
  const arrived = await act(b.id, 'arrive');
  assert.equal(arrived.json.booking.state, 'arrived');
  assert.equal(arrived.json.text.why, 'not_asked');
  const party = (await h.api(`/v1/parties/${arrived.json.booking.party_id}`)).json;
  assert.equal(party.source, 'booking');
  assert.equal(party.guest.phone, b.number);
  assert.equal((await act(b.id, 'arrive')).json.changed, false);
  assert.equal((await act(b.id, 'cancel')).status, 409);
});

test('two bookings of one guest are asked apart', async () => {
  const first = await book();
  const second = await book({ phone: first.number, starts_at: hours(96), size: 2 });
  await remind(first.id);
  await remind(second.id);
  await until('four texts', async () => (await phone(first.number)).length === 4);
  const asked = (await phone(first.number)).slice(2).join('\n');
  assert.match(asked, /\b1 to confirm.* 9 /);
  assert.match(asked, /\b11 to confirm.* 19 /);
  await says(first.number, '19');
  await until('the second is off', async () => (await booking(second.id)).state === 'cancelled');
  assert.equal((await booking(first.id)).state, 'reminded');
  await says(first.number, '1');
  await until('the first is on', async () => (await booking(first.id)).state === 'confirmed');
  const third = await book({ phone: first.number, starts_at: hours(120) });
  await remind(third.id);
  await until('asked', async () => (await phone(first.number)).length === 8);
  assert.match((await phone(first.number)).at(-1), /\b1 to confirm/, 'the first slot is free again');
});

test('a booking is moved, and its reminders with it; what was on its way is not sent', async () => {
  const b = await book();
  const at = hours(100);
  const moved = await h.api(`/v1/bookings/${b.id}`, { method: 'PATCH', body: { starts_at: at, version: b.booking.version } });
  assert.equal(moved.json.booking.starts_at, at);
  assert.equal(moved.json.text.texted, true);
  assert.equal(Date.parse(moved.json.booking.remind_at), Date.parse(at) - 24 * 3_600_000);
  assert.equal((await h.api(`/v1/bookings/${b.id}`, { method: 'PATCH', body: { size: 2, version: 1 } })).json.param, 'version');
  assert.equal((await h.api(`/v1/bookings/${b.id}`, { method: 'PATCH', body: { starts_at: at } })).json.changed, false);
  const off = await act(b.id, 'cancel');
  assert.equal(off.json.text.texted, true);
  assert.equal(off.json.booking.remind_at, null);
  const back = await act(b.id, 'undo');
  assert.equal(back.json.booking.state, 'booked');
  assert.ok(back.json.booking.remind_at);
  assert.equal((await act(b.id, 'confirm')).json.booking.state, 'confirmed');
  assert.equal((await act(b.id, 'no-show')).json.booking.state, 'no_show');
  const day = (days) => new Date(Date.parse(at) + days * 86_400_000).toISOString().slice(0, 10);
  const list = (await h.api(`/v1/bookings?from=${day(-1)}&to=${day(1)}`)).json; // its day at the venue may be the one before
  assert.ok(list.data.some((x) => x.id === b.id));
});

test('a table that is ready and a booking reminded of are two questions', async () => {
  const b = await book();
  await remind(b.id);
  const p = (await h.api('/v1/parties', { body: { size: 2, phone: b.number, text: false } })).json.party;
  const called = await h.api(`/v1/parties/${p.id}/notify`, { method: 'POST' });
  assert.match(called.json.text.body, /\b11 .*12 .*19 /);
  await says(b.number, '11');
  await until('coming', async () => (await h.api(`/v1/parties/${p.id}`)).json.state === 'coming');
  assert.equal((await booking(b.id)).state, 'reminded');
});

test('a digit that nobody asked for, from a guest with two things open, is for staff to read', async () => {
  const b = await book({ text: false });
  const p = (await h.api('/v1/parties', { body: { size: 2, phone: b.number, text: false } })).json.party;
  await says(b.number, '9');
  await until('it is unread', async () => (await booking(b.id)).guest.unread === 1);
  assert.equal((await booking(b.id)).state, 'booked');
  assert.equal((await h.api(`/v1/parties/${p.id}`)).json.state, 'waiting');
  await h.api(`/v1/bookings/${b.id}/cancel`, { body: { text: false } });
  await says(b.number, '9');
  await until('now it is clear', async () => (await h.api(`/v1/parties/${p.id}`)).json.state === 'cancelled');
});

test('a guest confirms and cancels on the page of a booking', async () => {
  const b = await book({ text: false });
  const { link } = await booking(b.id);
  const page = `/v1/guest/${link.split('/g/')[1]}`;
  assert.equal((await h.api(page, { key: null })).json.what, 'booking');
  assert.equal((await h.api(`${page}/coming`, { key: null, method: 'POST' })).json.state, 'confirmed');
  assert.equal((await h.api(`${page}/more-time`, { key: null, method: 'POST' })).status, 409);
  assert.equal((await h.api(`${page}/leave`, { key: null, method: 'POST' })).json.state, 'cancelled');
  assert.equal((await booking(b.id)).ended_by, 'guest');
});

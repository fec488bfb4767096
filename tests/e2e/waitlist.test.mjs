// waitlist.test.mjs - parties: added, called, answered, seated; double taps; who calls next; undo.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { KEY, TWILIO_NUMBER, call, guest, house, until } from './house.mjs';
import { stream } from './sse.mjs';

let h;
let next = 100;
before(async () => {
  h = await house();
  await h.gateway();
});
after(() => h?.close());

/** The texts that reached a phone, in their order. */
async function phone(number) {
  const { json } = await h.sim(`/sim/v1/ledger?to=${number.slice(1)}`);
  return json.texts.map((t) => t.body);
}

async function add(more = {}) {
  const number = guest(next++);
  const r = await h.api('/v1/parties', { body: { name: 'Maria', size: 2, phone: number, quote_max: 20, ...more } });
  assert.equal(r.status, 201, r.text);
  return { number, id: r.json.party.id, party: r.json.party, text: r.json.text };
}

const act = (id, action, body) => h.api(`/v1/parties/${id}/${action}`, { method: 'POST', body });

const party = async (id) => (await h.api(`/v1/parties/${id}`)).json;

async function says(number, body) {
  const r = await h.sim('/sim/v1/replies', { body: { from: number, to: TWILIO_NUMBER, provider: 'twilio', body } });
  assert.ok(r.status < 300, r.text);
}


test('a party is told that it is on the list, then that its table is ready, and comes', async () => {
  const p = await add({ quote_min: 15 });
  assert.equal(p.party.state, 'waiting');
  assert.equal(p.text.texted, true);
  assert.match(p.text.body, new RegExp(`Maria.*15-20 min.*${h.gatewayUrl}/g/[\\w-]{12}`, 's'));
  const { json: agreed } = await h.api(`/v1/conversations/${p.party.guest.id}/consent`);
  assert.deepEqual(agreed.history.map((e) => [e.action, e.by, e.who, e.words]), [['given', 'staff', 'test', 'verbal']]);
  const called = await act(p.id, 'notify');
  assert.equal(called.json.party.state, 'notified');
  assert.match(called.json.text.body, /ready/);
  await until('both texts', async () => (await phone(p.number)).length === 2);
  await says(p.number, '1');
  await until('coming', async () => (await party(p.id)).state === 'coming');
  await until('the answer', async () => (await phone(p.number)).length === 3);
  const seated = await act(p.id, 'seat', { seat: '12' });
  assert.equal(seated.json.party.state, 'seated');
  assert.equal(seated.json.text.texted, false);
  assert.deepEqual((await party(p.id)).history.map((e) => e.what).sort(),
                   ['added', 'coming', 'notify', 'seat', 'texted', 'texted', 'texted', 'wrote']);
  await says(p.number, 'thank you!');
  await until('it is theirs', async () => (await party(p.id)).history.some((e) => e.message?.body === 'thank you!'));
  assert.equal((await act(p.id, 'notify')).status, 409);
  assert.equal((await act(p.id, 'seat')).json.changed, false);
});

test('who needs more time gets it, who gives up is off the list, each is told', async () => {
  const p = await add({ language: 'es', name: 'Zo\u00eb' });
  await act(p.id, 'notify');
  const { held_until: before } = await party(p.id);
  await says(p.number, '2');
  const later = await until('more time', async () => { const q = await party(p.id); return q.state === 'more_time' && q; });
  assert.equal(Date.parse(later.held_until) - Date.parse(before), 600_000);
  await until('three texts', async () => (await phone(p.number)).length === 3);
  await says(p.number, ' 9. ');
  const gone = await until('gone', async () => { const q = await party(p.id); return q.state === 'cancelled' && q; });
  assert.equal(gone.ended_by, 'guest');
  await until('four texts', async () => (await phone(p.number)).length === 4);
  const back = await act(p.id, 'undo');
  assert.equal(back.json.party.state, 'more_time');
  assert.equal((await act(p.id, 'undo')).json.party.state, 'waiting');
  await says(p.number, 'hay mesa fuera?');
  await until('staff see it', async () => (await party(p.id)).guest.unread === 3);
  await h.api(`/v1/conversations/${gone.guest.id}/read`, { method: 'POST' });
  assert.equal((await party(p.id)).guest.unread, 0);
  const sent = await h.api(`/v1/conversations/${gone.guest.id}/messages`, { body: { body: 'S\u00ed.' } });
  assert.equal(sent.status, 202);
  assert.equal(sent.json.encoding, 'UCS-2');
  await until('their answer', async () => (await phone(p.number)).includes('S\u00ed.'));
  assert.equal((await party(p.id)).history.filter((e) => e.what === 'wrote').length, 3);
});

test('notify pressed 50 times at once by 5 hosts through 2 processes is one text', async () => {
  const other = await h.gateway({ PORT: '0' });
  const p = await add();
  const presses = await Promise.all(Array.from({ length: 50 }, (_, i) =>
    call(`${i % 2 ? other.url : h.gatewayUrl}/v1/parties/${p.id}/notify`,
         { method: 'POST', headers: { authorization: `Bearer ${KEY}` } })));
  assert.deepEqual([...new Set(presses.map((r) => r.status))], [200]);
  assert.equal(presses.filter((r) => r.json.changed).length, 1);
  assert.equal(presses.filter((r) => r.json.text.texted).length, 1);
  assert.equal(presses.filter((r) => r.json.text.why === 'just_notified').length, 49);
  assert.equal((await party(p.id)).notices, 1);
  await until('it is there', async () => (await phone(p.number)).length === 2);
  await other.stop();
  await new Promise((done) => setTimeout(done, 500));
  assert.equal((await phone(p.number)).length, 2);
});

test('both screens hear of it, and both show the same', async () => {
  const other = await h.gateway({ PORT: '0' });
  const screens = [stream(h.gatewayUrl), stream(other.url)];
  await Promise.all(screens.map((s) => s.opened()));
  const p = await add({ text: false });
  await act(p.id, 'notify');
  await says(p.number, '9');
  const shown = await Promise.all(screens.map((s) =>
    s.event('the end', (e) => e.event === 'party.changed' && e.data.data.id === p.id && e.data.data.state === 'cancelled')));
  assert.deepEqual(shown[0].data.data, shown[1].data.data);
  for (const s of screens) {
    const told = s.events.filter((e) => e.data.data?.visit === p.id).map((e) => e.event);
    for (const type of ['message.queued', 'message.received']) assert.ok(told.includes(type), type);
    assert.equal(s.events.filter((e) => e.event === 'party.added' && e.data.data.id === p.id).length, 1);
  }
  screens.forEach((s) => s.cut());
  await other.stop();
});

test('three hosts who call the next one get three parties, those who fit', async () => {
  h.sql('DELETE FROM parties');
  const parties = [];
  for (const size of [2, 6, 2, 2]) parties.push(await add({ size }));
  const called = await Promise.all([1, 2, 3].map(() =>
    h.api('/v1/parties/next', { body: { at_most: 4 } })));
  assert.deepEqual(called.map((r) => r.json.party.id).sort(), [0, 2, 3].map((i) => parties[i].id));
  const none = await h.api('/v1/parties/next', { body: { at_most: 4 } });
  assert.equal(none.status, 409);
  assert.equal((await h.api('/v1/parties/next', { body: {} })).json.party.id, parties[1].id);
});

test('who calls the next one calls one, also when the answer of the database is lost', async () => {
  h.sql('DELETE FROM parties');
  for (let i = 0; i < 60; i++) await h.api('/v1/parties', { body: { size: 2 } });
  let calling = true;
  const cuts = (async () => {
    while (calling) {
      h.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'maitred'");
      await new Promise((done) => setTimeout(done, 20));
    }
  })();
  const called = [];
  let failed = 0;
  await Promise.all([1, 2, 3].map(async () => {
    for (let i = 0; i < 15; i++) {
      const r = await call(`${h.gatewayUrl}/v1/parties/next`, { body: {}, headers: { authorization: `Bearer ${KEY}` } });
      if (r.status === 200) called.push(r.json.party.id);
      else { assert.equal(r.status, 503, r.text); failed++; }
    }
  }));
  calling = false;
  await cuts;
  assert.equal(new Set(called).size, called.length, 'each another one');
  const notified = Number(h.sql("SELECT count(*) FROM parties WHERE state = 'notified'"));
  assert.ok(notified >= called.length && notified <= called.length + failed, `${notified} for ${called.length} and ${failed} lost`);
});

test('the line has an order that staff change', async () => {
  h.sql('DELETE FROM parties');
  const [a, b, c] = [await add(), await add(), await add()];
  const order = async () => (await h.api('/v1/parties')).json.data.map((p) => p.id);
  assert.deepEqual(await order(), [a.id, b.id, c.id]);
  await act(c.id, 'move', {});
  assert.deepEqual(await order(), [c.id, a.id, b.id]);
  await act(c.id, 'move', { after: a.id });
  assert.deepEqual(await order(), [a.id, c.id, b.id]);
  for (let i = 0; i < 60; i++) await act(i % 2 ? b.id : c.id, 'move', { after: a.id });
  assert.deepEqual(await order(), [a.id, b.id, c.id]);
  assert.equal((await party(b.id)).ahead, 1);
  const first = await h.api('/v1/parties?limit=2');
  const second = await h.api(`/v1/parties?limit=2&cursor=${first.json.next_cursor}`);
  assert.deepEqual([...first.json.data, ...second.json.data].map((p) => p.id), [a.id, b.id, c.id]);
  assert.equal((await act(a.id, 'move', { after: a.id })).status, 409);
  await act(a.id, 'cancel');
  assert.equal((await act(b.id, 'move', { after: a.id })).json.param, 'after');
});

test('a change to what somebody else has changed is refused, the same change is not', async () => {
  const p = await add();
  const { version } = p.party;
  const size = await h.api(`/v1/parties/${p.id}`, { method: 'PATCH', body: { version, size: 5 } });
  assert.equal(size.json.party.size, 5);
  assert.equal((await act(p.id, 'seat', { version })).json.param, 'version');
  assert.equal((await act(p.id, 'seat', { version: size.json.party.version })).status, 200);
  assert.equal((await act(p.id, 'seat', { version })).json.changed, false);
  const quoted = await add();
  const r = await h.api(`/v1/parties/${quoted.id}`, { method: 'PATCH', body: { quote_max: 45 } });
  assert.match(r.json.text.body, /45 min/);
  const same = await h.api(`/v1/parties/${quoted.id}`, { method: 'PATCH', body: { quote_max: 45 } });
  assert.equal(same.json.changed, false);
  assert.equal((await h.api(`/v1/parties/${quoted.id}`, { method: 'DELETE' })).json.state, 'deleted');
  assert.equal((await h.api(`/v1/parties/${quoted.id}`)).status, 404);
});

test('each call says whether the guest is texted, and why not', async () => {
  const silent = await add({ text: false });
  assert.equal(silent.text.why, 'not_asked');
  const bare = await h.api('/v1/parties', { body: { size: 3 } });
  assert.equal(bare.json.text.why, 'no_number');
  assert.equal(bare.json.party.guest, null);
  assert.equal((await act(bare.json.party.id, 'notify')).json.text.why, 'no_number');
  const shy = await add({ consent: 'none' });
  assert.equal(shy.text.why, 'no_consent');
  const stopped = await add();
  await says(stopped.number, 'STOP');
  await until('stopped', async () => (await party(stopped.id)).guest.consent === 'stopped');
  assert.equal((await act(stopped.id, 'notify')).json.text.why, 'opted_out');
  assert.equal((await party(stopped.id)).state, 'notified');
  const gone = await act(stopped.id, 'no-show');
  assert.equal(gone.json.text.why, 'opted_out');
  const leaves = await add();
  await act(leaves.id, 'notify');
  await says(leaves.number, 'Cancel');
  const told = await until('it shows', async () => { const q = await party(leaves.id); return q.says && q; });
  assert.equal(told.says, 'CANCEL');
  assert.equal(told.state, 'notified', 'staff decide');
  assert.equal(told.guest.consent, 'stopped');
  const cancelled = await act(leaves.id, 'cancel', { by: 'guest', text: true });
  assert.equal(cancelled.json.party.ended_by, 'guest');
  assert.equal(cancelled.json.text.why, 'opted_out');
});

test('a text that matters no more is not sent', async () => {
  await h.faults('twilio', { kind: 'refuse' });
  await h.faults('telnyx', { kind: 'refuse' });
  const p = await add();
  await act(p.id, 'notify');
  await act(p.id, 'seat');
  await h.heal();
  await until('all have ended', () => h.sql(`SELECT count(*) FROM messages WHERE visit = '${p.id}' AND ended_at IS NULL`) === '0', 60);
  assert.equal(h.sql(`SELECT string_agg(DISTINCT state, ' ') FROM messages WHERE visit = '${p.id}'`), 'cancelled');
  assert.deepEqual(await phone(p.number), []);
});

test('a text that leaves in some seconds can be undone until then, and not afterwards', async () => {
  const [kept, undone] = [await add({ text: false }), await add({ text: false })];
  for (const p of [kept, undone]) {
    const { json } = await act(p.id, 'notify', { undo_s: 2 });
    assert.equal(json.text.texted, true);
    assert.equal(json.party.text.state, 'queued');
    assert.ok(Date.parse(json.party.text.send_at) > Date.parse(json.party.text.created_at));
  }
  assert.equal((await act(undone.id, 'undo')).json.party.state, 'waiting');
  await until('the other has it', async () => (await phone(kept.number)).length === 1);
  await until('it has ended', async () => (await party(undone.id)).text.state === 'cancelled');
  assert.deepEqual(await phone(undone.number), []);
  const { json: told } = await h.api(`/v1/messages/${(await party(kept.id)).text.id}`);
  assert.ok(Date.parse(told.timeline.find((e) => e.what === 'attempt').at) >= Date.parse(told.send_at));
});

test('a guest puts themselves down, is let in, and has a page', async () => {
  const { json: account } = await h.api('/v1/account');
  const door = `/v1/venues/${account.check_in_code}`;
  const open = { key: null };
  assert.equal((await h.api(door, open)).json.venue.name, 'Test');
  const number = guest(next++);
  const down = await h.api(`${door}/check-in`, { ...open, body: { name: 'Ana', size: 2, phone: number, agree: true } });
  assert.equal(down.status, 201, down.text);
  assert.equal(down.json.page.state, 'pending');
  const page = `/v1/guest/${down.json.token}`;
  const { json: list } = await h.api('/v1/parties');
  const mine = list.data.find((p) => p.state === 'pending');
  assert.equal(mine.source, 'self');
  assert.equal((await act(mine.id, 'notify')).status, 409);
  assert.match((await act(mine.id, 'accept', { quote_max: 10 })).json.text.body, /10 min/);
  const shown = (await h.api(page, open)).json;
  assert.equal(shown.state, 'waiting');
  assert.equal(shown.ahead, list.data.filter((p) => p.state !== 'pending').length);
  assert.equal((await h.api(`${page}/more-time`, { ...open, method: 'POST' })).status, 409);
  await act(mine.id, 'notify');
  assert.deepEqual((await h.api(page, open)).json.may, ['coming', 'more_time', 'leave']);
  assert.equal((await h.api(`${page}/more-time`, { ...open, method: 'POST' })).json.state, 'more_time');
  assert.equal((await h.api(`${page}/coming`, { ...open, method: 'POST' })).json.state, 'coming');
  assert.equal((await h.api(`${page}/leave`, { ...open, method: 'POST' })).json.state, 'cancelled');
  await until('two texts', async () => (await phone(number)).length === 2);
  assert.equal((await h.api('/v1/guest/AAAAAAAAAAAA', open)).status, 404);
  await h.api('/v1/account', { method: 'PATCH', body: { check_in: false } });
  assert.equal((await h.api(door, open)).status, 404);
});

test('the clock: a second notice, the nearly ready, the end of the day', async () => {
  h.sql('DELETE FROM parties');
  await h.api('/v1/account', { method: 'PATCH', body: { second_notice_minutes: 5, almost_place: 2 } });
  await h.api('/v1/templates/almost_ready/en', { method: 'PUT', body: { automatic: true } });
  const [a, b, c, d] = [await add(), await add(), await add(), await add()];
  assert.deepEqual((await h.api('/v1/parties')).json.data.map((p) => p.state), ['almost', 'almost', 'waiting', 'waiting']);
  await act(a.id, 'seat');
  // at once, or by the clock, when the engine has the guest's row just then
  await until('the third is nearly up', async () => (await party(c.id)).state === 'almost');
  const holds = (n) => until(`${n} texts`, async () => (await phone(b.number)).length === n);
  await holds(2); // what is not sent yet, a newer one would replace
  await act(b.id, 'notify');
  await holds(3);
  h.sql(`UPDATE parties SET due_at = now(), notified_at = now() - interval '5 minutes' WHERE party_id = '${b.id}'`);
  await until('a second notice', async () => (await party(b.id)).notices === 2);
  await holds(4);
  h.sql(`UPDATE parties SET created_at = now() - interval '25 hours', due_at = now() WHERE party_id = '${d.id}'`);
  await until('expired', async () => (await party(d.id)).state === 'expired');
  assert.equal((await party(d.id)).ended_by, 'clock');
});

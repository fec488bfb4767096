// port_number.test.mjs - a venue's number moves to another carrier by the commands of docs/port-a-number.md:
// at each step it sends from where it is, and hears both.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { ACCOUNT, call, guest, house, maitred, TWILIO_NUMBER, until } from './house.mjs';
import { telnyxReply, telnyxRequest, twilioReply, twilioRequest } from './sign.mjs';

let h;
before(async () => {
  h = await house({ prism: false });
  await h.gateway();
  h.sql("DELETE FROM numbers WHERE provider = 'telnyx'"); // there is no other to stand in for it
});
after(() => h?.close());

const run = (...args) => spawnSync(maitred, ['number', ...args], { env: { ...process.env, ...h.env }, encoding: 'utf8' });
const commands = [...readFileSync('docs/port-a-number.md', 'utf8').matchAll(/```sh\nmaitred number (.*)\n```/g)]
  .map((m) => m[1].replace('+13125550001', TWILIO_NUMBER).split(' '));
const typed = (i) => {
  const a = run(...commands[i]);
  assert.equal(a.status, 0, `${commands[i]}: ${a.stderr}`);
};

let n = 0;
/** A text out: by which carrier, and from which number. */
async function out(to = guest(n++)) {
  const id = await h.text(to);
  await until('delivered', async () => (await h.message(id)).state === 'delivered');
  return h.sql(`SELECT provider || ' ' || number FROM attempts WHERE message_id = '${id}'`);
}
/** A text in, by either carrier; it is in its guest's thread. */
async function heard(carrier, body, from = guest(n++)) {
  const a = carrier === 'twilio' ?
    await call(`${h.gatewayUrl}/webhooks/twilio/sms`, twilioRequest(`${h.gatewayUrl}/webhooks/twilio/sms`,
      twilioReply(h, from, TWILIO_NUMBER, body), h.credentials.TWILIO_AUTH_TOKEN)) :
    await call(`${h.gatewayUrl}/webhooks/telnyx/messages`, telnyxRequest(telnyxReply(from, TWILIO_NUMBER, body)));
  assert.equal(a.status, 200);
  await until('it is applied', () => h.sql('SELECT count(*) FROM pending') === '0');
  return h.sql(`SELECT count(*) FROM messages WHERE direction = 'in' AND phone = '${from}'`) === '1';
}

test('at each step it sends from where it is, and hears whoever writes', async () => {
  const stopped = guest(n++);
  assert.deepEqual([await out(), await heard('twilio', 'hello'), await heard('telnyx', 'hello')], [`twilio ${TWILIO_NUMBER}`, true, false]);
  typed(0); // port
  assert.deepEqual([await out(), await heard('twilio', 'hello'), await heard('telnyx', 'hello')], [`twilio ${TWILIO_NUMBER}`, true, true]);
  assert.ok(await heard('twilio', 'STOP', stopped));
  const shown = (await h.api('/v1/account')).json.numbers;
  assert.deepEqual(shown.map((x) => x.carrier), ['twilio'], 'staff see what sends');
  typed(1); // switch
  assert.deepEqual([await out(), await heard('twilio', 'hello'), await heard('telnyx', 'hello')], [`telnyx ${TWILIO_NUMBER}`, true, true]);
  assert.equal((await h.api('/v1/messages', { body: { to: stopped, body: 'x' } })).status, 409, 'a STOP moves with it');
  assert.deepEqual((await h.api('/v1/account')).json.numbers.map((x) => x.carrier), ['telnyx']);
  assert.equal(run('switch', 'twilio', TWILIO_NUMBER).status, 0); // back
  assert.equal(await out(), `twilio ${TWILIO_NUMBER}`);
  typed(1);
  typed(2); // remove
  assert.deepEqual([await out(), await heard('twilio', 'hello'), await heard('telnyx', 'hello')], [`telnyx ${TWILIO_NUMBER}`, false, true]);
  assert.equal(h.sql(`SELECT count(*) FROM numbers WHERE account_id = '${ACCOUNT}'`), '1');
});

test('what is refused', () => {
  for (const [args, status, said] of [
    [['port', 'twilio', '+13125559999'], 65, /no account has \+13125559999/], [['switch', 'twilio', TWILIO_NUMBER], 65, /not at this carrier/],
    [['remove', 'telnyx', TWILIO_NUMBER], 65, /sends from this carrier/], [['remove', 'twilio', TWILIO_NUMBER], 65, /not at this carrier/],
    [['port', 'vonage', TWILIO_NUMBER], 64, /Usage/], [['port', 'twilio', TWILIO_NUMBER, '10dlc'], 64, /Usage/],
    [['move', 'twilio', TWILIO_NUMBER], 64, /Usage/], [['switch', 'twilio', '12'], 65, /not a telephone number/]]) {
    const a = run(...args);
    assert.equal(a.status, status, `${args}: ${a.stderr}`);
    assert.match(a.stderr, said);
  }
  assert.match(run('port', 'telnyx', TWILIO_NUMBER).stdout, /is there already/);
});

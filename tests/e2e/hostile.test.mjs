// hostile.test.mjs - random and broken bytes at the real server: it answers or closes, lives on, and
// changes nothing. The seed is printed; TEST_SEED repeats a run.
import assert from 'node:assert/strict';
import net from 'node:net';
import { after, before, test } from 'node:test';
import { call, each, guest, house, KEY, TELNYX_NUMBER, TWILIO_NUMBER } from './house.mjs';
import { telnyxReply, telnyxRequest, twilioReply, twilioRequest } from './sign.mjs';

const seed = Number(process.env.TEST_SEED ?? 1);
let state = seed;
const random = (n) => { // mulberry32: small, and the same everywhere
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) % n;
};

let h;
before(async () => { h = await house(); await h.gateway({ IDLE_S: '2' }); });
after(() => h?.close());

/** Writes the bytes, then ends or breaks off; what came back, or '' . */
const raw = (bytes, abort) => new Promise((resolve) => {
  const socket = net.connect(Number(new URL(h.gatewayUrl).port), '127.0.0.1');
  let answer = '';
  socket.on('data', (d) => { answer += d.toString('latin1'); });
  socket.on('error', () => {}).on('close', () => resolve(answer));
  socket.setTimeout(4000, () => socket.destroy());
  if (abort) socket.write(bytes, () => socket.resetAndDestroy());
  else socket.end(bytes);
});

const head = (target, request) =>
  `${request.method ?? 'POST'} ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n` +
  Object.entries(request.headers).map(([k, v]) => `${k}: ${v}\r\n`).join('') +
  `Content-Length: ${Buffer.byteLength(request.body)}\r\n\r\n${request.body}`;

/** A request that is right but for what its name says. */
function specimens() {
  const sms = '/webhooks/twilio/sms', messages = '/webhooks/telnyx/messages';
  const token = 'f'.repeat(32); // not ours: nothing made of it may get in
  return [
    head(sms, twilioRequest(h.gatewayUrl + sms, twilioReply(h, guest(1), TWILIO_NUMBER, 'STOP'), token)),
    head(messages, telnyxRequest(telnyxReply(guest(1), TELNYX_NUMBER, 'STOP'), 1)),
    head('/v1/messages', { headers: { authorization: `Bearer ${KEY}x`, 'content-type': 'application/json' },
                           body: JSON.stringify({ to: guest(1), body: 'x' }) }),
    'GET /v1/messages?limit=3 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer x\r\nConnection: close\r\n\r\n',
    'POST /webhooks/twilio/sms HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nBody=\r\n0\r\n\r\n',
  ];
}

function mutate(text) {
  const bytes = Buffer.from(text, 'latin1');
  for (let i = random(6); i >= 0; i--) {
    const at = random(bytes.length);
    if (random(3) === 0) bytes[at] = random(256);
    else bytes.copyWithin(at, random(bytes.length), random(bytes.length));
  }
  return bytes.subarray(0, random(8) === 0 ? random(bytes.length) : bytes.length);
}

test(`2,000 broken requests (seed ${seed}): it lives on, and nothing changes`, async () => {
  const footprint = () => h.sql(`SELECT (SELECT count(*) FROM callbacks), (SELECT count(*) FROM messages),
    (SELECT count(*) FROM conversations), (SELECT count(*) FROM consent_log)`);
  const before = footprint();
  const all = specimens();
  const statuses = {};
  await each(2000, 20, async (i) => {
    const answer = await raw(mutate(all[i % all.length]), random(10) === 0);
    const status = answer.slice(9, 12) || 'closed';
    statuses[status] = (statuses[status] ?? 0) + 1;
  });
  assert.equal((await call(`${h.gatewayUrl}/healthz`)).status, 200);
  assert.equal((await call(`${h.gatewayUrl}/readyz`)).status, 200);
  assert.equal(footprint(), before, JSON.stringify(statuses));
  assert.ok(!Object.keys(statuses).some((s) => s.startsWith('5')), JSON.stringify(statuses));
  assert.ok(statuses[403] > 100 && statuses[400] > 100, JSON.stringify(statuses));
});

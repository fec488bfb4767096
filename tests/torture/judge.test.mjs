// judge.test.mjs - a torture whose judge finds nothing proves nothing: each broken promise, made up, is
// found, and a run without one passes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judge } from './judge.mjs';

/** One message delivered, one stopped guest, one reply: all as it should be. */
const good = () => ({
  said: {
    messages: new Map([['m1x1', { token: 'm1x1', to: '+1', id: 'msg_1', posted: 10, acked: 20, tries: 1 }],
                       ['m2x2', { token: 'm2x2', to: '+2', id: 'msg_2', posted: 10, acked: 20, tries: 2 }],
                       ['m3x3', { token: 'm3x3', to: '+2', posted: 60, refused: 61, tries: 1 }]]),
    replies: new Map([['r1x1', { token: 'r1x1', from: '+1', acked: 30 }]]),
    stops: new Map([['+2', { phone: '+2', acked: 50 }]]),
  },
  db: {
    messages: [
      { id: 'msg_1', direction: 'out', phone: '+1', body: 'Ready. m1x1', state: 'delivered', reason: null, queued: false, decided_after_ms: 5 },
      { id: 'msg_2', direction: 'out', phone: '+2', body: 'Ready. m2x2', state: 'stopped', reason: 'STOP', queued: false, decided_after_ms: 9 },
      { id: 'msg_9', direction: 'in', phone: '+1', thread: '+1', body: 'Coming. r1x1', state: 'received' },
    ],
    attempts: [{ id: 'att_1', message_id: 'msg_1', carrier_id: 'SM1', looks: 0, committed_ms: 21 },
               { id: 'att_2', message_id: 'msg_2', carrier_id: null, looks: 0, committed_ms: 22 }],
    forgedReceipts: '0', pending: '0',
  },
  ledger: [{ direction: 'outbound', provider: 'twilio', id: 'SM1', attempt: 'att_1', body: 'Ready. m1x1' },
           { direction: 'inbound', body: 'Coming. r1x1' }],
});

test('a run without a broken promise has no violation', () => {
  const { violations, counts } = judge(good());
  assert.deepEqual(violations, []);
  assert.deepEqual([counts.acked, counts.texts, counts.lost, counts.doubled, counts.decisionWorst_ms], [2, 1, 0, 0, 9]);
});

for (const [rule, spoil] of [
  ['lost', (g) => { g.said.messages.get('m1x1').id = 'msg_7'; }],
  ['not ended', (g) => { g.db.messages[0].state = 'unknown'; }],
  ['not ended', (g) => { g.db.messages[0].queued = true; }],
  ['stored twice', (g) => { g.db.messages.push({ ...g.db.messages[0], id: 'msg_7' }); }],
  ['doubled', (g) => { g.ledger.push({ ...g.ledger[0], provider: 'telnyx' }); }],
  ['text without a message', (g) => { g.ledger.push({ ...g.ledger[0], body: 'Ready. m8x8' }); }],
  ['state', (g) => { g.ledger.shift(); }],
  ['state', (g) => { g.db.messages[0].state = 'sent'; }],
  ['state', (g) => { Object.assign(g.db.messages[0], { state: 'failed', reason: 'No.' }); }],
  ['after STOP', (g) => { g.db.attempts[1].committed_ms = 51; }],
  ['accepted after STOP', (g) => { g.said.messages.get('m2x2').posted = 51; }],
  ['refused for nothing', (g) => { g.said.stops.delete('+2'); }],
  ['reply lost', (g) => { g.db.messages.pop(); }],
  ['reply doubled', (g) => { g.db.messages.push(g.db.messages[2]); }],
  ['reply in the wrong thread', (g) => { g.db.messages[2].thread = '+2'; }],
  ['forged', (g) => { g.db.forgedReceipts = '1'; }],
  ['callbacks not applied', (g) => { g.db.pending = '1'; }],
])
  test(`found: ${rule}, by ${spoil.toString().replace(/\s+/g, ' ').slice(8, 70)}`, () => {
    const g = good();
    spoil(g);
    assert.ok(judge(g).violations.some((v) => v.rule === rule));
  });

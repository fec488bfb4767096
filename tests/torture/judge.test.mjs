// judge.test.mjs - a torture whose judge finds nothing proves nothing: each broken promise, made up, is
// found, and a run without one passes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judge } from './judge.mjs';

/** A call as the simulator lists it; `lines` of its transcript a millisecond apart, from 30 on. */
const heard = (id, attempt, to, status, ...lines) => ({
  id, provider: 'twilio', attempt, to, status, live: false, created_ms: 28, errors: [],
  ...(status !== 'failed' && { rang_ms: 29 }), ...(status === 'completed' && { answered_ms: 30 }),
  transcript: lines.map((line, i) => ({ ...line, at_ms: 30 + i })),
});
const url = { url: '/voice' }, words = (n) => ({ say: `Your table is ready. m${n}x${n}. Press 8 to stop calls.` });

/**
 * One message delivered, one stopped guest, one reply; a call that was heard, one that failed at one
 * carrier and was not answered through the other, and one that opted out by key: all as it should be.
 */
const good = () => ({
  said: {
    messages: new Map([['m1x1', { token: 'm1x1', to: '+1', id: 'msg_1', posted: 10, acked: 20, tries: 1 }],
                       ['m2x2', { token: 'm2x2', to: '+2', id: 'msg_2', posted: 10, acked: 20, tries: 2 }],
                       ['m3x3', { token: 'm3x3', to: '+2', posted: 60, refused: 61, tries: 1 }],
                       ['m4x4', { token: 'm4x4', to: '+4', id: 'msg_4', posted: 10, acked: 20, tries: 1 }],
                       ['m5x5', { token: 'm5x5', to: '+5', id: 'msg_5', posted: 10, acked: 20, tries: 1 }],
                       ['m6x6', { token: 'm6x6', to: '+6', id: 'msg_6', posted: 10, acked: 20, tries: 1 }],
                       ['m7x7', { token: 'm7x7', to: '+6', posted: 40, refused: 41, tries: 1 }]]),
    replies: new Map([['r1x1', { token: 'r1x1', from: '+1', acked: 30 }]]),
    stops: new Map([['+2', { phone: '+2', acked: 50 }]]),
  },
  db: {
    messages: [
      { id: 'msg_1', direction: 'out', phone: '+1', body: 'Ready. m1x1', state: 'delivered', reason: null, queued: false, decided_after_ms: 5 },
      { id: 'msg_2', direction: 'out', phone: '+2', body: 'Ready. m2x2', state: 'stopped', reason: 'STOP', queued: false, decided_after_ms: 9 },
      ...[[4, 'delivered'], [5, 'undelivered'], [6, 'delivered']].map(([n, state]) => ({
        id: `msg_${n}`, direction: 'out', channel: 'voice', phone: `+${n}`, body: `Your table is ready. m${n}x${n}`,
        state, reason: null, queued: false, decided_after_ms: 6 })),
      { id: 'msg_9', direction: 'in', phone: '+1', thread: '+1', body: 'Coming. r1x1', state: 'received' },
    ],
    attempts: [{ id: 'att_1', message_id: 'msg_1', carrier_id: 'SM1', looks: 0, committed_ms: 21 },
               { id: 'att_2', message_id: 'msg_2', carrier_id: null, looks: 0, committed_ms: 22 },
               ...[[4, 4], [5, 5], [51, 5], [6, 6]].map(([n, m]) => (
                 { id: `att_${n}`, message_id: `msg_${m}`, carrier_id: `CA${n}`, looks: 0, committed_ms: 25 }))],
    optOuts: [{ phone: '+2', word: 'STOP' }, { phone: '+6', word: 'key 8' }],
    keys: [{ message_id: 'msg_6', keys: '8' }],
    forgedReceipts: '0', pending: '0',
  },
  ledger: [{ direction: 'outbound', provider: 'twilio', id: 'SM1', attempt: 'att_1', body: 'Ready. m1x1' },
           { direction: 'inbound', body: 'Coming. r1x1' }],
  calls: [heard('CA4', 'att_4', '+4', 'completed', url, words(4), url, words(4), { say: 'Goodbye.' }),
          heard('CA5', 'att_5', '+5', 'failed'), heard('CA51', 'att_51', '+5', 'no-answer'),
          heard('CA6', 'att_6', '+6', 'completed', url, words(6), { key: '8' }, url,
                { say: 'You will get no more calls or texts from us.' })],
});

test('a run without a broken promise has no violation', () => {
  const { violations, counts } = judge(good());
  assert.deepEqual(violations, []);
  assert.deepEqual([counts.acked, counts.texts, counts.lost, counts.doubled, counts.decisionWorst_ms], [5, 1, 0, 0, 9]);
  assert.deepEqual([counts.calls, counts.callsRang, counts.callsAnswered, counts.keys, counts.keyStops], [4, 3, 2, 1, 1]);
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
  ['reply doubled', (g) => { g.db.messages.push(g.db.messages.at(-1)); }],
  ['reply in the wrong thread', (g) => { g.db.messages.at(-1).thread = '+2'; }],
  ['forged', (g) => { g.db.forgedReceipts = '1'; }],
  ['callbacks not applied', (g) => { g.db.pending = '1'; }],
  ['lost', (g) => { g.db.messages.splice(2, 1); }], // a call that was acknowledged
  ['not ended', (g) => { g.db.messages[2].state = 'unknown'; }],
  ['not ended', (g) => { g.calls[0].live = true; }],
  ['lost', (g) => { g.calls.shift(); }], // delivered
  ['lost', (g) => { delete g.calls[0].answered_ms; }],
  ['lost', (g) => { g.calls.splice(2, 1); }], // undelivered: the one that is left failed
  ['doubled', (g) => { g.calls.push({ ...g.calls[0], provider: 'telnyx' }); }],
  ['doubled', (g) => { g.calls[1].rang_ms = 29; }],
  ['doubled', (g) => { g.calls[1].status = 'busy'; }],
  ['call without a message', (g) => { g.calls[0].attempt = 'att_7'; }],
  ['call without a message', (g) => { g.calls[0].attempt = 'att_1'; }], // that was to be a text
  ['a text of a call', (g) => { g.ledger.push({ ...g.ledger[0], body: 'Your table is ready. m4x4' }); }],
  ['state', (g) => { Object.assign(g.db.messages[2], { state: 'failed', reason: 'No.' }); }],
  ['state', (g) => { g.db.messages[2].state = 'undelivered'; }],
  ['state', (g) => { g.db.messages[3].state = 'sent'; }],
  ['wrong phone', (g) => { g.calls[0].to = '+5'; }],
  ['wrong words', (g) => { g.calls[0].transcript[1].say = words(5).say; }],
  ['not spoken', (g) => { g.calls[0].transcript = g.calls[0].transcript.slice(4); }],
  ['script', (g) => { g.calls[0].errors = ['line 1: <Say>: no words.']; }],
  ['script', (g) => { g.calls[0].errors = ['The question for a script was answered 404.']; }],
  ['after STOP', (g) => { g.db.attempts[5].committed_ms = 35; }], // after key 8
  ['after STOP', (g) => { g.said.stops.set('+4', { phone: '+4', acked: 24 }); }], // a STOP by text
  ['spoken after STOP', (g) => { g.said.stops.set('+4', { phone: '+4', acked: 31 }); }], // before the second url
  ['accepted after STOP', (g) => { g.said.messages.get('m6x6').posted = 35; }],
  ['refused for nothing', (g) => { g.calls[3].transcript.length = 2; }],
  ['opt-out lost', (g) => { g.db.optOuts.pop(); }],
  ['forged', (g) => { g.db.keys[0].keys = '81'; }],
])
  test(`found: ${rule}, by ${spoil.toString().replace(/\s+/g, ' ').slice(8, 70)}`, () => {
    const g = good();
    spoil(g);
    assert.ok(judge(g).violations.some((v) => v.rule === rule));
  });

for (const [what, change] of [
  ['a script that a gateway could not give, and an apology', (g) => {
    g.calls[0].errors = ['The question for a script was answered 503.', 'No answer to the question for a script: reset.'];
    g.calls[0].transcript = [{ ...url, at_ms: 30 }, { say: 'We are sorry, an application error has occurred. Goodbye.', at_ms: 31 }];
  }],
  ['a key 8 that could not be taken binds nobody', (g) => {
    g.calls[3].transcript[4].say = 'We are sorry, we cannot look that up just now.';
    g.said.messages.get('m7x7').posted = 1000;
  }],
  ['a call that was placed before an opt-out and says goodbye', (g) => {
    g.said.stops.set('+4', { phone: '+4', acked: 29 });
    g.calls[0].transcript = [{ ...url, at_ms: 30 }, { say: 'Goodbye.', at_ms: 31 }];
  }],
  ['a guest who asks to hear it again, and had said STOP meanwhile', (g) => {
    g.said.stops.set('+4', { phone: '+4', acked: 31 });
    g.calls[0].transcript.splice(2, 0, { key: '*', at_ms: 32 });
  }],
  ['undelivered, because an apology alone was heard', (g) => {
    g.db.messages[2].state = 'undelivered';
    g.calls[0].transcript = [{ say: 'We are sorry, we cannot look that up just now.', at_ms: 31 }];
  }],
  ['busy at one carrier, and not asked again', (g) => { g.calls[2] = heard('CA51', 'att_51', '+5', 'busy'); delete g.calls[2].rang_ms; }],
])
  test(`no violation: ${what}`, () => {
    const g = good();
    change(g);
    assert.deepEqual(judge(g).violations, []);
  });

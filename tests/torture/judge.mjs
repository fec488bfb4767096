// judge.mjs - holds what was promised to clients and guests, what the database says and what is on the
// guests' phones against each other. Pure. Calls are judged in judge_calls.mjs.
import { judgeCalls, stopsByKey } from './judge_calls.mjs';

const ENDED = new Set(['sent', 'delivered', 'undelivered', 'failed', 'expired', 'stopped', 'cancelled', 'uncertain']);
const NO_TEXT = new Set(['failed', 'expired', 'stopped', 'undelivered', 'cancelled']);
const tokenOf = (body) => /\b[mr]\d+x\d+$/.exec(body)?.[0];
/** The message says itself that the guest may have it. */
const admits = (m) => m.state === 'uncertain' || /may have been sent/.test(m.reason ?? '');

function group(list, keyOf) {
  const groups = new Map();
  for (const item of list) {
    const key = keyOf(item);
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(item);
  }
  return groups;
}

/** Of each phone, when the first opt-out was acknowledged, by text or by key: { acked }. */
function optOuts(stops, byKey) {
  const all = new Map([...stops].map(([phone, s]) => [phone, { acked: s.acked }]));
  for (const [phone, { acked }] of byKey) {
    const before = all.get(phone)?.acked;
    all.set(phone, { acked: before && acked ? Math.min(before, acked) : before || acked });
  }
  return all;
}

/**
 * `said`: messages, replies, stops of traffic.mjs; `db`: testimony(); `ledger`: texts that reached a
 * phone or came from one; `calls`: ours, as the carriers list them. Returns { counts, violations: [{ rule,
 * token, id, at, what }], unsaid, slowest }; the last two are like violations, and none.
 */
export function judge({ said, db, ledger, calls }) {
  const violations = [];
  const breaks = (rule, m, what) => violations.push({ rule, token: m.token, id: m.id, what });

  const out = db.messages.filter((m) => m.direction === 'out');
  const byToken = group(out, (m) => tokenOf(m.body));
  const byId = new Map(out.map((m) => [m.id, m]));
  const texts = ledger.filter((t) => t.direction === 'outbound');
  const textsOf = group(texts, (t) => tokenOf(t.body));
  const attempts = new Map(db.attempts.map((a) => [a.id, a]));
  const stops = optOuts(said.stops, stopsByKey(calls)), stopOf = (phone) => stops.get(phone);
  const ofCalls = judgeCalls({ calls, out, db, attempts, tokenOf, stopOf, admits, breaks });

  for (const m of said.messages.values()) {
    const stored = byToken.get(m.token) ?? [];
    if (m.acked && !stored.some((s) => s.id === m.id))
      breaks('lost', m, `acknowledged as ${m.id}, and not in the database`);
    if (stored.length > 1) breaks('stored twice', m, stored.map((s) => s.id).join(' and '));
    const stop = stopOf(m.to);
    if (m.refused && !stop) breaks('refused for nothing', m, `${m.to} never said STOP`);
    if (m.acked && stop?.acked && m.posted > stop.acked)
      breaks('accepted after STOP', m, `posted ${m.posted - stop.acked} ms after the 200 to STOP`);
  }

  for (const m of out) {
    const token = tokenOf(m.body), on_phone = textsOf.get(token) ?? [];
    const subject = { token, id: m.id };
    if (!ENDED.has(m.state) || m.queued) breaks('not ended', subject, `${m.state}${m.queued ? ', queued' : ''}`);
    if (m.channel === 'voice') {
      if (on_phone.length) breaks('a text of a call', subject, `${on_phone[0].provider} ${on_phone[0].id}`);
      continue;
    }
    if (on_phone.length > 1)
      breaks('doubled', subject, on_phone.map((t) => `${t.provider} ${t.id} for ${t.attempt}`).join(' and '));
    if (on_phone.length && NO_TEXT.has(m.state) && !admits(m))
      breaks('state', subject, `${m.state} (${m.reason}), and on the phone by ${on_phone[0].provider} ${on_phone[0].attempt}`);
    if (m.state === 'sent' && on_phone.length && attempts.get(on_phone[0].attempt)?.carrier_id)
      breaks('state', subject, 'sent, and the carrier could have said that it is on the phone');
    if (m.state === 'delivered' && !on_phone.length) breaks('state', subject, 'delivered, and not on the phone');
  }
  for (const [token, on_phone] of textsOf)
    if (!byToken.has(token)) breaks('text without a message', { token }, on_phone[0].id);

  const accused = new Map();
  for (const a of db.attempts) {
    const m = byId.get(a.message_id), stop = m && stopOf(m.phone);
    if (stop?.acked && a.committed_ms > stop.acked) {
      accused.set(a.id, m);
      breaks('after STOP', { token: tokenOf(m.body), id: m.id },
             `attempt ${a.id} was opened ${a.committed_ms - stop.acked} ms after the 200 to STOP`);
    }
  }

  const inbound = group(db.messages.filter((m) => m.direction === 'in'), (m) => tokenOf(m.body));
  for (const r of said.replies.values()) {
    const stored = inbound.get(r.token) ?? [];
    if (r.acked && !stored.length) breaks('reply lost', r, `from ${r.from}`);
    if (stored.length > 1) breaks('reply doubled', r, stored.map((s) => s.id).join(' and '));
    if (stored.some((s) => s.thread !== r.from)) breaks('reply in the wrong thread', r, stored[0].id);
  }

  if (db.forgedReceipts !== '0') breaks('forged', {}, `${db.forgedReceipts} forged callbacks were believed`);
  if (db.pending !== '0') breaks('callbacks not applied', {}, `${db.pending} batches`);

  const decided = out.filter((m) => m.decided_after_ms !== null).sort((a, b) => a.decided_after_ms - b.decided_after_ms);
  const number = (rule) => new Set(violations.filter((v) => v.rule === rule).map((v) => v.token)).size;
  return {
    violations,
    counts: {
      posted: said.messages.size,
      acked: [...said.messages.values()].filter((m) => m.acked).length,
      refused: [...said.messages.values()].filter((m) => m.refused).length,
      late: [...said.messages.values()].filter((m) => m.late).length,
      retried: [...said.messages.values()].filter((m) => m.tries > 1).length,
      stored: out.length,
      states: Object.fromEntries([...group(out, (m) => m.state)].map(([s, l]) => [s, l.length]).sort()),
      texts: texts.length,
      attempts: db.attempts.length,
      callAttempts: db.attempts.filter((a) => byId.get(a.message_id)?.channel === 'voice').length,
      asked: db.attempts.filter((a) => a.looks > 0).length,
      replies: said.replies.size,
      repliesAcked: [...said.replies.values()].filter((r) => r.acked).length,
      stops: said.stops.size,
      stopsAcked: [...said.stops.values()].filter((s) => s.acked).length,
      lost: number('lost') + number('not ended'),
      doubled: number('doubled') + number('stored twice'),
      afterStop: accused.size,
      callsAfterStop: calls.filter((c) => accused.has(c.attempt)).length + number('spoken after STOP'),
      textsAfterStop: texts.filter((t) => accused.has(t.attempt)).length,
      uncertain: out.filter(admits).length,
      ...ofCalls.counts,
      unheard: ofCalls.counts.callsUnheard + texts.filter((t) => byToken.get(tokenOf(t.body))?.[0].state === 'sent').length,
      decisionMedian_ms: decided[Math.floor(decided.length / 2)]?.decided_after_ms ?? 0,
      decisionWorst_ms: decided.at(-1)?.decided_after_ms ?? 0,
    },
    unsaid: ofCalls.unsaid,
    slowest: decided.slice(-5).reverse().map((m) => ({
      rule: 'slow', token: tokenOf(m.body), id: m.id, what: `decided after ${m.decided_after_ms / 1000} s: ${m.state}`,
    })),
  };
}

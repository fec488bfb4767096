// judge_calls.mjs - what the judge makes of the simulators' calls: which words were heard, which keys
// were pressed and taken, and whether each message that is a call rang once, or not at all. Pure.

const NO_CALL = new Set(['failed', 'expired', 'stopped', 'cancelled']);
const TAKEN = /You will get no more calls or texts from us/;
const SORRY = /We are sorry, (?:an application error|we cannot look that up|something went wrong)/;
/** The carrier did not get a script: a gateway or its network was away, or its clock was wrong. */
const UNHEARD = /^No answer to the question for a script|^The question for a script was answered (?:403|5\d\d)\b/;

const said = (c) => c.transcript.filter((l) => l.say !== undefined);
const tokensIn = (c) => new Set(said(c).flatMap((l) => l.say.match(/\b[mr]\d+x\d+\b/g) ?? []));
const pressed = (c) => c.transcript.filter((l) => l.key !== undefined).map((l) => l.key);
const apologised = (c) => said(c).some((l) => SORRY.test(l.say));
/** A phone may have rung: what a carrier reports as failed did not. */
const reached = (c) => c.rang_ms || c.status !== 'failed';

/** Who pressed 8: { phone: { acked } }, when they heard that it is done, or 0. */
export function stopsByKey(calls) {
  const stops = new Map();
  for (const c of calls) {
    const at = c.transcript.findIndex((l) => l.key === '8' && !l.unheard);
    if (at < 0) continue;
    const acked = c.transcript.slice(at).find((l) => TAKEN.test(l.say))?.at_ms ?? 0;
    const before = stops.get(c.to)?.acked;
    stops.set(c.to, { acked: before && acked ? Math.min(before, acked) : before || acked });
  }
  return stops;
}

/** One message that is a call, and what the carriers have of it. */
function judgeMessage(m, { token, mine, attempts, admits, breaks }) {
  const subject = { token, id: m.id }, rang = mine.filter(reached);

  if (rang.length > 1)
    breaks('doubled', subject, rang.map((c) => `${c.provider} ${c.id} (${c.status}) for ${c.attempt}`).join(' and '));
  if (m.state === 'delivered' && !mine.some((c) => c.answered_ms))
    breaks('lost', subject, 'delivered, and nobody picked up');
  if (m.state === 'undelivered' && !rang.length) breaks('lost', subject, 'undelivered, and nobody was called');
  if (m.state === 'undelivered' && rang.some((c) => tokensIn(c).has(token)))
    breaks('state', subject, `undelivered (${m.reason}), and somebody heard it`);
  if (rang.length && NO_CALL.has(m.state) && !admits(m))
    breaks('state', subject, `${m.state} (${m.reason}), and called by ${rang[0].provider} ${rang[0].attempt}`);
  if (m.state === 'sent' && mine.some((c) => attempts.get(c.attempt)?.carrier_id))
    breaks('state', subject, 'sent, and the carrier could have said how the call ended');
}

/** What was said in one call, and when. `stop`: of its guest, if there was one. */
function judgeWords(c, { token, id, stop, breaks }) {
  const subject = { token, id }, heard = tokensIn(c);
  const minded = c.errors.filter((e) => !UNHEARD.test(e));

  if (c.live) breaks('not ended', subject, `${c.provider} ${c.id} goes on`);
  if (minded.length) breaks('script', subject, `${c.provider} ${c.id}: ${minded.join('; ')}`);
  for (const word of heard)
    if (word !== token) breaks('wrong words', subject, `${word} was heard`);
  if (c.answered_ms && !heard.has(token) && !apologised(c) && (!stop || pressed(c).includes('8')))
    breaks('not spoken', subject, `${c.provider} ${c.id} was answered, and not told`);

  let asked = null; // when the carrier asked for what is said now; a key is a question of the guest's own
  for (const [i, line] of c.transcript.entries()) {
    if (line.url !== undefined) asked = c.transcript[i - 1]?.key === undefined ? line.at_ms : null;
    if (stop?.acked && asked > stop.acked && line.say?.includes(token))
      breaks('spoken after STOP', subject, `asked for ${asked - stop.acked} ms after the opt-out`);
  }
}

/**
 * `calls`: what the carriers have of our calls; `out`: the messages sent; `stopOf(phone)`; `db`,
 * `attempts` and `breaks` as the judge has them. Returns { counts, unsaid }; unsaid: calls in which the
 * guest heard an apology alone.
 */
export function judgeCalls({ calls, out, db, attempts, tokenOf, stopOf, admits, breaks }) {
  const byId = new Map(out.map((m) => [m.id, m])), callsOf = new Map();

  for (const c of calls) {
    const m = byId.get(attempts.get(c.attempt)?.message_id), token = m && tokenOf(m.body);
    if (m?.channel !== 'voice') {
      breaks('call without a message', { token, id: m?.id }, `${c.provider} ${c.id} for ${c.attempt}`);
      continue;
    }
    callsOf.set(m.id, [...(callsOf.get(m.id) ?? []), c]);
    if (c.to !== m.phone) breaks('wrong phone', { token, id: m.id }, `${c.to} was called`);
    judgeWords(c, { token, id: m.id, stop: stopOf(m.phone), breaks });
  }
  for (const m of out)
    if (m.channel === 'voice')
      judgeMessage(m, { token: tokenOf(m.body), mine: callsOf.get(m.id) ?? [], attempts, admits, breaks });

  for (const k of db.keys) {
    const true_keys = (callsOf.get(k.message_id) ?? []).flatMap(pressed);
    const made_up = [...k.keys].filter((key) => !true_keys.includes(key));
    if (made_up.length) breaks('forged', { id: k.message_id }, `nobody pressed ${made_up.join(' ')}`);
  }
  const optedOut = new Set(db.optOuts.map((o) => o.phone));
  const byKey = stopsByKey(calls);
  for (const [phone, stop] of byKey)
    if (stop.acked && !optedOut.has(phone)) breaks('opt-out lost', {}, `${phone} pressed 8, and was told that it is done`);

  const messageOf = (c) => byId.get(attempts.get(c.attempt)?.message_id);
  const unsaid = calls.filter((c) => c.answered_ms && !tokensIn(c).size && apologised(c));
  const counts = {
    callMessages: out.filter((m) => m.channel === 'voice').length,
    calls: calls.length,
    callsRang: calls.filter((c) => c.rang_ms).length,
    callsAnswered: calls.filter((c) => c.answered_ms).length,
    callsUnsaid: unsaid.length,
    callsUnsaidDelivered: unsaid.filter((c) => messageOf(c)?.state === 'delivered').length,
    keys: calls.reduce((sum, c) => sum + pressed(c).length, 0),
    keyStops: [...byKey.values()].filter((s) => s.acked).length,
    keyStopsUntold: [...byKey.values()].filter((s) => !s.acked).length,
    callsUnheard: calls.filter((c) => reached(c) && messageOf(c)?.state === 'sent').length,
  };
  return {
    counts,
    unsaid: unsaid.map((c) => ({
      rule: 'unsaid', id: messageOf(c)?.id,
      what: `${c.provider} ${c.id}: ${[...c.errors, ...c.transcript.map((l) => l.say ?? l.key ?? l.url)].join('; ')}`,
    })),
  };
}

// traffic.mjs - those who use the system: a client that posts messages, some of them calls, and guests
// who pick up and press keys, reply or say STOP. What was promised to each of them is written down.
import { setTimeout as sleep } from 'node:timers/promises';
import { guest, KEY, TELNYX_NUMBER, TWILIO_NUMBER } from '../e2e/house.mjs';
import { telnyxReply, telnyxRequest, twilioReply, twilioRequest } from '../e2e/sign.mjs';
import { random } from './random.mjs';

const PATIENCE_MS = 8000;
const CALLS = 18; // percent of the messages

/** What phones do with calls: one plan for each that is called. */
const PHONES = [
  [4, {}], // somebody listens
  [4, { keys: '8' }], [1, { keys: '5,8' }], [1, { keys: '*,8' }], [1, { keys: '*' }],
  [2, { call: 'machine' }], [2, { call: 'ring' }], [1, { call: 'busy' }], [1, { call: 'reject' }],
  [1, { call: 'unreachable' }],
];

async function request(url, options, ms = PATIENCE_MS) {
  const answer = await fetch(url, { ...options, signal: AbortSignal.timeout(ms) });
  return { status: answer.status, text: await answer.text() };
}

/**
 * `rates`: messages, replies and stops per second. `urls`: client (the API), callbacks, control (the
 * simulated carriers).
 */
export function traffic({ seed, urls, rates, guests, credentials }) {
  const chance = random(seed);
  const messages = new Map(); // token: { token, channel, to, posted, tries, id, acked, refused, late }
  const replies = new Map(); // token: { token, from, acked }
  const stops = new Map(); // phone: { phone, acked }
  const phones = new Map(); // phone: a promise, fulfilled when it knows what to do with calls
  const open = new Set();
  const problems = [];
  let going = true, giveUp = false, serial = 0;

  const someone = () => guest(chance.whole(0, guests - 1));
  const begin = (work) => {
    const done = work().catch((e) => problems.push(e.stack)).finally(() => open.delete(done));
    open.add(done);
  };

  const toControl = (route, method, body, ms) => request(urls.control + route, {
    method, body: JSON.stringify(body), headers: { 'content-type': 'application/json' },
  }, ms);

  /** Draws what that phone does with calls, once. Who may press 8 gets more messages around that time. */
  function plan(to) {
    if (phones.has(to)) return phones.get(to);
    const does = chance.weighted(PHONES);
    const set = toControl(`/sim/v1/phones/${to.slice(1)}`, 'PUT', does).then((answer) => {
      if (answer.status !== 200) problems.push(`PUT a phone: ${answer.status} ${answer.text}`);
    });
    phones.set(to, set);
    if (does.keys?.includes('8'))
      for (const least of [500, 3000]) setTimeout(() => going && message(to), chance.whole(least, 2 * least));
    return set;
  }

  /** Until there is an answer that says what became of it. */
  async function post(m, more) {
    m.posted = Date.now();
    const body = JSON.stringify({ to: m.to, body: `Your table is ready. ${m.token}`, channel: m.channel, ...more });
    const headers = { authorization: `Bearer ${KEY}`, 'content-type': 'application/json', 'idempotency-key': m.token };

    while (!giveUp) {
      m.tries++;
      // now and then the client dies before it hears the answer, and asks again
      const ms = chance.chance(3) ? chance.whole(1, 15) : PATIENCE_MS;
      const answer = await request(`${urls.client}/v1/messages`, { method: 'POST', headers, body }, ms)
        .catch(() => ({ status: 0 }));
      if (answer.status === 202) {
        m.id = JSON.parse(answer.text).id;
        m.acked = Date.now();
        return;
      }
      if (answer.status === 409) {
        m.refused = Date.now();
        return;
      }
      if (answer.status === 422 && /in the future/.test(answer.text)) {
        m.late = true; // its expires_at is past: by a clock that is ahead, or because it took so long
        return;
      }
      if (answer.status && answer.status !== 503 && answer.status !== 500)
        problems.push(`POST /v1/messages: ${answer.status} ${answer.text}`);
      await sleep(chance.whole(100, 600));
    }
  }

  function message(to = someone()) {
    const token = `m${++serial}x${chance.whole(1e6, 9e6)}`;
    const m = { token, channel: chance.chance(CALLS) ? 'voice' : 'sms', to, tries: 0 };
    const soon = chance.chance(2);

    messages.set(token, m);
    begin(async () => {
      if (m.channel === 'voice') await plan(to);
      await post(m, soon ? { expires_at: new Date(Date.now() + 20_000).toISOString() } : {});
    });
  }

  /** A guest's text as the carrier sends it: again until its 200. When that came, or 0. */
  async function deliver(carrier, from, text) {
    const url = `${urls.callbacks}/webhooks/${carrier === 'twilio' ? 'twilio/sms' : 'telnyx/messages'}`;
    const content = carrier === 'twilio' ? twilioReply({ credentials }, from, TWILIO_NUMBER, text) :
      telnyxReply(from, TELNYX_NUMBER, text);

    while (!giveUp) {
      const signed = carrier === 'twilio' ? twilioRequest(url, content, credentials.TWILIO_AUTH_TOKEN) :
        telnyxRequest(content);
      const answer = await request(url, signed).catch(() => ({ status: 0 }));
      if (answer.status === 200) return Date.now();
      await sleep(chance.whole(200, 800));
    }
    return 0;
  }

  /** The same from a simulated phone, whose carrier tries again by itself. When its first try got 200, or 0. */
  async function phone(carrier, from, text) {
    const answer = await toControl('/sim/v1/replies', 'POST', {
      from, to: carrier === 'twilio' ? TWILIO_NUMBER : TELNYX_NUMBER, provider: carrier, body: text,
    }, 60_000);
    return JSON.parse(answer.text).http_status === 200 ? Date.now() : 0;
  }

  const writes = (from, text) =>
    (chance.chance(50) ? phone : deliver)(chance.pick(['twilio', 'telnyx']), from, text);

  function reply() {
    const token = `r${++serial}x${chance.whole(1e6, 9e6)}`;
    const r = { token, from: someone(), acked: 0 };

    replies.set(token, r);
    begin(async () => { r.acked = await writes(r.from, `On my way. ${token}`); });
  }

  function stop() {
    const s = { phone: someone(), acked: 0 };
    if (stops.has(s.phone)) return;
    stops.set(s.phone, s);
    message(s.phone); // racing with it
    begin(async () => {
      s.acked = await writes(s.phone, 'STOP');
      if (going) message(s.phone);
    });
    setTimeout(() => going && message(s.phone), chance.whole(0, 50));
  }

  async function lane(perSecond, act) {
    while (going) {
      act();
      await sleep(1000 / perSecond * (0.5 + chance.next()));
    }
  }

  for (const [rate, act] of [[rates.messages, () => message()], [rates.replies, reply], [rates.stops, stop]])
    begin(() => lane(rate, act));

  return {
    messages, replies, stops, problems,
    acked: () => [...messages.values()].filter((m) => m.acked).length,

    /** Starts nothing more; what was started is seen to its answer. */
    async finish(seconds) {
      going = false;
      const timer = setTimeout(() => { giveUp = true; }, seconds * 1000);
      while (open.size) await Promise.all(open);
      clearTimeout(timer);
      if (giveUp) problems.push(`after ${seconds} s of calm some requests still had no answer`);
    },
    abandon() { going = false; giveUp = true; },
  };
}

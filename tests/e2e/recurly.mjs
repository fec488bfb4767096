// recurly.mjs - a Recurly in the test's own process, over real HTTP: accounts, subscriptions, invoices, usage, and
// signed webhooks. tests/npm/recurly.test.mjs holds its answers against the official client and its document.
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';

export const API_KEY = 'recurly-key-of-a-test';
export const HOOK_KEY = 'hook-key-one-of-a-test';
const DAY = 86_400_000;

/** The header of a webhook: one signature for each key. */
export const signature = (body, keys = [HOOK_KEY], ms = Date.now()) =>
  [ms, ...keys.map((k) => createHmac('sha256', k).update(`${ms}.${body}`).digest('hex'))].join(',');

export async function recurly() {
  const accounts = new Map(); // by code: {hosted_login_token, subscriptions, invoices}
  const usage = []; // {id, subscription, add_on, merchant_tag, amount, ...}
  const asked = []; // {method, path, at, body}
  let faults = [];
  let made = 0;
  const id = () => `rec${String(++made).padStart(9, '0')}`;
  const iso = (ms) => (ms === undefined || ms === null ? null : new Date(ms).toISOString());
  const held = new Set();

  const account = (code) => {
    if (!accounts.has(code)) accounts.set(code, { id: id(), subscriptions: [], invoices: [] });
    return accounts.get(code);
  };

  /** An account's only subscription is in this state from now on. */
  function set(code, state, more = {}) {
    const a = account(code);
    const now = Date.now();
    const s = a.subscriptions[0] ?? { id: id(), created_at: now - 40 * DAY, activated_at: now - 40 * DAY };
    a.subscriptions = [{ ...s, state, canceled_at: null, expires_at: null, paused_at: null, resume_at: null,
      current_period_started_at: now - 10 * DAY, current_period_ends_at: now + 20 * DAY, ...more }];
    return a;
  }

  const list = (data, has_more = false) => ({ object: 'list', has_more, next: null, data });
  const mini = (code, a) => ({ id: a.id, object: 'account', code });
  const subscriptionJson = (code, a, s) => ({
    id: s.id, object: 'subscription', uuid: `uuid${s.id}`, account: mini(code, a),
    plan: { id: 'plan1', object: 'plan', code: 'venue', name: 'Venue' }, state: s.state,
    created_at: iso(s.created_at), updated_at: iso(s.created_at), activated_at: iso(s.activated_at),
    canceled_at: iso(s.canceled_at), expires_at: iso(s.expires_at), paused_at: iso(s.paused_at), resume_at: iso(s.resume_at),
    current_period_started_at: iso(s.current_period_started_at), current_period_ends_at: iso(s.current_period_ends_at),
    currency: 'USD', quantity: 1, unit_amount: 99,
  });
  const usageJson = (u) => ({
    id: u.id, object: 'usage', merchant_tag: u.merchant_tag, amount: u.amount, usage_type: 'price', unit_amount: 0.02,
    recording_timestamp: u.recording_timestamp, usage_timestamp: u.usage_timestamp, billed_at: null,
    created_at: iso(u.at), updated_at: iso(u.at),
  });
  const problem = (status, type, message) => ({ status, body: { error: { type, message, params: [] } } });

  function answer(method, url, headers, text) {
    const { pathname, searchParams: q } = url;
    if (headers.authorization !== `Basic ${Buffer.from(`${API_KEY}:`).toString('base64')}`)
      return problem(401, 'unauthorized', 'The API key is not ours.');
    if (headers.accept !== 'application/vnd.recurly.v2021-02-25')
      return problem(406, 'unknown_api_version', 'Send Accept with a version.');
    let m = pathname.match(/^\/accounts\/code-([^/]+)(\/subscriptions|\/invoices)?$/);
    if (m && method === 'GET') {
      const a = accounts.get(decodeURIComponent(m[1]));
      if (!a) return problem(404, 'not_found', `Couldn't find Account with code = ${m[1]}`);
      if (m[2] === '/subscriptions')
        return { status: 200, body: list([...a.subscriptions].sort((x, y) => y.created_at - x.created_at)
          .map((s) => subscriptionJson(m[1], a, s))) };
      if (m[2] === '/invoices')
        return { status: 200, body: list(a.invoices.filter((i) => !q.get('state') || i.state === q.get('state')).map((i) => ({
          id: i.id, object: 'invoice', type: 'charge', state: i.state, account: mini(m[1], a), number: '1001', currency: 'USD',
          due_at: iso(i.due_at), created_at: iso(i.due_at) }))) };
      return { status: 200, body: { ...mini(m[1], a), state: 'active', hosted_login_token: a.hosted_login_token ?? 'tok3nOfTheAccount',
        has_past_due_invoice: a.invoices.some((i) => i.state === 'past_due'),
        has_live_subscription: a.subscriptions.some((s) => s.state === 'active'), created_at: iso(0) } };
    }
    m = pathname.match(/^\/subscriptions\/([^/]+)\/add_ons\/code-([^/]+)\/usage$/);
    const owner = m && [...accounts.values()].flatMap((a) => a.subscriptions).find((s) => s.id === m[1]);
    if (!m || !owner) return problem(404, 'not_found', `Couldn't find Subscription with id = ${m?.[1]}`);
    if (!['sms', 'calls'].includes(m[2])) return problem(404, 'not_found', `Couldn't find SubscriptionAddOn with code = ${m[2]}`);
    const day = (u) => Date.parse(u.usage_timestamp);
    if (method === 'GET')
      return { status: 200, body: list(usage.filter((u) => u.subscription === m[1] && u.add_on === m[2]
        && day(u) >= Date.parse(q.get('begin_time')) && day(u) <= Date.parse(q.get('end_time'))
        && q.get('sort') === 'usage_timestamp' && q.get('billing_status') === 'all').map(usageJson)) };
    const body = JSON.parse(text);
    if (!/^application\/json/.test(headers['content-type'])) return problem(400, 'bad_request', 'Send JSON.');
    if (!Number.isInteger(body.amount) || !(Date.parse(body.usage_timestamp) >= owner.activated_at))
      return problem(422, 'validation', 'Usage timestamp must lie within the subscription');
    const u = { ...body, id: id(), subscription: m[1], add_on: m[2], at: Date.now() };
    usage.push(u);
    return { status: 201, body: usageJson(u) };
  }

  const server = http.createServer((request, response) => {
    let text = '';
    request.on('data', (d) => { text += d; }).on('end', () => {
      const url = new URL(request.url, 'http://recurly');
      const what = `${request.method} ${url.pathname}`;
      asked.push({ method: request.method, path: url.pathname, at: Date.now(), body: text && JSON.parse(text) });
      const fault = faults.find((f) => f.match.test(what) && f.times-- > 0);
      const send = ({ status, body, headers = {} }) => response.writeHead(status, {
        'content-type': 'application/json; charset=utf-8', 'x-ratelimit-limit': '2000', ...headers }).end(JSON.stringify(body));
      if (fault?.before) { // it is answered so, and nothing is done
        if (fault.status) send({ ...problem(fault.status, fault.type ?? 'internal_server_error', 'As the test wants it.'), headers: fault.headers });
        return; // without a status it hangs
      }
      const a = answer(request.method, url, request.headers, text);
      if (!fault) return send(a);
      if (fault.hold) { // what it was when it was asked, later
        const go = () => { held.delete(go); send(a); };
        held.add(go);
      } else if (fault.status) {
        send({ ...problem(fault.status, 'internal_server_error', 'It was done all the same.') });
      } // done, and no answer
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    url: `http://127.0.0.1:${server.address().port}`,
    accounts, account, set, usage, asked, held,
    env() {
      return { RECURLY_API_KEY: API_KEY, RECURLY_BASE_URL: this.url, RECURLY_WEBHOOK_KEYS: HOOK_KEY, RECURLY_SUBDOMAIN: 'venues',
        RECURLY_SMS_ADD_ON: 'sms', RECURLY_CALL_ADD_ON: 'calls' };
    },
    /** {match, times, before (nothing is done), status (or it hangs), headers, hold} */
    faults(...list_) { faults = list_.map((f) => ({ times: 1, ...f })); },

    /** A webhook as Recurly posts it: thin. Returns the gateway's answer. */
    hook(gateway, code, { keys, ms, header, event = 'updated', body = JSON.stringify({
      id: id(), object_type: 'subscription', site_id: 'site1', event_type: event, event_time: new Date().toISOString(), account_code: code }) } = {}) {
      return fetch(`${gateway}/webhooks/recurly`, { method: 'POST', body, headers: {
        'content-type': 'application/json', ...(header !== null && { 'recurly-signature': header ?? signature(body, keys, ms) }) } });
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

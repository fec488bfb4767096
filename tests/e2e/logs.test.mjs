// logs.test.mjs - what operators find in the log: whole JSON by Datadog's names, what failed, the trace
// of a caller with the message that came of it, and nothing of a guest.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { call, guest, house, KEY, until } from './house.mjs';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736', SPAN = '00f067aa0ba902b7';
let h, g;
before(async () => {
  h = await house({ prism: false });
  g = await h.gateway({ DD_SERVICE: 'front-desk' });
});
after(() => h?.close());

const lines = () => g.output.split('\n').slice(0, -1).map((line) => JSON.parse(line));
const line = (what, found) => until(what, () => lines().find(found), 10);
const send = (i, headers) => call(`${g.url}/v1/messages`, { body: { to: guest(i), body: 'Your table is ready.' },
  headers: { authorization: `Bearer ${KEY}`, ...headers } });

test('every line is JSON with when, how bad, whose and what', async () => {
  await send(1);
  for (const l of lines()) {
    assert.match(l.timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.ok(['debug', 'info', 'warn', 'error'].includes(l.status));
    assert.equal(l.service, 'front-desk');
    assert.ok(l.message && l.event);
  }
});

test('a caller\'s trace stands with the message that came of it; what is no trace does not', async () => {
  const quiet = await send(2, { traceparent: `00-${TRACE}-${SPAN}-01\u00e9` });
  const w3c = await send(3, { traceparent: `00-${TRACE}-${SPAN}-01`, 'x-request-id': 'one-of-theirs' });
  const own = await send(4, { traceparent: `00-${TRACE}-${SPAN}-01`, 'x-datadog-trace-id': '1234567890123456789',
                              'x-datadog-parent-id': '9876543210' });
  const accepted = (r) => line('its acceptance', (l) => l.event === 'message_accepted' && l.message === r.json.id);
  const first = await accepted(w3c);
  assert.deepEqual([first['dd.trace_id'], first['dd.span_id'], first['http.request_id']], [TRACE, SPAN, 'one-of-theirs']);
  const second = await accepted(own);
  assert.deepEqual([second['dd.trace_id'], second['dd.span_id']], ['1234567890123456789', '9876543210']);
  assert.equal(second['http.request_id'], own.headers.get('x-request-id'));
  assert.ok(!lines().some((l) => l.message === quiet.json.id && l['dd.trace_id']), 'not well formed');
  const ledger = await h.sim('/sim/v1/ledger');
  assert.ok(!ledger.text.includes(TRACE), 'no carrier is told');
});

test('who is turned away is a security event, by Datadog\'s names, and can add nothing to it', async () => {
  const post = (route, body, headers = {}) => call(g.url + route, { method: 'POST', body, headers });
  const url = new URL(g.url);
  const raw = (text) => new Promise((resolve) => { // what no client library sends
    let said = '';
    const c = connect(url.port, url.hostname, () => c.end(text)).on('data', (d) => { said += d; }).on('close', () => resolve({ status: Number(said.split(' ')[1]) }));
  });
  const agent = { 'user-agent': 'curl/7 evt.outcome=success usr.id=usr_1\u00e9' };
  for (const [name, status, ask] of [
    ['credential_refused', 401, () => call(`${g.url}/v1/parties`, { headers: { authorization: 'Bearer mak_nobody', ...agent } })],
    ['users.login.failure', 401, () => post('/v1/login', { login: 'nobody', password: 'Correct-horse-7-staple' }, agent)],
    ['callback_forged', 403, () => post('/webhooks/twilio/sms', 'a=b', { 'content-type': 'application/x-www-form-urlencoded', ...agent })],
    ['request_framing', 400, () => raw('GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n')],
  ]) {
    assert.equal((await ask()).status, status, name);
    const l = await line(`event ${name}`, (x) => x.event === 'security' && x['evt.name'] === name);
    assert.deepEqual([l.status, l['evt.category'], l['evt.outcome'], l['http.status_code'], l['network.client.ip'], l['usr.id']],
                     ['warn', 'security', 'failure', status, '127.0.0.1', undefined]);
    if (name !== 'request_framing') assert.match(l['http.useragent'], /^curl\/7 evt.outcome\?success usr.id\?usr_1\?+$/);
  }
  assert.equal((await call(`${g.url}/v1/parties`)).status, 401); // a browser that has not signed in
  assert.equal(lines().filter((x) => x.event === 'security').length, 4);
});

test('a request that failed has one line, with neither query nor token, and only so many a second', async () => {
  h.postgres('crash', h.dir);
  const r = await call(`${g.url}/g/gst_secret_of_a_guest?to=%2B12125550123`, { headers: { traceparent: `00-${TRACE}-${SPAN}-01` } });
  assert.ok(r.status >= 500, `${r.status}`);
  const l = await line('its line', (x) => x.event === 'http_request' && x['http.request_id'] === r.headers.get('x-request-id'));
  assert.equal(l.status, 'warn');
  assert.equal(l['http.method'], 'GET');
  assert.equal(l['http.status_code'], r.status);
  assert.equal(l['http.url_details.path'], '/g/{token}');
  assert.equal(l['network.client.ip'], '127.0.0.1');
  assert.equal(l['dd.trace_id'], TRACE);
  assert.ok(Number.isInteger(l.duration) && l.duration > 1000);
  await Promise.all(Array.from({ length: 200 }, () => call(`${g.url}/readyz`)));
  const said = await until('lines of those', () => {
    const n = lines().filter((x) => x.event === 'http_request' && x['http.url_details.path'] === '/readyz').length;
    return n >= 15 && n;
  });
  assert.ok(said <= 100, `${said}`); // 20 in each second that it took
  assert.ok(!/gst_secret|12125550123|[?]to=/.test(g.output));
  h.postgres('start', h.dir);
  await until('it is back', async () => (await call(`${g.url}/readyz`)).status === 200);
  const before = lines().filter((x) => x.event === 'http_request').length;
  for (let i = 0; i < 20; i++) await call(`${g.url}/v1/messages/msg_none`, { headers: { authorization: `Bearer ${KEY}` } });
  assert.equal(lines().filter((x) => x.event === 'http_request').length, before, 'what is well is silent');
});

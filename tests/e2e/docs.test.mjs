// docs.test.mjs - the document of the API and the page that shows it; what browsers are told; limits.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { after, before, test } from 'node:test';
import Ajv from 'ajv/dist/2020.js';
import { browse } from './browser.mjs';
import { call, house, KEY } from './house.mjs';
import { document, prism, violations } from './prism.mjs';

const SITE = 'https://desk.example.com';
let h, gateway;
before(async () => { h = await house(); gateway = await h.gateway({ CORS_ORIGINS: `${SITE}, http://localhost:3000` }); });
after(() => h?.close());

const operations = Object.entries(document().paths).flatMap(([route, methods]) =>
  Object.entries(methods).map(([method, o]) => ({ route, method, ...o })));

// ---- the document ----

test('openapi.json is what the command prints, and redocly finds nothing in it', async () => {
  const printed = execFileSync(process.env.MAITRED ?? 'build/san/maitred', ['openapi'], { encoding: 'utf8' });
  const r = await call(`${h.gatewayUrl}/openapi.json`);
  assert.equal(r.headers.get('content-type'), 'application/json');
  assert.equal(`${r.text}\n`, printed);
  const file = path.join(h.dir, 'openapi.json');
  writeFileSync(file, printed);
  const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
  execFileSync(process.execPath, ['tests/node_modules/@redocly/cli/bin/cli.js', 'lint', '--config',
                                  'tests/redocly.yaml', '--max-problems=50', file],
               { env, stdio: ['ignore', 'pipe', 'pipe'] });
});

test('every schema is one, by the strict reading of JSON Schema 2020-12', () => {
  const ajv = new Ajv({ strict: true, strictTypes: false, strictRequired: false, validateFormats: false, allErrors: true });
  ajv.addSchema({ ...document(), $id: 'api' }, 'api', undefined, false);
  ajv.addVocabulary(['openapi', 'info', 'servers', 'tags', 'paths', 'components']);
  for (const name of Object.keys(document().components.schemas))
    assert.ok(ajv.compile({ $ref: `api#/components/schemas/${name}` }), name);
});

test('Prism notices an answer that lies, of every endpoint', async (t) => {
  let answer;
  const liar = createServer((req, res) => {
    req.resume();
    res.writeHead(answer.status, { 'content-type': 'application/json', 'x-request-id': 'r' }).end(JSON.stringify(answer.body));
  }).listen(0, '127.0.0.1');
  await once(liar, 'listening');
  const proxy = await prism(`http://127.0.0.1:${liar.address().port}`);
  t.after(async () => { await proxy.close(); liar.close(); });
  // not call(): the gateway is not asked
  const ask = (o) => fetch(proxy.url + o.route.replace(/{\w+}/g, 'x'), { method: o.method.toUpperCase() });

  let checked = 0;
  for (const o of operations.filter(({ route }) => route.startsWith('/v1/'))) {
    const [status] = Object.keys(o.responses);
    answer = { status: Number(status), body: { lie: true } };
    assert.notEqual(violations(await ask(o)).length, 0, `${o.operationId}: another field`);
    answer = { status: 422, body: { type: 'about:blank', title: 't', status: 422, code: 'conflict', detail: 'd', request_id: 'r' } };
    assert.notEqual(violations(await ask(o)).length, 0, `${o.operationId}: a code of another status`);
    answer = { status: 418, body: {} };
    assert.notEqual(violations(await ask(o)).length, 0, `${o.operationId}: an unknown status`);
    checked++;
  }
  assert.ok(checked >= 10);
});

test('every endpoint names the field that does not fit', async () => {
  const wrong = { string: 7, integer: 'x', boolean: 'x', array: 'x' };
  let fields = 0;
  for (const o of operations.filter(({ route }) => route.startsWith('/v1/'))) {
    const to = o.route.replace(/{\w+}/g, 'x_00000000000000000000000001');
    const ask = (query, body) => call(h.gatewayUrl + to + query, {
      method: o.method.toUpperCase(), body, headers: { authorization: `Bearer ${KEY}` } });
    const named = (r, param) => assert.deepEqual([r.status, r.json?.code, r.json?.param], [422, 'invalid_field', param], `${o.operationId}: ${r.text}`);
    if (o.method === 'get' && o.route !== '/v1/events') named(await ask('?bogus=1'), 'bogus');
    for (const p of o.parameters.filter((q) => q.in === 'query')) named(await ask(`?${p.name}=%00`), p.name);
    const schema = o.requestBody?.content['application/json'].schema;
    for (const [name, property] of Object.entries(schema?.properties ?? {})) {
      const type = property.enum ? 'string' : [property.type].flat()[0];
      // those before it in the table have to fit, or one of them is named
      const fit = {};
      for (const [before, p] of Object.entries(schema.properties)) {
        if (before === name) break;
        if (schema.required?.includes(before)) fit[before] = value(before, p);
      }
      named(await ask('', JSON.stringify({ ...fit, [name]: wrong[type] })), name);
      if (schema.required?.includes(name)) named(await ask('', JSON.stringify(fit)), name);
      fields++;
    }
    if (schema) named(await ask('', JSON.stringify({ bogus: 1 })), 'bogus');
  }
  assert.ok(fields > 40, `${fields} fields`);
});

/** One that fits. */
const value = (name, p) => p.enum?.[0] ?? (p.items ? [p.items.enum?.[0] ?? 'tag'] : p.format === 'date-time'
  ? '2099-07-01T19:00:00Z' : [p.type].flat().includes('integer') ? p.minimum : p.format === 'email' ? 'a@example.com'
  : p.format === 'uri' ? 'https://example.com/x' : name === 'to' ? '+12125551001' : 'sample');

// ---- the pages ----

test('/docs shows every operation, offline, within its policy', async (t) => {
  const browser = await browse(t, h.dir);
  const page = await browser.newPage();
  const asked = [], failed = [], problems = [];
  page.on('request', (r) => asked.push(r.url()));
  page.on('requestfailed', (r) => failed.push(r.url()));
  page.on('response', (r) => r.status() >= 400 && failed.push(`${r.status()} ${r.url()}`));
  page.on('pageerror', (e) => problems.push(e.message));
  page.on('console', (m) => ['error', 'warn', 'warning'].includes(m.type()) && problems.push(m.text()));
  await page.setViewportSize({ width: 1200, height: 16_000 }); // it draws what is in view
  await page.addInitScript(() => {
    window.refused = [];
    document.addEventListener('securitypolicyviolation', (e) => window.refused.push(`${e.violatedDirective} ${e.blockedURI} ${e.sourceFile}:${e.lineNumber} ${e.sample}`));
  });
  await page.goto(`${gateway.url}/docs`);
  await page.waitForFunction((n) => document.querySelectorAll('.opblock').length >= n, operations.length,
                             { timeout: 30000 }).catch(() => undefined);
  const shown = await page.$$eval('.opblock', (all) => all.map((o) =>
    `${o.querySelector('.opblock-summary-method').innerText.toLowerCase()} ${o.querySelector('[data-path]').dataset.path}`));
  assert.deepEqual(shown.sort(), operations.map((o) => `${o.method} ${o.route}`).sort());

  await page.click('#operations-messages-postMessages .opblock-summary');
  await page.waitForSelector('#operations-messages-postMessages .opblock-body .responses-table');
  await page.click('#operations-messages-postMessages .try-out__btn');
  await page.waitForSelector('#operations-messages-postMessages .execute');
  if (process.env.SCREENSHOT) await page.screenshot({ path: process.env.SCREENSHOT });
  await page.click('#operations-messages-postMessages .execute'); // without a key
  await page.waitForSelector('#operations-messages-postMessages .live-responses-table');
  assert.match(await page.$eval('#operations-messages-postMessages .live-responses-table', (e) => e.innerText), /unauthorized/);

  // whatever else it draws
  await page.$$eval('.opblock.is-open .tablinks, .models-control', (all) => all.forEach((o) => o.click()));
  await page.click('.auth-wrapper .authorize');
  await page.waitForSelector('.modal-ux input');
  if (process.env.SCREENSHOT) await page.screenshot({ path: `${process.env.SCREENSHOT}.authorize.png` });

  assert.deepEqual(await page.evaluate(() => window.refused), []);
  assert.deepEqual(asked.filter((u) => !/^(data:|blob:)/.test(u) && new URL(u).origin !== gateway.url), []);
  assert.deepEqual(failed.filter((f) => !f.startsWith('401 ')), []);
  assert.deepEqual(problems.filter((p) => !/401 \(Unauthorized\)/.test(p)), []);
});

test('a personal link is used by pressing a button, not by following it', async (t) => {
  const made = await h.api('/v1/invitations', { body: { email: 'bo@example.com', name: 'Bo', role: 'host' } });
  assert.equal(made.status, 201, made.text);
  await h.code('bo@example.com');
  const [link] = h.mails('bo@example.com').at(-1).match(/http\S+\/join#mlk_\w+/);
  assert.match((await call(`${h.gatewayUrl}/join`)).headers.get('content-type'), /^text\/html/);
  const page = await (await browse(t, h.dir)).newPage();
  const asked = [];
  page.on('request', (r) => asked.push(`${r.method()} ${r.url()}`));
  const shown = (words) => page.waitForFunction((w) => document.body.innerText.includes(w), words, { timeout: 10000 });
  await page.setViewportSize({ width: 420, height: 640 });
  await page.goto(link);
  assert.equal(page.url(), `${gateway.url}/join`, 'the code has left the address');
  assert.equal(h.sql('SELECT used_at IS NULL FROM links'), 't');
  await page.click('button');
  await page.waitForSelector('#password');
  await page.fill('#password', 'password');
  await page.click('button');
  await shown('uppercase letter');
  if (process.env.SCREENSHOT) await page.screenshot({ path: `${process.env.SCREENSHOT}.join.png` });
  await page.fill('#password', 'Correct-horse-7');
  await page.click('button');
  await shown('Waitlist'); // the console, signed in
  assert.equal(page.url().replace(/#.*/, ''), `${gateway.url}/`);
  assert.deepEqual(asked.filter((a) => a.includes('mlk_')), [], 'and goes to no server');
  await page.goto('about:blank');
  await page.goto(`${link}x`);
  await page.click('button');
  await shown('used before, or is too old');
});

test('what the page is made of: packed for who takes it, asked for again by its tag', async () => {
  const get = (headers) => fetch(`${gateway.url}/docs/swagger-ui.css`, { headers });
  const plain = await get({ 'accept-encoding': 'identity' });
  assert.equal(plain.headers.get('content-encoding'), null);
  assert.equal(plain.headers.get('content-type'), 'text/css; charset=utf-8');
  assert.match(plain.headers.get('vary'), /Accept-Encoding/);
  const text = await plain.text();
  const packed = await get({ 'accept-encoding': 'br, gzip;q=0.5' });
  assert.equal(packed.headers.get('content-encoding'), 'gzip');
  assert.equal(await packed.text(), text); // fetch unpacks
  assert.equal((await get({ 'accept-encoding': 'gzip;q=0' })).headers.get('content-encoding'), null);
  assert.notEqual(packed.headers.get('etag'), plain.headers.get('etag'));
  const again = await get({ 'accept-encoding': 'identity', 'if-none-match': plain.headers.get('etag') });
  assert.equal(again.status, 304);
  assert.equal(await again.text(), '');
  assert.equal(gunzipSync(execFileSync('curl', ['-s', '-H', 'Accept-Encoding: gzip', `${gateway.url}/docs/swagger-ui.css`])).toString(), text);
  assert.equal((await call(`${gateway.url}/docs/nothing.js`)).status, 404);
  assert.equal((await call(`${gateway.url}/docs/..%2Fdocs%2Fdocs.js`)).status, 404);
});

test('the console names only files that are there, and each stays as long as its name', async () => {
  const types = { js: 'text/javascript; charset=utf-8', css: 'text/css; charset=utf-8', svg: 'image/svg+xml',
                  webmanifest: 'application/manifest+json' };
  const files = new Map(); // path -> its text
  const read = async (path) => {
    if (files.has(path)) return;
    const r = await call(gateway.url + path);
    files.set(path, r.text);
    assert.equal(r.status, 200, path);
    if (path !== '/') assert.equal(r.headers.get('content-type'), types[path.split('.').pop()], path);
    assert.equal(r.headers.get('cache-control'), /-[A-Z0-9]{8}\.\w+$/.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache', path);
    const head = await fetch(gateway.url + path, { method: 'HEAD', headers: { 'accept-encoding': 'identity' } });
    assert.deepEqual([head.status, head.headers.get('content-type'), await head.text()], [200, r.headers.get('content-type'), '']);
    assert.equal(Number(head.headers.get('content-length')), Buffer.byteLength(r.text), path);
    for (const [named] of r.text.matchAll(/(?<=")\/console\/[\w.-]+(?=")/g)) await read(named);
    for (const [, other] of r.text.matchAll(/(?:from|import|import\()"\.\/([\w.-]+)"/g)) await read(`/console/${other}`);
  };
  await read('/');
  const loaded = [...files.keys()].filter((f) => /\.(js|css)$/.test(f)).sort();
  await read('/worker.js');
  const [, kept] = files.get('/worker.js').match(/(\["\/console\/[^\]]+\])/);
  assert.deepEqual(JSON.parse(kept).sort(), loaded, 'what is kept for a day without a network is all that can be loaded');
  assert.ok(loaded.length >= 8, `${loaded}`);

  const policy = (await call(`${gateway.url}/`)).headers.get('content-security-policy');
  assert.doesNotMatch(policy, /unsafe|\*|http/);
  assert.match(policy, /script-src 'self';.*connect-src 'self';.*frame-src 'self' *;/);
  assert.doesNotMatch(files.get('/'), /<style|style=|<script>| on\w+=|data-demo/);
  assert.equal((await call(`${gateway.url}/console/nothing.js`)).status, 404);
  assert.equal((await call(`${gateway.url}/console/..%2Fopenapi.json`)).status, 404);
});

// ---- what browsers are told ----

test('every answer says that it is no page, and no one else\'s', async () => {
  const asked_again = ['/docs', '/', '/worker.js', '/console/manifest.webmanifest'];
  for (const url of ['/healthz', '/nothing', '/v1/messages', '/openapi.json', ...asked_again]) {
    const { headers } = await call(gateway.url + url);
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
    assert.equal(headers.get('referrer-policy'), 'no-referrer');
    assert.equal(headers.get('cross-origin-resource-policy'), 'same-origin');
    assert.match(headers.get('content-security-policy'), /^default-src 'none';.*frame-ancestors 'none'$/);
    assert.equal(headers.get('strict-transport-security'), null); // it is reached by HTTP here
    assert.equal(headers.get('cache-control'), asked_again.includes(url) ? 'no-cache' : 'no-store');
  }
  const secure = await h.gateway({ PORT: '0', PUBLIC_URL: 'https://texts.example.com' });
  const { headers } = await call(`${secure.url}/healthz`);
  assert.equal(headers.get('strict-transport-security'), 'max-age=31536000; includeSubDomains');
  assert.equal(headers.get('vary'), null); // CORS is off
  await secure.stop();
});

test('only the sites that are named may call, and are told how', async () => {
  const preflight = (origin, route = '/v1/messages') => call(gateway.url + route, {
    method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' } });
  const r = await preflight(SITE);
  assert.equal(r.status, 204);
  assert.equal(r.headers.get('access-control-allow-origin'), SITE);
  assert.equal(r.headers.get('access-control-allow-methods'), 'POST, GET');
  assert.match(r.headers.get('access-control-allow-headers'), /authorization.*idempotency-key/);
  assert.equal(r.headers.get('access-control-allow-credentials'), null);
  assert.equal(r.headers.get('vary'), 'Origin');
  assert.equal((await preflight(SITE, '/v1/nothing')).status, 404);
  for (const origin of ['null', 'https://evil.example', `${SITE}.evil.example`, 'https://a.desk.example.com', `${SITE}:8443`, SITE.toUpperCase()]) {
    const other = await preflight(origin);
    assert.equal(other.status, 405, origin);
    assert.equal(other.headers.get('access-control-allow-origin'), null, origin);
  }
  const refused = await call(`${gateway.url}/v1/messages`, { headers: { origin: SITE } });
  assert.equal(refused.status, 401); // and the page may read why
  assert.equal(refused.headers.get('access-control-allow-origin'), SITE);
});

// ---- limits ----

test('who asks too often is told to wait; carriers and probes are not', async () => {
  const slow = await h.gateway({ PORT: '0', API_RATE: '2' });
  const ask = (key = KEY) => call(`${slow.url}/v1/carriers`, { headers: { authorization: `Bearer ${key}` } });
  const first = await ask();
  assert.equal(first.status, 200);
  assert.equal(first.headers.get('ratelimit-policy'), '"default";q=20;w=10');
  assert.match(first.headers.get('ratelimit'), /^"default";r=\d+;t=\d+$/);
  const all = await Promise.all(Array.from({ length: 60 }, () => ask()));
  const refused = all.filter((r) => r.status === 429);
  assert.ok(refused.length >= 30 && refused.length <= 41, `${refused.length}`);
  assert.equal(refused[0].json.code, 'rate_limited');
  assert.equal(refused[0].headers.get('retry-after'), '1');
  assert.equal(refused[0].headers.get('ratelimit').startsWith('"default";r=0;'), true);
  assert.equal((await ask('mk_another')).status, 401); // another caller, another bucket
  for (const route of ['/healthz', '/readyz']) {
    const all = await Promise.all(Array.from({ length: 40 }, () => call(slow.url + route)));
    assert.ok(all.every((r) => r.status === 200 && !r.headers.get('ratelimit')), route);
  }
  await slow.stop();
});

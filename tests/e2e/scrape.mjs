// scrape.mjs - reads GET /metrics as Prometheus does, and says no to what is not the text format.
import assert from 'node:assert/strict';
import { call } from './house.mjs';

export const TOKEN = 'metrics-token-of-a-test';

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const SAMPLE = new RegExp(`^(${NAME})(?:\\{((?:${NAME}="(?:[^"\\\\]|\\\\.)*",?)*)\\})? (\\S+)$`);

/** The page, by its families: {name: {type, help, samples: [{name, labels, value}]}}. */
export function parse(text) {
  const families = {};
  let family;
  assert.ok(text.endsWith('\n'));
  for (const line of text.slice(0, -1).split('\n')) {
    const meta = line.match(new RegExp(`^# (HELP|TYPE) (${NAME}) (.+)$`));
    if (meta) {
      const [, what, name, rest] = meta;
      if (what === 'HELP') assert.ok(!(name in families), `${name} comes twice`);
      family = families[name] ??= { samples: [] };
      family[what.toLowerCase()] = rest;
      continue;
    }
    const m = line.match(SAMPLE);
    assert.ok(m, `not a sample: ${line}`);
    const labels = Object.fromEntries([...(m[2] ?? '').matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map((l) => [l[1], l[2]]));
    assert.ok(Number.isFinite(Number(m[3])), line);
    family.samples.push({ name: m[1], labels, value: Number(m[3]) });
  }
  for (const [name, { type, help, samples }] of Object.entries(families)) {
    assert.ok(help && ['counter', 'gauge', 'histogram'].includes(type), name);
    const suffixes = type === 'histogram' ? ['_bucket', '_sum', '_count'] : [''];
    const seen = new Set();
    for (const s of samples) {
      assert.ok(suffixes.some((x) => s.name === name + x), `${s.name} under ${name}`);
      const key = JSON.stringify([s.name, s.labels]);
      assert.ok(!seen.has(key), `twice: ${key}`);
      seen.add(key);
    }
  }
  return families;
}

export async function page(url, token = TOKEN) {
  return call(`${url}/metrics`, { headers: token ? { authorization: `Bearer ${token}` } : {} });
}

/** The metrics of a gateway. */
export async function scrape(url) {
  const r = await page(url);
  assert.equal(r.status, 200, r.text);
  assert.equal(r.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
  return parse(r.text);
}

/** The sum of the samples of that name that have these labels; undefined when there is none. */
export function sum(families, name, labels = {}) {
  const found = (families[name] ?? families[name.replace(/_(bucket|sum|count)$/, '')])?.samples.filter((s) => s.name === name
    && Object.entries(labels).every(([k, v]) => s.labels[k] === v));
  return found?.length ? found.reduce((n, s) => n + s.value, 0) : undefined;
}

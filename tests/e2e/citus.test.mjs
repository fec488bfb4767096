// citus.test.mjs - the tables are ready to be spread by account over the machines of Citus. Citus is not in Debian, so
// none runs here: what is checked is the catalog of a real PostgreSQL, the text of every statement, and, with functions
// of Citus's names that only note how they were called, what `maitred migrate --distribute` asks for.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { fixed, loose, statements, tsv } from './citus.mjs';
import { ACCOUNT, house, maitred } from './house.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
let h, spread;
before(async () => {
  h = await house({ prism: false });
  spread = new Map(h.sql('SELECT name, how FROM table_spread()').split('\n').map((row) => row.split('|')));
});
after(() => h?.close());

const all = (how) => [...spread].filter(([, h_]) => h_ === how).map(([name]) => name);
const distribute = (...more) => {
  const r = spawnSync(maitred, ['migrate', '--distribute', ...more], { env: { ...process.env, ...h.env }, encoding: 'utf8' });
  return { status: r.status, out: r.stdout.trim(), err: r.stderr.trim() };
};
const keys = () => h.sql(`SELECT c.conrelid::regclass, c.conname, c.contype, c.confrelid::regclass,
    (SELECT string_agg(a.attname, ',') FROM pg_attribute a WHERE a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey))
  FROM pg_constraint c WHERE c.contype IN ('p', 'u', 'f') AND c.connamespace = 'public'::regnamespace AND c.conparentid = 0`)
  .split('\n').map((row) => row.split('|')).map(([table, name, type, to, columns]) => ({ table, name, type, to, columns: columns.split(',') }));

test('a server without Citus is left as it is: one sentence, status 69', () => {
  const before_ = h.sql('SELECT string_agg(conname, \',\' ORDER BY conname) FROM pg_constraint');
  const r = distribute();
  assert.equal(r.status, 69);
  assert.match(r.err, /^maitred migrate: This PostgreSQL has no Citus[^\n]*$/);
  assert.equal(r.out, '');
  assert.equal(h.sql('SELECT string_agg(conname, \',\' ORDER BY conname) FROM pg_constraint'), before_);
  assert.equal(spawnSync(maitred, ['migrate', '--spread'], { env: { ...process.env, ...h.env } }).status, 64);
});

test('--print says what would be done: each table with account_id once, what the engine claims from stays', () => {
  const r = distribute('--print');
  assert.equal(r.status, 0, r.err);
  for (const [name, how] of spread) {
    const lines = r.out.split('\n').filter((l) => l.includes(`_table('${name}'`));
    assert.equal(lines.length, how === 'local' ? 0 : 1, `${name}: ${lines}`);
    if (how === 'distributed') assert.match(lines[0], /create_distributed_table\('\w+', 'account_id'/);
  }
  for (const name of ['queue', 'turns', 'pending', 'callbacks']) assert.equal(spread.get(name), 'local');
  for (const name of ['messages', 'attempts', 'conversations', 'parties', 'bookings']) assert.equal(spread.get(name), 'distributed');
  const has = new Set(h.sql("SELECT attrelid::regclass FROM pg_attribute WHERE attname = 'account_id' AND NOT attisdropped").split('\n'));
  assert.deepEqual(all('distributed').filter((name) => !has.has(name)), [], 'each has an account_id');
});

test('no key leads from a distributed or reference table to one that cannot be there', () => {
  const may = { distributed: ['distributed', 'reference'], reference: ['reference'], local: ['reference', 'local'] };
  const wrong = keys().filter((k) => k.type === 'f' && spread.has(k.table) &&
    !(may[spread.get(k.table)].includes(spread.get(k.to)) &&
      (spread.get(k.to) !== 'distributed' || k.columns.includes('account_id'))));
  assert.deepEqual(wrong, []);
});

test('with its functions there, the statements run, and then every unique key of a distributed table holds account_id', () => {
  h.sql(`CREATE TABLE public_calls (what text);
    CREATE FUNCTION create_reference_table(t text) RETURNS void LANGUAGE sql AS $$ INSERT INTO public_calls VALUES ('reference ' || t) $$;
    CREATE FUNCTION create_distributed_table(t text, c text, colocate_with text DEFAULT 'none') RETURNS void LANGUAGE sql
      AS $$ INSERT INTO public_calls VALUES ('distributed ' || t || ' by ' || c || ' with ' || colocate_with) $$`);
  // with Citus there, the owner of a database may set it; here it is nobody's
  execFileSync('psql', ['-XAtq', '-d', h.postgres('url', h.dir, 'postgres'), '-c', 'GRANT SET ON PARAMETER citus.propagate_set_commands TO maitred']);
  const r = distribute();
  assert.equal(r.status, 0, r.err);
  const calls = h.sql("SELECT what FROM public_calls WHERE what NOT LIKE '%public_calls%'").split('\n');
  for (const name of all('reference')) assert.ok(calls.includes(`reference ${name}`), name);
  for (const name of all('distributed'))
    if (name !== 'public_calls') assert.ok(calls.includes(`distributed ${name} by account_id with ${name === 'messages' ? 'none' : 'messages'}`), name);
  assert.ok(calls.indexOf('distributed messages by account_id with none') < calls.findIndex((c) => / with messages$/.test(c)));
  const without = keys().filter((k) => k.type !== 'f' && spread.get(k.table) === 'distributed' && !k.columns.includes('account_id'));
  assert.deepEqual(without, []);
  assert.equal(h.sql(`SELECT indexrelid::regclass FROM pg_index i WHERE indisunique AND indrelid = ANY (
      SELECT format('public.%I', name)::regclass FROM table_spread() WHERE how = 'distributed' AND name <> 'public_calls')
    AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey) AND a.attname = 'account_id')`), '');
  h.sql('DROP FUNCTION create_reference_table, create_distributed_table; DROP TABLE public_calls');
});

test('every statement holds what it touches to one account, or db/citus.tsv says why not', () => {
  const distributed = new Set(all('distributed'));
  const rows = tsv(path.join(root, 'db/citus.tsv')), listed = new Map(rows);
  const found = new Map();
  let read = 0;
  for (const { name, text } of statements(root)) {
    const touches = [...distributed].filter((t) => new RegExp(`\\b(?:FROM|JOIN|UPDATE|INTO)\\s+${t}\\b`, 'i').test(text));
    if (touches.length) read++;
    const bad = loose(text, distributed);
    if (bad.length || (touches.length && !fixed(name, text))) found.set(name, bad.join(', ') || touches.join(', '));
  }
  assert.ok(read > 150, `only ${read} statements that touch a distributed table were read`);
  assert.deepEqual([...found].filter(([name]) => !listed.has(name)), [], 'held to no account, and not in db/citus.tsv');
  assert.deepEqual(rows.filter(([name, , by]) => !found.has(name) !== (by === 'plan')), [], 'in db/citus.tsv for nothing');
  assert.ok([...listed.values()].every((why) => why?.length > 15), 'each says why');
});

test('docs/scale-out.md: each block of commands is one that a suite runs, or needs a live account', () => {
  const page = readFileSync(path.join(root, 'docs/scale-out.md'), 'utf8');
  const blocks = [...page.matchAll(/(?:<!-- (.*) -->\n)?```sh\n([^]*?)```/g)].map(([, who, text]) => [who, text.trim()]);
  const ran = { e2e_machines: 'make machines', e2e_pooler: 'maitred doctor', e2e_citus: 'maitred migrate --distribute --print' };
  assert.deepEqual(Object.fromEntries(blocks.filter(([who]) => who !== 'needs a live account')), ran);
});

test('the reading can fail', () => {
  const distributed = new Set(['messages', 'attempts']);
  assert.deepEqual(loose('SELECT * FROM messages m WHERE m.message_id = $1', distributed), ['messages m']);
  assert.deepEqual(loose('SELECT FROM messages m JOIN attempts a ON a.message_id = m.message_id WHERE m.account_id = scope()', distributed), ['attempts a']);
  assert.deepEqual(loose('SELECT FROM messages m JOIN attempts a USING (account_id, message_id) WHERE m.account_id = scope()', distributed), []);
});

test('the scope is the same in the form that Citus carries on', () => {
  const seen = (form, account) => h.sql(`BEGIN; SET LOCAL citus.propagate_set_commands = '${form}'; SELECT scope_to('${account.replaceAll("'", "''")}');
    SELECT current_setting('maitred.account'), (SELECT count(*) FROM accounts); COMMIT`).trim();
  for (const account of [ACCOUNT, '*', '', "x'; DROP TABLE queue; --"]) {
    assert.equal(seen('local', account), seen('none', account));
    assert.equal(seen('local', account), `${account}|${[ACCOUNT, '*'].includes(account) ? 1 : 0}`);
  }
});

// citus_plans.mjs - a stand-in for shards: the same database, but each distributed table is four hash partitions by
// account_id, so that the planner of a real PostgreSQL says which of them a statement reaches.
import { execFileSync } from 'node:child_process';

const SHARDS = [0, 1, 2, 3], SHARD = /^(\w+)_shard_(\d)$/;
const PSQL = ['-XAtq', '-v', 'ON_ERROR_STOP=1', '-d'], big = { encoding: 'utf8', maxBuffer: 1 << 28 };

/** Copies a database, rows and all, into a new one named `plans`; as superuser. Its URL. */
export function partitioned(url, distributed) {
  let dump = execFileSync('pg_dump', ['-d', url], big)
    .replace(/^ALTER TABLE ONLY public\.(\w+)/gm, (all, t) => (distributed.includes(t) ? `ALTER TABLE public.${t}` : all));
  for (const t of distributed) {
    const head = new RegExp(`^(CREATE TABLE public\\.${t} \\([^]*?\\n\\))(?:\\nWITH \\(.*\\))?;`, 'm');
    const shards = SHARDS.map((i) => `CREATE TABLE public.${t}_shard_${i} PARTITION OF public.${t}
      FOR VALUES WITH (MODULUS ${SHARDS.length}, REMAINDER ${i});`);
    dump = dump.replace(head, (_, columns) => `${columns}\nPARTITION BY HASH (account_id);\n${shards.join('\n')}`);
  }
  execFileSync('psql', [...PSQL, url, '-c', 'CREATE DATABASE plans OWNER maitred']);
  const copy = url.replace(/maitred(?=\?)/, 'plans');
  execFileSync('psql', [...PSQL, copy], { ...big, input: dump });
  return copy;
}

const quoted = (v) => (v === null ? 'NULL' : `'${String(v).replaceAll("'", "''")}'`);
const STATS = `SELECT coalesce(json_agg(relname), '[]') FROM pg_stat_xact_user_tables
  WHERE relname ~ '_shard_[0-9]$' AND coalesce(seq_scan, 0) + coalesce(idx_scan, 0) + n_tup_ins + n_tup_upd + n_tup_del > 0`;

/**
 * Runs each { name, text, args, scope } and takes it back: what went wrong, the plan with what it did, and every shard
 * that was read or written, also inside functions and by triggers, as the server counted them. As the gateway plans: once
 * for any arguments.
 */
export function run(url, statements, settings) {
  const script = statements.map(({ text, args, scope }) => {
    const n = Math.max(0, ...[...text.matchAll(/\$(\d+)/g)].map(([, i]) => Number(i)));
    const values = Array.from({ length: n }, (_, i) => quoted(args?.[i + 1] ?? null));
    const told = Object.entries({ ...settings, account: scope }).map(([k, v]) => `set_config('maitred.${k}', ${quoted(v)}, true)`);
    return `\\echo @@@
      SELECT pg_stat_force_next_flush();
      BEGIN;
      SET LOCAL ROLE maitred_app; SET LOCAL plan_cache_mode = force_generic_plan;
      SET LOCAL enable_bitmapscan = off; SET LOCAL jit = off; SET LOCAL client_min_messages = warning;
      SELECT WHERE (${told.join(' || ')}) = '';
      PREPARE s AS ${text};
      SAVEPOINT before;
      \\echo @plan
      EXPLAIN (ANALYZE, TIMING OFF, SUMMARY OFF, FORMAT JSON) EXECUTE s${n ? `(${values})` : ''};
      \\echo @shards
      ROLLBACK TO before;
      ${STATS};
      ROLLBACK;
      DEALLOCATE s;`;
  });
  const out = execFileSync('bash', ['-c', 'exec psql -XAtq -d "$0" 2>&1', url], { ...big, input: script.join('\n') });
  const parts = out.split('@@@\n').slice(1);
  if (parts.length !== statements.length) throw new Error(out.slice(-2000));
  return parts.map((part, i) => {
    const [before, plan, shards] = part.split(/^@(?:plan|shards)\n/m);
    const error = /^ERROR: .*$/m.exec(part)?.[0];
    return { ...statements[i], error: error ?? /^(?:FATAL|WARNING).*$/m.exec(before)?.[0],
             plan: error ? undefined : JSON.parse(plan)[0].Plan, shards: error ? /^\[.*\]$/m.exec(shards)?.[0] ?? '[]' : shards };
  }).map((r) => ({ ...r, shards: JSON.parse(r.shards).map((name) => SHARD.exec(name).slice(1)) }));
}

/** What of a plan is not one shard: ["Seq Scan on messages"]. Shards that are left out once it begins do not count. */
export function wide(plan) {
  const scans = [];
  const walk = (node, beside) => {
    const [, table, shard] = SHARD.exec(node['Relation Name'] ?? '') ?? [];
    if (table && node['Node Type'] !== 'ModifyTable') scans.push({ what: `${node['Node Type']} on ${table}`, shard, beside });
    const members = (node.Plans ?? []).filter((child) => child['Parent Relationship'] === 'Member');
    for (const child of node.Plans ?? []) walk(child, members.includes(child) ? members.length > 1 : beside);
  };
  walk(plan, false);
  return [...new Set(scans.filter((s) => s.beside || s.shard !== scans[0].shard).map((s) => s.what))];
}

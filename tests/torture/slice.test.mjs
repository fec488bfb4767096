// slice.test.mjs - a short, repeatable piece of `make torture` that needs no privileges: two gateways
// with sanitizers, a primary and a standby, carriers that fail, a few kills and a promotion; texts and
// calls. What waits for a carrier's time limit is hurried once nothing can be on its way any more.
import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { run } from './processes.mjs';
import { table } from './report.mjs';
import { torture } from './torture.mjs';

let result;
after(() => result?.close());

test('twelve seconds of kills, a promotion and failing carriers: nothing lost, doubled or sent after STOP', async (t) => {
  const start = Date.now();
  const dir = mkdtempSync(path.join(tmpdir(), 't-'));
  const servers = ['a', 'b'].map((name) => ({ dir: path.join(dir, name), settings: [] }));
  const homes = [];
  for (const server of servers)
    homes.push(/host=([^&]+)/.exec(await run('db/postgres.sh', ['url', server.dir]))[1]);

  result = await torture({
    program: process.env.MAITRED ?? 'build/san/maitred',
    dir, servers,
    say: (line) => t.diagnostic(`${((Date.now() - start) / 1000).toFixed(1)} s ${line}`),
    seed: Number(process.env.SEED || 24), seconds: 12, gateways: 2, guests: 600,
    every: { gateways: 1, database: 4, carriers: 1 },
    freezes_s: [[1, 1, 3]], faults_ms: [300, 1500],
    rates: { messages: 20, replies: 4, stops: 1 },
    databaseUrl: () => `postgresql:///maitred?host=${homes.join(',')}&user=maitred&target_session_attrs=read-write`,
    hurry: true, patience_s: 90,
  });
  for (const line of table(result).split('\n')) t.diagnostic(line);
  assert.equal(result.violations.length, 0, `\n${result.stories.join('\n\n')}`);
  const struck = (kind) => result.faults.get(kind) ?? 0;
  assert.ok(struck('kill -9 of a gateway') >= 3);
  assert.ok(struck('kill -9 of the database, and promotion of the standby') >= 1);
  assert.ok(result.counts.acked > 100 && result.counts.texts > 100 && result.counts.stopsAcked > 3);
  assert.ok(result.counts.callsAnswered > 10 && result.counts.keyStops > 1);
});

// main.mjs - what `make torture` runs, as root in namespaces of its own (tests/torture/run): the whole
// torture, its table, and exit status 1 when a promise was broken.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { disk } from './disk.mjs';
import { network } from './network.mjs';
import { root } from './processes.mjs';
import { intoReadme, table } from './report.mjs';
import { torture } from './torture.mjs';

const setting = (name, otherwise) => Number(process.env[name] || otherwise);
const dir = process.env.TORTURE_DIR;
const gateways = setting('GATEWAYS', 4);
const start = Date.now();
const say = (text) => console.log(`${String(Math.round((Date.now() - start) / 1000)).padStart(5)} s  ${text}`);

/** Each gateway reaches a server by an address of its own, so that the network can tell them apart. */
const addresses = (server) => Array.from({ length: gateways }, (_, i) => `127.0.${i + 1}.${server}`);
const servers = [], disks = new Map();
for (const server of [1, 2]) {
  const home = path.join(dir, `disk${server}`);
  servers.push({ dir: path.join(home, 'pg'), settings: [`listen_addresses=${addresses(server).join(',')}`] });
  disks.set(servers.at(-1).dir, await disk(home, setting('DISK_MB', 700)));
}

const plan = {
  program: path.resolve(root, process.env.B || 'build', 'maitred'),
  dir, say, gateways, servers, disks, network,
  seed: setting('SEED', 1),
  seconds: setting('TORTURE_S', 660),
  every: {
    gateways: setting('KILL_EVERY_S', 2.5), database: setting('DATABASE_EVERY_S', 20),
    network: 12, clock: 30, carriers: 6,
  },
  freezes_s: [[12, 1, 8], [3, 8, 20], [1, 20, 60]], // weight, least, most
  faults_ms: [2000, 7000],
  rates: { messages: setting('RATE', 12), replies: 3, stops: 0.3 },
  guests: 6000,
  clocks: true,
  databaseUrl: (n) => `postgresql://maitred@127.0.${n}.1,127.0.${n}.2/maitred?target_session_attrs=read-write`,
  patience_s: 300,
};

const result = await torture(plan);
const markdown = table(result);
const out = path.join(path.dirname(plan.program), 'torture');

mkdirSync(out, { recursive: true });
writeFileSync(path.join(out, 'table.md'), markdown);
writeFileSync(path.join(out, 'nemesis.log'), result.diary.between(0, Infinity).join('\n') + '\n');
writeFileSync(path.join(out, 'stories.txt'), result.stories.join('\n\n') + '\n');
writeFileSync(path.join(out, 'unsaid.txt'), result.unsaid.join('\n\n') + '\n');
writeFileSync(path.join(out, 'slowest.txt'), result.slowest.join('\n\n') + '\n');
console.log(`\n${markdown}`);
for (const [what, n] of Object.entries(result.refusals)) console.log(`refused ${n} times: ${what}`);
if (result.violations.length) console.log(`\n${result.violations.length} violations\n\n${result.stories.join('\n\n')}`);
await result.close();
if (process.env.README) intoReadme(markdown);
process.exit(result.violations.length ? 1 : 0);

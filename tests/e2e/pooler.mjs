// pooler.mjs - PgBouncer before the database of a house, pooling transactions as it would in production.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { freePort, until } from './house.mjs';

/** PgBouncer refuses to run as root; the database's socket is the system's user postgres's then. */
const owner = process.getuid() === 0 ? ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups'] : [];

/** `mode`: transaction or session; `pool`: connections to the database; `more`: lines of its settings. */
export async function pooler(databaseUrl, { mode = 'transaction', pool = 10, more = [], port } = {}) {
  const url = new URL(databaseUrl);
  port ??= await freePort();
  const dir = mkdtempSync('/tmp/pooler-');
  const file = path.join(dir, 'pgbouncer.ini');
  writeFileSync(file, `
[databases]
maitred = host=${url.searchParams.get('host')} dbname=maitred user=maitred
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
admin_users = admin
pool_mode = ${mode}
default_pool_size = ${pool}
max_client_conn = 1000
${more.join('\n')}
`);
  chmodSync(dir, 0o755);
  const [command, ...args] = [...owner, 'pgbouncer', file];
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'exit');
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (d) => { said += d; });
  await until('PgBouncer listens', () => {
    if (child.exitCode !== null) throw new Error(`pgbouncer: ${said}`);
    return /process up/.test(said);
  }, 10);
  const at = (database, user) => `postgresql://${user}@127.0.0.1:${port}/${database}`;
  return {
    url: at('maitred', 'maitred'),
    output: () => said,

    /** What its console answers: `SHOW POOLS`, as rows of fields. */
    ask: (command_) => execFileSync('psql', ['-XAtq', '-d', at('pgbouncer', 'admin'), '-c', command_], { encoding: 'utf8' })
      .trim().split('\n').map((row) => row.split('|')),

    async kill() {
      child.kill('SIGKILL');
      await ended;
    },

    async close() {
      child.kill('SIGINT');
      await ended;
    },
  };
}

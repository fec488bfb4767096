// pair.mjs - two PostgreSQL servers: a primary, and a standby that each commit waits for.
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../e2e/house.mjs';
import { run } from './processes.mjs';

const USUAL = [
  'track_commit_timestamp=on', 'synchronous_commit=on', 'max_wal_size=128MB', 'min_wal_size=64MB',
  'wal_keep_size=64MB', 'wal_sender_timeout=5s', 'wal_receiver_timeout=5s', 'checkpoint_timeout=60s',
];

function signal(pid, name) {
  try {
    process.kill(pid, name);
  } catch (e) {
    if (e.code !== 'ESRCH') throw e; // the one that answered the question is gone
  }
}

/** `servers`: [{ dir, settings }]; the first is the primary. */
export async function pair(servers) {
  const postgres = (command, dir, ...more) => run('db/postgres.sh', [command, dir, ...more]);
  let [primary, standby] = servers;

  const settings = (server) => [...USUAL, ...server.settings, 'synchronous_standby_names=*'];
  const sqlAs = async (user, server, text) =>
    run('psql', ['-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', await postgres('url', server.dir, user), '-c', text]);

  const p = {
    sql: (text) => sqlAs('maitred', primary, text),
    admin: (text) => sqlAs('postgres', primary, text),
    url: (dir) => postgres('url', dir),
    primary: () => primary,
    standby: () => standby,

    /** The standby has every commit. */
    synchronous: (seconds = 30) => until('the standby follows', () =>
      p.admin("SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming' AND sync_state = 'sync'")
        .then((n) => n === '1', () => false), seconds),

    async restartPrimary(after_ms) {
      await postgres('crash', primary.dir);
      await sleep(after_ms);
      await postgres('start', primary.dir, ...settings(primary));
    },

    async restartStandby(after_ms) {
      await postgres('crash', standby.dir);
      await sleep(after_ms);
      await postgres('start', standby.dir, ...settings(standby));
    },

    /** The primary dies, the standby takes over, and a new standby is made where the old primary was. */
    async promote() {
      await postgres('crash', primary.dir);
      await postgres('promote', standby.dir);
      [primary, standby] = [standby, primary];
      await postgres('follow', standby.dir, primary.dir, ...settings(standby));
    },

    /** Every process of the primary stands still; its connections stay. */
    async freezePrimary(ms) {
      const pids = (await p.admin('SELECT pid FROM pg_stat_activity')).split('\n').map(Number);
      for (const pid of pids) signal(pid, 'SIGSTOP');
      await sleep(ms);
      for (const pid of pids) signal(pid, 'SIGCONT');
    },

    /** Starts what is down: a full disk may have ended it. */
    async repair() {
      await postgres('start', primary.dir, ...settings(primary));
      await postgres('start', standby.dir, ...settings(standby));
    },

    /** Without a word to anybody, as the disk may be full. */
    async drop() {
      for (const server of servers) await postgres('crash', server.dir);
      for (const server of servers) await postgres('drop', server.dir);
    },
  };

  await postgres('start', primary.dir, ...USUAL, ...primary.settings);
  await postgres('follow', standby.dir, primary.dir, ...settings(standby));
  await p.admin("ALTER SYSTEM SET synchronous_standby_names = '*'");
  await p.admin('SELECT pg_reload_conf()');
  await p.synchronous();
  return p;
}

// graphile.mjs - texts through graphile-worker: a job for each, added by a statement of its own.
//
//   node graphile.mjs SOCKET_FOLDER CARRIER_PORT SCHEMA [CONCURRENCY]
import { Logger, makeWorkerUtils, run, runMigrations } from 'graphile-worker';
import { SCHEMA, poolOf, prepare, send, serve } from './sending.mjs';

const concurrency = Number(process.argv[5] ?? 24);
const pool = poolOf(concurrency);
const quiet = new Logger(() => (level, message) => level === 'error' && console.error(message));
const options = { pgPool: poolOf(concurrency + 8), schema: `${SCHEMA}_jobs`, logger: quiet };

await prepare(pool);
await runMigrations(options);
const utils = await makeWorkerUtils({ ...options, pgPool: poolOf(16) });
await run({ ...options, concurrency, noHandleSignals: true,
	taskList: { send: payload => send(pool, payload) } });
await serve(async text => (await utils.addJob('send', { to: text.to, body: text.body })).id);

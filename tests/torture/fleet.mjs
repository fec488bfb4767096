// fleet.mjs - the gateways of a run: killed, frozen, asked to stop, and started again.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../e2e/house.mjs';
import { Program } from './processes.mjs';

const FAKETIME = '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1';
const BAD = /Sanitizer|runtime error:|Assertion|terminate called|stack smashing/;

/** `gateways`: [{ name, port, env }]. `clocks`: each may be told a wrong time. */
export function fleet({ program, dir, look, gateways, clocks }) {
  const misdeeds = []; // ends that nobody asked for

  function start(g) {
    const env = { ...process.env, ...g.env, PORT: `${g.port}` };

    if (clocks)
      Object.assign(env, { LD_PRELOAD: FAKETIME, FAKETIME_TIMESTAMP_FILE: g.clock, FAKETIME_CACHE_DURATION: '1',
                           DONT_FAKE_MONOTONIC: '1', FAKETIME_DISABLE_SHM: '1',
                           CRASH_DIR: dir }); // its sandbox lets it read there, the clock too
    g.process = new Program(g.log, program, ['serve'], env);
    g.frozen = false;
    g.asked = null;
    const mine = g.process;
    mine.ended.then((end) => {
      const fine = g.asked && g.asked.process === mine &&
        (end.signal === 'SIGKILL' || (g.asked.signal === 'SIGTERM' && end.code === 0));
      if (!fine) misdeeds.push(`${g.name} ended by itself: ${JSON.stringify(end)}`);
    });
  }

  async function end(g, signal) {
    g.asked = { process: g.process, signal };
    g.process.signal(signal);
    if (signal === 'SIGTERM' && !await Promise.race([g.process.ended, sleep(30_000, false, { ref: false })])) {
      misdeeds.push(`${g.name} did not stop within 30 s`);
      g.process.signal('SIGKILL');
    }
    await g.process.ended;
    g.frozen = false;
  }

  for (const g of gateways) {
    g.log = path.join(dir, `${g.name}.log`);
    g.clock = path.join(dir, `${g.name}.clock`);
    writeFileSync(g.clock, '+0\n');
    start(g);
  }

  return {
    gateways,
    misdeeds,

    async kill(g, down_ms) {
      await end(g, 'SIGKILL');
      await sleep(down_ms);
      start(g);
    },

    async terminate(g) {
      await end(g, 'SIGTERM');
      start(g);
    },

    /** It stands still in the middle of whatever it does. */
    async freeze(g, ms) {
      g.process.signal('SIGSTOP');
      g.frozen = true;
      await sleep(ms);
      g.process.signal('SIGCONT');
      g.frozen = false;
    },

    setClock: (g, seconds) => writeFileSync(g.clock, `${seconds < 0 ? '' : '+'}${seconds}\n`),

    allReady: (seconds = 60) => until('all gateways are ready', () => look.all().length === gateways.length, seconds),

    async stop() {
      for (const g of gateways) {
        g.process.signal('SIGCONT');
        await end(g, 'SIGTERM');
      }
    },

    killAll() {
      for (const g of gateways) {
        g.asked = { process: g.process, signal: 'SIGKILL' };
        g.process.signal('SIGKILL');
      }
    },

    /** Lines of all logs that tell of a broken program. */
    bad: () => gateways.flatMap((g) => g.process.output().split('\n').filter((l) => BAD.test(l))
      .map((l) => `${g.name}: ${l}`)),

    /** Lines of all logs with that word in them. */
    mentions: (word) => gateways.flatMap((g) => g.process.output().split('\n').filter((l) => l.includes(word))
      .map((l) => `${g.name}: ${l}`)),
  };
}

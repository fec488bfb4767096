// nemesis.mjs - breaks things, round after round, each lane by its own seed: gateways, the database,
// the network, the disk, the clock, the carriers. Whatever it breaks it mends before its lane ends.
import { setTimeout as sleep } from 'node:timers/promises';
import { carrierFaults } from './carrier_faults.mjs';
import { random } from './random.mjs';

/** How a lane goes on: wait, act, until the time is over. */
async function lane(chance, every_s, more, act) {
  await sleep(1000 * chance.next() * every_s);
  while (more()) {
    const before = Date.now();
    await act();
    const rest = every_s * 1000 * (0.5 + chance.next()) - (Date.now() - before);
    if (rest > 0 && more()) await sleep(rest);
  }
}

/* ---- gateways ---- */

function gatewayLane({ fleet, diary, chance, freezes_s, pending, left_ms }) {
  const busy = new Set();
  const acts = [
    [8, async (g) => {
      diary.struck('kill -9 of a gateway', g.name);
      await fleet.kill(g, chance.whole(0, 800));
    }],
    [2, async (g) => {
      const [least, most] = chance.weighted(freezes_s.map(([weight, ...range]) => [weight, range]));
      const ms = Math.min(chance.whole(least * 1000, most * 1000), left_ms() + 1000);
      diary.struck('gateway frozen, then woken', `${g.name}, ${(ms / 1000).toFixed(1)} s`);
      await fleet.freeze(g, ms);
      diary.note(`${g.name} goes on`);
    }],
    [1, async (g) => {
      diary.struck('SIGTERM and restart of a gateway', g.name);
      await fleet.terminate(g);
    }],
  ];

  // one that is frozen for long does not hold up the others; one is always left alone
  return async () => {
    const idle = fleet.gateways.filter((g) => !busy.has(g));
    if (idle.length < 2) return;
    const g = chance.pick(idle);
    busy.add(g);
    const done = chance.weighted(acts)(g).finally(() => { busy.delete(g); pending.delete(done); });
    pending.add(done);
  };
}

/* ---- the database ---- */

function databaseLane({ pair, disks, diary, chance }) {
  const restart = async () => {
    diary.struck('kill -9 of the database, and restart');
    await pair.restartPrimary(chance.whole(0, 3000));
  };
  const promote = async () => {
    diary.struck('kill -9 of the database, and promotion of the standby');
    await pair.promote();
  };
  const acts = [
    promote, restart, promote, restart,
    async () => {
      diary.struck('kill -9 of the standby, and restart');
      await pair.restartStandby(chance.whole(0, 3000));
    },
    async () => {
      const ms = chance.whole(1000, 8000);
      diary.struck('database frozen, then woken', `${ms / 1000} s`);
      await pair.freezePrimary(ms);
    },
  ];
  if (disks)
    acts.push(async () => {
      const full = disks.get(pair.primary().dir);
      diary.struck('disk of the database full');
      await full.fill();
      await sleep(chance.whole(2000, 8000));
      await full.free();
      await pair.repair();
    });
  const draw = chance.bag(acts);
  return async () => {
    await draw()();
    await pair.synchronous();
    diary.note('the database has its standby again');
  };
}

/* ---- the network ---- */

function networkLane({ network, fleet, diary, chance }) {
  const words = { drop: 'dropped', reset: 'reset', loss: 'lost in part' };
  const draw = chance.bag(['carrier', 'database', 'carrier'].flatMap((to) => Object.keys(words).map((verdict) => [to, verdict])));

  return async () => {
    const [to, verdict] = draw();
    const seconds = chance.weighted([[6, chance.whole(1, 5)], [1, chance.whole(10, 15)]]);
    if (to === 'carrier') {
      const way = chance.pick(['requests', 'answers', 'both', 'callbacks']);
      diary.struck(`network to the carriers ${words[verdict]}`, `${way}, ${seconds} s`);
      await network.carrier(way, verdict);
    } else {
      const n = chance.whole(0, fleet.gateways.length);
      const way = chance.pick(['requests', 'answers', 'both']);
      diary.struck(`network to the database ${words[verdict]}`, `${n ? `of gateway ${n}` : 'of all'}, ${way}, ${seconds} s`);
      await network.database(n, way, verdict);
    }
    await sleep(seconds * 1000);
    await network.heal(to);
  };
}

/* ---- the clock ---- */

function clockLane({ fleet, diary, chance }) {
  return async () => {
    const g = chance.pick(fleet.gateways);
    const hours = chance.pick([-1, 1]);
    diary.struck(`clock of a gateway ${hours > 0 ? '1 h ahead' : '1 h behind'}`, g.name);
    fleet.setClock(g, hours * 3600);
    await sleep(chance.whole(3000, 15_000));
    fleet.setClock(g, 0);
  };
}

/* ---- the carriers ---- */

function carrierLane({ setFaults, diary, chance, faults_ms }) {
  const draw = carrierFaults(chance);

  return async () => {
    const both = chance.chance(25);
    const carriers = both ? ['twilio', 'telnyx'] : [chance.weighted([[3, 'twilio'], [1, 'telnyx']])];
    for (const carrier of carriers) {
      const [names, faults] = draw(carrier);
      for (const name of names) diary.struck(`carrier: ${name}`, carrier);
      await setFaults(carrier, chance.whole(1, 1e9), faults);
    }
    await sleep(chance.whole(...faults_ms));
    for (const carrier of carriers) await setFaults(carrier, 1, []);
  };
}

/**
 * Runs all lanes for so long; ends when everything is mended. `every`: seconds between two acts of a
 * lane; a lane that is not named is left out.
 */
export async function nemesis(world, { seed, seconds, every, freezes_s, faults_ms }) {
  const end = Date.now() + seconds * 1000;
  const left_ms = () => end - Date.now();
  const more = () => left_ms() > 0 && !world.stopped();
  const pending = new Set(); // what gateways go through by themselves
  const make = { gateways: gatewayLane, database: databaseLane, network: networkLane, clock: clockLane, carriers: carrierLane };
  const lanes = Object.keys(every).map((name, i) => {
    const chance = random(seed * 1000 + i);
    return lane(chance, every[name], more, make[name]({ ...world, chance, freezes_s, faults_ms, pending, left_ms }));
  });
  await Promise.all(lanes);
  await Promise.all(pending);
}

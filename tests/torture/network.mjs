// network.mjs - faults of the network, as nftables rules in the run's own namespace.
import { run } from './processes.mjs';

/** What a rule does with the packets that fit. */
const verdicts = {
  drop: ['counter', 'drop'],
  reset: ['counter', 'reject', 'with', 'tcp', 'reset'],
  loss: ['numgen', 'random', 'mod', '100', '<', '40', 'counter', 'drop'],
};

export async function network({ carrierPorts, callbackPort }) {
  const nft = (...words) => run('nft', words);

  await nft('add', 'table', 'inet', 'torture');
  for (const chain of ['carrier', 'database'])
    await nft('add', 'chain', 'inet', 'torture', chain, '{ type filter hook output priority 0; }');
  const rule = (chain, match, verdict) =>
    nft('add', 'rule', 'inet', 'torture', chain, ...match, ...verdicts[verdict]);

  return {
    /** Between gateways and carriers. `way`: requests, answers, both, callbacks. */
    async carrier(way, verdict) {
      const ports = `{ ${carrierPorts.join(', ')} }`;
      if (way !== 'answers' && way !== 'callbacks') await rule('carrier', ['tcp', 'dport', ports], verdict);
      if (way === 'answers' || way === 'both') await rule('carrier', ['tcp', 'sport', ports], verdict);
      if (way === 'callbacks') await rule('carrier', ['tcp', 'dport', `${callbackPort}`], verdict);
    },

    /** Between the database and gateway number `n`, or all of them (0). `way`: requests, answers, both. */
    async database(n, way, verdict) {
      const host = n ? `127.0.${n}.0/24` : '127.0.0.0/8';
      if (way !== 'answers') await rule('database', ['ip', 'daddr', host, 'tcp', 'dport', '5432'], verdict);
      if (way !== 'requests') await rule('database', ['ip', 'saddr', host, 'tcp', 'sport', '5432'], verdict);
    },

    heal: (chain) => nft('flush', 'chain', 'inet', 'torture', chain),
  };
}

// report.mjs - the table that a run ends with, and its place in README.md.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './processes.mjs';

const number = (n) => n.toLocaleString('en-US');
const seconds = (ms) => `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 0)} s`;

/** One row for each fault; those of the carriers, and of the network, share one. */
function faultRows(faults) {
  const rows = [], families = new Map();
  for (const [kind, n] of [...faults].sort()) {
    const [, family, word] = /^(carrier:|network to the \w+) (.*)$/.exec(kind) ?? [];
    if (!family) rows.push([kind, number(n)]);
    else families.set(family, [...(families.get(family) ?? []), `${word} ${number(n)}`]);
  }
  for (const [family, list] of families) rows.push([family === 'carrier:' ? 'carriers' : family, list.join(', ')]);
  return rows.map(([kind, n]) => [kind[0].toUpperCase() + kind.slice(1), n]);
}

/** Markdown. */
export function table({ counts: c, faults, took_s, gateways, seed, violations }) {
  const states = Object.entries(c.states).map(([state, n]) => `${number(n)} ${state}`).join(', ');
  const rows = [
    ['Messages acknowledged', `${number(c.acked)} of ${number(c.posted)} posted (${number(c.refused)} refused after STOP or 8, ${number(c.late)} as too late); ${number(c.retried)} asked for more than once`],
    ['... and how they ended', states],
    ['Texts on phones', `${number(c.texts)}, by ${number(c.attempts - c.callAttempts)} attempts; for ${number(c.asked)} of them, or of calls, the carrier was asked`],
    ['Calls on phones', `${number(c.callsRang)} of ${number(c.callMessages)} messages that are calls, by ${number(c.callAttempts)} attempts; ${number(c.callsAnswered)} were answered, ${number(c.callsUnsaid)} of them heard an apology alone (${number(c.callsUnsaidDelivered)} shown as delivered)`],
    ['Keys pressed', `${number(c.keys)}; ${number(c.keyStops)} guests were told that 8 had stopped us, ${number(c.keyStopsUntold)} that it could not be done just now`],
    ['Replies acknowledged', `${number(c.repliesAcked)} of ${number(c.replies)}`],
    ['STOPs acknowledged', `${number(c.stopsAcked)} of ${number(c.stops)}`],
    ['**Lost**', `**${c.lost}**`],
    ['**Doubled**', `**${c.doubled}**`],
    ['**Texts or calls after STOP or 8**', `**${c.textsAfterStop + c.callsAfterStop}** (${c.afterStop} attempts opened)`],
    ['Other rules broken', `${violations.filter((v) => !['lost', 'not ended', 'doubled', 'stored twice', 'after STOP', 'spoken after STOP'].includes(v.rule)).length}`],
    ['Ended as "it may have been sent"', number(c.uncertain)],
    ['On the phone, shown as sent: neither receipt nor id came', number(c.unheard)],
    ['Until a message was decided', `median ${seconds(c.decisionMedian_ms)}, worst ${seconds(c.decisionWorst_ms)}`],
    ...faultRows(faults),
  ];
  return [
    `${gateways} gateways, PostgreSQL with a synchronous standby, two simulated carriers; ${Math.round(took_s)} s of faults, seed ${seed}.`,
    '', '| | |', '|---|---|', ...rows.map(([what, value]) => `| ${what} | ${value} |`), '',
  ].join('\n');
}

/** Puts the table between README.md's two markers. */
export function intoReadme(markdown) {
  const file = path.join(root, 'README.md');
  const text = readFileSync(file, 'utf8');
  const between = /(<!-- made by `make torture README=1` -->\n)[^]*?(<!-- end -->)/;

  if (!between.test(text)) throw new Error('README.md has no place for the table');
  writeFileSync(file, text.replace(between, (_, from, to) => from + markdown + to));
}

// carrier_faults.mjs - everything that a simulated carrier can do wrong, with chosen strength.

/** [weight, name, (chance) => fault] */
export const CARRIER_FAULTS = [
  [3, 'refuse', () => ({ kind: 'refuse' })],
  [2, 'reset', (c) => ({ kind: 'reset', percent: c.whole(5, 40) })],
  [3, 'reset_after_accept', (c) => ({ kind: 'reset_after_accept', percent: c.whole(20, 100) })],
  [2, 'hang_before_accept', (c) => ({ kind: 'hang_before_accept', ms: 4000, percent: c.whole(5, 40) })],
  [3, 'hang_after_accept', (c) => ({ kind: 'hang_after_accept', ms: 4000, percent: c.whole(20, 100) })],
  [2, 'status (500, nothing accepted)', (c) => ({ kind: 'status', http_status: c.pick([500, 502, 503]), percent: c.whole(5, 40) })],
  [1, 'status (401)', (c) => ({ kind: 'status', http_status: 401, percent: c.whole(20, 100) })],
  [3, 'status_after_accept', (c) => ({ kind: 'status_after_accept', http_status: c.pick([500, 502, 503]), percent: c.whole(20, 100) })],
  [3, 'throttle', (c) => ({ kind: 'throttle', retry_after_s: c.whole(0, 2), percent: c.whole(30, 100) })],
  [3, 'malformed_2xx', (c) => ({ kind: 'malformed_2xx', percent: c.whole(20, 100) })],
  [3, 'empty_2xx', (c) => ({ kind: 'empty_2xx', percent: c.whole(20, 100) })],
  [3, 'slow', (c) => ({ kind: 'slow', ms: c.whole(300, 1800) })],
  [2, 'callbacks_off', (c) => ({ kind: 'callbacks_off', percent: c.whole(30, 100) })],
  [3, 'callbacks_duplicate', (c) => ({ kind: 'callbacks_duplicate', times: c.whole(1, 9) })],
  [3, 'callbacks_reorder', () => ({ kind: 'callbacks_reorder' })],
  [3, 'callbacks_early', (c) => ({ kind: 'callbacks_early', percent: c.whole(30, 100) })],
  [3, 'callbacks_late', (c) => ({ kind: 'callbacks_late', ms: c.whole(500, 9000) })],
  [3, 'callbacks_forged', () => ({ kind: 'callbacks_forged' })],
  [2, 'final (it never left)', (c, carrier) => ({ kind: 'final', status: 'failed', code: carrier === 'twilio' ? 30032 : 40018, percent: c.whole(10, 50) })],
  [1, 'final (it may have left)', (c, carrier) => ({ kind: 'final', status: 'undelivered', code: carrier === 'twilio' ? 30008 : 40008, percent: c.whole(10, 40) })],
];

/** One to three faults at once for that carrier, as [names, faults]. */
export function someFaults(chance, carrier, pool = CARRIER_FAULTS) {
  const names = [], faults = [];
  for (let n = chance.weighted([[5, 1], [3, 2], [2, 3]]); n > 0; n--) {
    const [, name, make] = chance.weighted(pool.map((row) => [row[0], row]));
    if (names.includes(name)) continue;
    names.push(name);
    faults.push(make(chance, carrier));
  }
  return [names, faults];
}

// carrier_faults.mjs - everything that a simulated carrier can do wrong, with chosen strength.

/** [name, (chance, carrier) => fault] */
export const CARRIER_FAULTS = [
  ['refuse', () => ({ kind: 'refuse' })],
  ['reset', (c) => ({ kind: 'reset', percent: c.whole(5, 40) })],
  ['reset_after_accept', (c) => ({ kind: 'reset_after_accept', percent: c.whole(20, 100) })],
  ['hang_before_accept', (c) => ({ kind: 'hang_before_accept', ms: 4000, percent: c.whole(5, 40) })],
  ['hang_after_accept', (c) => ({ kind: 'hang_after_accept', ms: 4000, percent: c.whole(20, 100) })],
  ['status (500, nothing accepted)', (c) => ({ kind: 'status', http_status: c.pick([500, 502, 503]), percent: c.whole(5, 40) })],
  ['status (401)', (c) => ({ kind: 'status', http_status: 401, percent: c.whole(20, 100) })],
  ['status_after_accept', (c) => ({ kind: 'status_after_accept', http_status: c.pick([500, 502, 503]), percent: c.whole(20, 100) })],
  ['throttle', (c) => ({ kind: 'throttle', retry_after_s: c.whole(0, 2), percent: c.whole(30, 100) })],
  ['malformed_2xx', (c) => ({ kind: 'malformed_2xx', percent: c.whole(20, 100) })],
  ['empty_2xx', (c) => ({ kind: 'empty_2xx', percent: c.whole(20, 100) })],
  ['slow', (c) => ({ kind: 'slow', ms: c.whole(300, 1800) })],
  ['callbacks_off', (c) => ({ kind: 'callbacks_off', percent: c.whole(30, 100) })],
  ['callbacks_duplicate', (c) => ({ kind: 'callbacks_duplicate', times: c.whole(1, 9) })],
  ['callbacks_reorder', () => ({ kind: 'callbacks_reorder' })],
  ['callbacks_early', (c) => ({ kind: 'callbacks_early', percent: c.whole(30, 100) })],
  ['callbacks_late', (c) => ({ kind: 'callbacks_late', ms: c.whole(500, 9000) })],
  ['callbacks_forged', () => ({ kind: 'callbacks_forged' })],
  ['final (it never left)', (c, carrier) => ({ kind: 'final', status: 'failed', code: carrier === 'twilio' ? 30032 : 40018, percent: c.whole(10, 50) })],
  ['final (it may have left)', (c, carrier) => ({ kind: 'final', status: 'undelivered', code: carrier === 'twilio' ? 30008 : 40008, percent: c.whole(10, 40) })],
];

/** Draws one to three faults at once for that carrier, some for texts or calls alone, as [names, faults]. */
export function carrierFaults(chance) {
  const draw = chance.bag(CARRIER_FAULTS);
  return (carrier) => {
    const drawn = Array.from({ length: chance.weighted([[5, 1], [3, 2], [2, 3]]) }, draw);
    const channel = chance.weighted([[3, undefined], [1, 'sms'], [1, 'voice']]);
    const narrow = (fault) => (channel && fault.kind !== 'refuse' ? { ...fault, channel } : fault);
    return [drawn.map(([name]) => name), drawn.map(([, make]) => narrow(make(chance, carrier)))];
  };
}

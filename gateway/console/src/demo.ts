// demo.ts - whether this is `maitred dev`: then there are simulated phones at /sim, and a demo host.
import { signal } from '@preact/signals';

/** Who can be entered as by one click; db/demo_evening.sql makes them. */
export const DEMO = { login: 'demo', password: 'Demo-1234' };

export const demo = signal(false);

fetch('/sim', { redirect: 'manual', method: 'GET' })
  .then((r) => { demo.value = r.type === 'opaqueredirect'; }, () => undefined);

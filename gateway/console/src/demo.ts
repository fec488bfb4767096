// demo.ts - whether this is `maitred dev`: then there are simulated phones at /sim, and a demo host.

/** Who can be entered as by one click; db/demo_evening.sql makes them. */
export const DEMO = { login: 'demo', password: 'Good-evening-2' };

export const demo = 'demo' in document.documentElement.dataset;

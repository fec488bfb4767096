// soak.test.mjs - a full board for a long evening: 200 parties, a reply every second, one thread open. Each reply is
// shown, and nothing grows with them. `make soak` does so for 300 s, and also holds the longest task to 100 ms.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { browse } from './browser.mjs';
import { desk, party, says } from './desk.mjs';
import { each, house, until } from './house.mjs';

const SECONDS = Number(process.env.SECONDS ?? 15);
const PARTIES = 200;
const WRITERS = 20; // of them, the first one's thread is open
const HEAP_BYTES = 400_000; // of 7 MB; and for each reply
const REPLY_BYTES = 2000; // a drawn board that is kept would be 60,000
const NODES = 100; // less than one of a row for each reply
const BUBBLE_NODES = 40;

let h, browser;
const parties = [];
before(async () => {
  h = await house({ prism: false });
  await h.gateway();
  browser = await browse({ after: () => undefined }, h.dir);
  await each(PARTIES, 8, async (i) => {
    parties.push(await party(h, `Guest ${i}`, { text: false, size: 1 + i % 7, quote_max: 10 + i % 50, notes: i % 3 ? '' : 'Near the window' }));
  });
  await each(WRITERS, 4, (i) => h.api(`/v1/parties/${parties[i].id}/notify`, { body: {} }));
});
after(async () => { await browser?.close(); await h?.close(); });

test('every reply is shown, and the page stays as large as it was', { timeout: (SECONDS + 120) * 1000 }, async () => {
  const page = await desk(h, browser);
  const cdp = await page.context().newCDPSession(page);
  await until('the whole board', async () => (await page.locator('.line > .row').count()) === PARTIES);
  await page.locator(`[data-id="${parties[0].id}"] .who`).click();
  await page.locator('.thread .bubble').first().waitFor();

  const shown = (id, words, open) => page.waitForFunction(([id, words, open]) => open
    ? [...document.querySelectorAll('.bubble.in p')].at(-1)?.textContent === words
    : document.querySelector(`[data-id="${id}"] .words`)?.textContent === words, [id, words, open], { timeout: 10_000 });
  let bubbles = 0;
  const reply = async (i) => {
    const p = parties[i % WRITERS];
    const words = i % 4 === 1 ? '1' : i % 4 === 3 ? '2' : `Reply ${i}: is there parking?`;
    await says(h, p.phone, words);
    await shown(p.id, words, i % WRITERS === 0);
    if (i % WRITERS === 0) bubbles = await page.locator('.bubble').count();
  };
  const measure = async () => {
    await sleep(2500); // what is kept on the device is written 2 s later
    await cdp.send('HeapProfiler.collectGarbage');
    await cdp.send('HeapProfiler.collectGarbage');
    const { usedSize } = await cdp.send('Runtime.getHeapUsage');
    const { nodes, jsEventListeners } = await cdp.send('Memory.getDOMCounters');
    return { heap: usedSize, nodes, listeners: jsEventListeners, bubbles };
  };

  for (let i = 0; i < 2 * WRITERS; i++) await reply(i); // each writer has every kind of badge and mark by now
  const began = await measure();
  await page.evaluate(() => {
    window.tasks = [];
    new PerformanceObserver((list) => window.tasks.push(...list.getEntries().map((e) => Math.round(e.duration))))
      .observe({ type: 'longtask' });
  });
  const start = Date.now();
  let replies = 0, slowest = 0;
  while (Date.now() - start < SECONDS * 1000) {
    const at = Date.now();
    await reply(2 * WRITERS + replies++);
    slowest = Math.max(slowest, Date.now() - at);
    await sleep(Math.max(0, 1000 - (Date.now() - at)));
  }
  const tasks = (await page.evaluate(() => window.tasks)).sort((a, b) => b - a);
  const ended = await measure();
  const grown = Object.fromEntries(Object.keys(began).map((key) => [key, ended[key] - began[key]]));
  console.log(`${replies} replies in ${SECONDS} s; the slowest was shown after ${slowest} ms; tasks over 50 ms: `
    + `${tasks.length}, the longest ${tasks[0] ?? 'none'} ${tasks.slice(0, 10)}; at first ${JSON.stringify(began)}, grown by ${JSON.stringify(grown)}`);
  assert.ok(replies >= SECONDS * 0.7, `${replies} replies`);
  assert.ok(grown.heap < HEAP_BYTES + replies * REPLY_BYTES, `heap: ${grown.heap}`);
  assert.ok(grown.nodes < NODES + grown.bubbles * BUBBLE_NODES, `nodes: ${grown.nodes}, bubbles: ${grown.bubbles}`);
  if (SECONDS >= 300) assert.ok((tasks[0] ?? 0) < 100, `the longest task took ${tasks[0]} ms`);
  assert.deepEqual(page.problems, []);
});

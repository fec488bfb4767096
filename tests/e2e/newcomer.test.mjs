// newcomer.test.mjs - the first ten minutes with maitred: what `make run` starts, in a folder of its own, and
// somebody who only clicks. README=1 puts pictures of their way into .github/images/.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { browse, page_of, shots } from './browser.mjs';
import { row } from './desk.mjs';
import { freePort, maitred, until } from './house.mjs';

const IMAGES = '.github/images';
const PICTURES = ['first-sign-in', 'first-notify', 'first-reply', 'first-outage', 'first-why'];
const dir = mkdtempSync(path.join(tmpdir(), 'new-'));

let run, browser, said = '';
before(async () => {
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, DEV_DIR: path.join(dir, 'run'), SIM_PORT: '0',
                PORT: String(await freePort()), ASAN_OPTIONS: process.env.ASAN_OPTIONS ?? '' };
  run = spawn('gateway/dev.sh', [maitred, 'dev'], { env });
  for (const out of [run.stdout, run.stderr]) out.on('data', (d) => { said += d; });
  run.ended = new Promise((resolve) => run.on('close', resolve));
  browser = await browse({ after: (close) => { run.closes = close; } }, dir);
  await until(`it is ready; it said:\n${said}`, () => {
    assert.equal(run.exitCode, null, said);
    return said.includes('Open http');
  }, 60);
});
after(async () => {
  await run?.closes?.();
  run?.kill('SIGINT');
  assert.equal(await run?.ended, 0, said.slice(-3000));
});

const picture = async (page, name) => {
  assert.ok(PICTURES.includes(name));
  const to = process.env.README ? IMAGES : shots;
  mkdirSync(to, { recursive: true });
  await page.screenshot({ path: path.join(to, `${name}.jpg`), quality: 80 });
};

test('clicks alone lead from the printed address to a text, an answer, a failure and why', async () => {
  const began = Date.now();
  let clicks = 0;
  const click = async (what) => { await what.click(); clicks++; };
  const page = await page_of(browser);
  const phones = page.frameLocator('iframe');
  const in_view = async (what) => { // without scrolling
    const box = await what.boundingBox();
    assert.ok(box && box.y >= 0 && box.y + box.height <= 900, `${what}: ${JSON.stringify(box)}`);
  };

  await page.goto(said.match(/Open (http:\S+) and press "Enter as demo host"/)[1]);
  await page.getByRole('button', { name: 'Enter as demo host' }).waitFor();
  await picture(page, 'first-sign-in');
  const sim = (await fetch(said.match(/http:\S+\/sim/)[0])).url;
  await until('the evening has begun', async () => (await (await fetch(`${sim}/v1/ledger/summary`)).json()).texts === 7);
  await click(page.getByRole('button', { name: 'Enter as demo host' }));
  await click(page.getByRole('link', { name: 'Phones' }));
  await phones.getByRole('heading', { name: 'Simulated phones' }).waitFor();
  await phones.locator('.phone').first().waitFor();

  // a text
  await click(row(page, 'Sam Carter').getByRole('button', { name: 'Notify Sam Carter' }));
  const sam = phones.getByRole('article', { name: 'Phone (212) 555-0102' });
  await sam.getByText(/table is ready/).waitFor();
  await row(page, 'Sam Carter').getByText('Table ready: delivered').waitFor();
  await sam.getByText('Just now').waitFor();
  await picture(page, 'first-notify');
  await in_view(sam.getByText(/table is ready/));
  await in_view(sam.getByRole('button', { name: /^Reply 1/ }));

  // an answer
  await click(sam.getByRole('button', { name: /^Reply 1/ }));
  await row(page, 'Sam Carter').getByText('coming', { exact: true }).waitFor();
  await picture(page, 'first-reply');
  await click(row(page, 'Sam Carter').getByRole('button', { name: 'Open Sam Carter' }));
  const thread = page.getByRole('complementary', { name: 'Texts and calls' });
  await thread.locator('.bubble.in').getByText('1', { exact: true }).waitFor();
  const why = page.getByRole('dialog');
  await click(thread.locator('.bubble', { hasText: 'table is ready' }).getByRole('button', { name: 'Why?' }));
  await why.getByText('Twilio accepted it.').waitFor();
  await click(why.getByRole('button', { name: 'Close' }));
  await click(thread.getByRole('button', { name: 'Close' }));

  // a failure
  await click(phones.getByRole('heading', { name: 'Try what goes wrong' }));
  await click(phones.getByRole('link', { name: 'A carrier is down' }));
  await phones.getByText('A carrier is down').first().waitFor();
  await click(row(page, 'Priya Shah').getByRole('button', { name: 'Notify Priya Shah' }));
  await row(page, 'Priya Shah').getByText('Table ready: delivered').waitFor();
  const priya = phones.getByRole('article', { name: 'Phone (212) 555-0104' });
  await priya.getByText('Just now').waitFor();
  await in_view(priya.getByText(/table is ready/));
  await picture(page, 'first-outage');
  await click(row(page, 'Priya Shah').getByRole('button', { name: 'Open Priya Shah' }));
  await click(thread.locator('.bubble', { hasText: 'table is ready' }).getByRole('button', { name: 'Why?' }));
  await why.getByText(/^Twilio could not be reached/).waitFor();
  await why.getByText('Telnyx accepted it.').waitFor();
  await picture(page, 'first-why');
  await click(why.getByRole('button', { name: 'Close' }));
  await click(page.getByRole('link', { name: 'Carriers' }));
  await page.getByRole('heading', { name: 'Carriers', exact: true }).waitFor();
  assert.deepEqual(page.problems, []);
  console.log(`${clicks} clicks, ${((Date.now() - began) / 1000).toFixed(1)} s`);
});

test('the README shows these pictures, and no other', () => {
  const shown = [...readFileSync('README.md', 'utf8').matchAll(/!\[([^\]]+)\]\(\.github\/images\/([\w-]+)\.jpg\)/g)];
  assert.deepEqual(shown.map((m) => m[2]), PICTURES);
  for (const name of PICTURES) assert.ok(existsSync(`${IMAGES}/${name}.jpg`), name);
});

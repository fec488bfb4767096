// browser.mjs - Debian's Chromium, without a screen, which reaches this machine and no other; pages of
// the sizes that people hold, pictures of them, and what axe-core finds wrong with them.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { chromium } from 'playwright-core';
import { maitred } from './house.mjs';

const SIZES = {
  phone: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 },
  tablet: { viewport: { width: 1024, height: 768 }, hasTouch: true },
  desktop: { viewport: { width: 1440, height: 900 } },
};

/** Where pictures go: $SHOTS, or build/test/shots. */
export const shots = process.env.SHOTS ?? path.resolve(maitred, '../../test/shots');

const launch = (dir, ...args) => ({
  executablePath: '/usr/bin/chromium', downloadsPath: path.join(dir, 'downloads'), chromiumSandbox: false,
  args: ['--disable-gpu', '--disable-background-networking',
         '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1', ...args],
});

/** Closed when the test ends. `dir`: for what it downloads. */
export async function browse(t, dir) {
  const browser = await chromium.launch(launch(dir));
  t.after(() => browser.close());
  return browser;
}

/** A browser whose pages share cookies and storage, and that other programs can drive by `port`. */
export async function shared_browser(dir, port) {
  return chromium.launchPersistentContext(path.join(dir, 'profile'), launch(dir, `--remote-debugging-port=${port}`));
}

/**
 * A page of its own, with its own cookies and storage. page.problems: what it threw, what its console called
 * an error or a warning, what its policy refused, and requests that failed or left this machine.
 */
export async function page_of(browser, { size = 'desktop', dark = false, js = true, locale = 'en-US', ...more } = {}) {
  const context = await browser.newContext({
    ...SIZES[size], colorScheme: dark ? 'dark' : 'light', javaScriptEnabled: js, locale, ...more,
  });
  const page = await context.newPage();
  page.problems = [];
  page.on('pageerror', (e) => page.problems.push(e.message));
  page.on('console', (m) => ['error', 'warning'].includes(m.type()) && !/AudioContext/.test(m.text()) // no sound card here
    && page.problems.push(m.text()));
  page.on('request', (r) => /^(data:|blob:|http:\/\/127\.0\.0\.1[:/])/.test(r.url()) || page.problems.push(`asked ${r.url()}`));
  return page;
}

/** A picture of the whole page. */
export async function shot(page, name) {
  mkdirSync(shots, { recursive: true });
  await page.screenshot({ path: path.join(shots, `${name}.png`), fullPage: true });
}

/** Nothing of WCAG 2.2 A and AA that a machine can find is wrong with the page as it is now. */
export async function axe_clean(page) {
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']).analyze();
  const told = violations.map((v) => `${v.id}: ${v.help}\n` + v.nodes.map((n) =>
    `    ${n.target.join(' ')}\n      ${n.html.slice(0, 200)}\n      ${n.failureSummary.replaceAll('\n', '\n      ')}`).join('\n'));
  assert.equal(told.length, 0, `${page.url()}\n${told.join('\n')}`);
}

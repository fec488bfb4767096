// browser.mjs - Debian's Chromium, without a screen, which reaches this machine and no other.
import path from 'node:path';
import puppeteer from 'puppeteer-core';

/** Closed when the test ends. */
export async function browse(t, dir) {
  const browser = await puppeteer.launch({
    executablePath: '/usr/bin/chromium', userDataDir: path.join(dir, 'chromium'),
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--disable-background-networking',
           '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'],
  });
  t.after(() => browser.close());
  return browser;
}

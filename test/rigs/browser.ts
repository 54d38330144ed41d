import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

const names = ['chromium', 'chromium-browser', 'google-chrome'];

/** Nothing but this machine can be reached from it, and it asks nobody for updates. */
const args = [
  '--no-sandbox',
  '--disable-dev-shm-usage',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
];

/** Where Chromium is; undefined: nowhere on the path. */
export const chromiumPath = (): string | undefined =>
  (process.env.PATH ?? '')
    .split(delimiter)
    .flatMap((folder) => names.map((name) => join(folder, name)))
    .find((path) => existsSync(path));

/** A browser for the tests of a suite, which are skipped, saying so, where there is none. @returns it, once they run */
export function useBrowser(): () => Browser {
  let browser: Browser | undefined;
  before(async function () {
    const executablePath = chromiumPath();
    if (executablePath === undefined) {
      console.log('      skipped: Chromium is not there');
      return this.skip();
    }
    browser = await chromium.launch({ executablePath, args });
  });
  after(() => browser?.close());
  return () => {
    if (browser === undefined) throw new Error('The browser runs only while the tests do');
    return browser;
  };
}

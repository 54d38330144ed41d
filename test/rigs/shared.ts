import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../../../shared');
const reason = 'needs ../shared';

/** Titles of tests and suites that were skipped because the shared material was thought to be absent. */
export const skippedForShared = new Set<string>();

export const isSharedPresent = (): boolean => existsSync(root);

/**
 * Absolute path of shared reference material. Where there is none the test, or every test of the
 * suite whose hook calls this, is skipped, saying so.
 *
 * @param test `this` of a test or hook
 * @param path relative to the shared folder, such as `samples/hca`
 * @throws Error when the shared folder is there, but has no such path
 */
export function shared(test: Mocha.Context, path: string): string {
  if (!isSharedPresent()) {
    skippedForShared.add(test.test?.fullTitle() ?? '');
    console.log(`      ${reason}`);
    test.skip();
  }
  const found = join(root, path);
  if (existsSync(found)) return found;
  throw new Error(`../shared has no ${path}`);
}

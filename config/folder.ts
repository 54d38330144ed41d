import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a folder with all above it. Node's own way to do that (`recursive`) never ends where the system takes no
 * folders, such as in `/proc`, and can't be interrupted.
 *
 * @returns the uppermost folder that was made; undefined where all were there
 * @throws Error of the system, with its `code`
 */
export function makeFolder(folder: string): string | undefined {
  try {
    return makeOne(folder);
  } catch (error) {
    const parent = dirname(folder);
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || parent === folder) throw error;
    const first = makeFolder(parent);
    const made = makeOne(folder);
    return first ?? made;
  }
}

function makeOne(folder: string): string | undefined {
  try {
    mkdirSync(folder);
    return folder;
  } catch (error) {
    // It may be a link to a folder.
    if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) throw error;
    return undefined;
  }
}

import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a folder with all above it. Node's own way to do that (`recursive`) never ends where the system takes no
 * folders, such as in `/proc`, and can't be interrupted.
 *
 * @param mode permissions of what is made, less the umask
 * @returns the uppermost folder that was made; undefined where all were there
 * @throws Error of the system, with its `code`
 */
export function makeFolder(folder: string, mode = 0o777): string | undefined {
  try {
    return makeOne(folder, mode);
  } catch (error) {
    const parent = dirname(folder);
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || parent === folder) throw error;
    const first = makeFolder(parent, mode);
    const made = makeOne(folder, mode);
    return first ?? made;
  }
}

function makeOne(folder: string, mode: number): string | undefined {
  try {
    mkdirSync(folder, { mode });
    return folder;
  } catch (error) {
    // It may be a link to a folder.
    if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) throw error;
    return undefined;
  }
}

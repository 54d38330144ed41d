import { existsSync, readFileSync, statSync } from 'node:fs';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { LazuliError } from '../../core/config/errors.ts';
import { parsedJson } from '../../core/config/text.ts';

/** Where package.json names nothing. */
const customary = ['plugin.ts', 'plugin.js', 'index.ts', 'index.js'];
/** Names of alternatives in `exports` of package.json that hold for us. */
const conditions = new Set(['node', 'import', 'module-sync', 'default']);

/**
 * The file by which a folder of plug-ins is loaded: what `exports` or `main` of its package.json say; else `plugin.ts`,
 * `plugin.js`, `index.ts` or `index.js`.
 *
 * @param folder absolute
 * @throws LazuliError `configuration_invalid`
 */
export function entryOf(folder: string): string {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) throw noFolder(folder);
  const { exports, main } = packageOf(folder);
  if (exports !== undefined) return within(folder, [targetOf(exports)], '`exports` of its package.json');
  if (main === undefined) return within(folder, customary, 'it');
  return within(folder, [main, `${main}.js`, `${main}/index.js`], '`main` of its package.json');
}

interface Package {
  readonly exports?: unknown;
  readonly main?: string;
}

function packageOf(folder: string): Package {
  const file = join(folder, 'package.json');
  if (!existsSync(file)) return {};
  try {
    const { exports, main } = Object(parsedJson(readFileSync(file)));
    return { ...(exports != null && { exports }), ...(typeof main === 'string' && main !== '' && { main }) };
  } catch (cause) {
    throw refused(`${file} can't be read: ${(cause as Error).message}`, 'Correct it.', cause);
  }
}

/** What `exports` gives to who imports the package itself; undefined where that is nothing. */
function targetOf(exports: unknown): string | undefined {
  if (typeof exports === 'string') return exports;
  if (Array.isArray(exports)) return exports.map(targetOf).find((target) => target !== undefined);
  for (const [name, value] of Object.entries(Object(exports))) {
    const target = name === '.' || conditions.has(name) ? targetOf(value) : undefined;
    if (target !== undefined) return target;
  }
  return undefined;
}

/** The first of the files that is there. @param said what names them */
function within(folder: string, files: readonly (string | undefined)[], said: string): string {
  const named = files.filter((file) => file !== undefined);
  for (const file of named) {
    const path = resolve(folder, file);
    const inside = relative(folder, path);
    if (inside.startsWith('..') || isAbsolute(inside))
      throw refused(`${folder}: ${said} names ${file}, which isn't in that folder`, 'Name a file inside of it.');
    if (statSync(path, { throwIfNoEntry: false })?.isFile()) return path;
  }
  const [first = 'a file to import'] = named;
  throw refused(
    `${folder}: ${said} has no ${first}`,
    `Build the package, or name in \`main\` of its package.json the file that exports \`plugins\` (by default ${customary.join(', ')}).`,
  );
}

function noFolder(folder: string): LazuliError {
  const isFile = existsSync(folder);
  return refused(
    isFile ? `${folder} is no folder` : `There is no folder ${folder}`,
    isFile
      ? 'Name the folder that it is in.'
      : 'Correct the path, which is relative to the file of the settings; or install the package there (npm install).',
  );
}

/** Of plug-ins that can't be loaded. */
export function refused(message: string, remedy: string, cause?: unknown): LazuliError {
  return new LazuliError('configuration_invalid', message, { remedy, cause });
}

import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';

/** Plug-ins from outside of the clone that a deployment may have. */
const maxPlaces = 100;
/** Of npm, and nothing inside of it. */
const packagePattern = /^(?:@[a-z0-9][a-z0-9._~-]*\/)?[a-z0-9][a-z0-9._~-]{0,213}$/;
const pathPattern = /^(?:\/|\.{1,2}(?:\/|$))/;

/** Where plug-ins are, as settings say it: the path of a folder, or the name of an npm package. */
export const pluginPlaces = z
  .array(
    z
      .string()
      .max(4096)
      .refine(
        (place) => (pathPattern.test(place) && !place.includes('\0')) || isPackageName(place),
        'is neither the path of a folder, which begins with /, ./ or ../, nor the name of an npm package',
      ),
  )
  .max(maxPlaces)
  .default([]);

/** Whether a text can be the name of an npm package. */
export const isPackageName = (text: string): boolean => packagePattern.test(text);

/**
 * The folder of plug-ins. A package is looked for as Node looks for it, in `node_modules` of a folder and of those above:
 * first from where the settings are, then from the clone. One that isn't there is named where it would be, so that what
 * loads it can say so.
 *
 * @param base folder that paths are relative to: of the file that has the settings; else where the process works
 * @returns an absolute path
 */
export function pluginFolder(place: string, base: string): string {
  if (!isPackageName(place)) return resolve(base, place);
  const name = place;
  return installed(name, resolve(base)) ?? installed(name, import.meta.dirname) ?? resolve(base, 'node_modules', name);
}

function installed(name: string, from: string): string | null {
  const found = join(from, 'node_modules', name);
  if (existsSync(join(found, 'package.json'))) return found;
  const parent = dirname(from);
  return parent === from ? null : installed(name, parent);
}

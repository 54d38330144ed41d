import { dirname, join } from 'node:path';

/** Root folder of this clone. */
export const clone = dirname(import.meta.dirname);

/** Where `lazuli up` keeps its data unless told otherwise. */
export const defaultDataFolder = join(clone, '.lazuli');

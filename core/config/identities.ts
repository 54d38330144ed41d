import { z } from 'zod';

/** Lower or upper case. */
export const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
/** characters; pointers list a thousand versions */
export const maxVersion = 128;
/** characters; the search engine takes ranges between texts of 1,000 bytes at most, by which it keeps sources apart */
const maxSourceId = 256;
/** characters */
const maxSpec = 1024;

const text = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .refine((value) => value.isWellFormed(), 'has half of a surrogate pair');

/**
 * What names sources and bundles decides who sees what, and which document is which. So it is checked alike wherever it
 * comes in, in `bundles.json` as in notifications, and what is accepted is indexed whole.
 */
export const sourceRefSchema = z.object({ id: text(maxSourceId), spec: text(maxSpec) });
export const versionSchema = text(maxVersion);
/** Of a bundle, in lower case. */
export const uuidSchema = z.string().regex(uuidPattern, 'must be a UUID').toLowerCase();

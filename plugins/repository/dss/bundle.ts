import { z } from 'zod';
import { LazuliError } from '../../../core/config/errors.ts';
import { shownIssues } from '../../../core/config/issues.ts';
import { jsonTextOf, wholeJson } from '../../../core/config/text.ts';
import type { Manifest, ManifestFile } from './answers.ts';
import { withColons } from './versions.ts';

/** A file whose content is read. */
export interface ReadFile {
  readonly file: ManifestFile;
  readonly bytes: Uint8Array;
}

const linksName = 'links.json';

/** What of a metadata document is needed to name it; older ones have it inside of `content`. */
const described = z.looseObject({
  describedBy: z.string().optional(),
  content: z.looseObject({ describedBy: z.string().optional() }).optional().catch(undefined),
  provenance: z.looseObject({ document_id: z.string().optional() }).optional(),
  file_core: z.looseObject({ file_name: z.string() }).optional(),
});

interface Document {
  /** `<type>/<document id>` */
  readonly key: string;
  readonly type: string;
  /** of the data file that it describes */
  readonly fileName: string | undefined;
  /** as it stands in the file */
  readonly text: string;
}

/**
 * A bundle of a data store as the metadata plug-in of the Human Cell Atlas reads it (specification, dss 5). Documents stand in it
 * as they stand in their files.
 *
 * @param read its indexed files, in the order of the manifest
 * @returns JSON
 * @throws LazuliError `bundle_invalid`, naming the file
 */
export function assemble({ files }: Manifest, read: readonly ReadFile[]): string {
  const links = read.find(({ file }) => file.name === linksName);
  const documents = read.filter((one) => one !== links).map(documentOf);
  const metadata = new Map<string, string>();
  for (const { key, text } of documents) {
    if (metadata.has(key)) throw invalid(key, 'is in the bundle twice', 'Give every document an id of its own.');
    metadata.set(key, text);
  }
  const parts = [
    `"manifest":${object(manifestEntries(files, documents))}`,
    `"metadata":${object(metadata)}`,
    ...(links === undefined ? [] : [`"links":${textOf(links)}`]),
    '"stitched":[]',
  ];
  return `{${parts.join()}}`;
}

/** Entries of the data files that documents describe. */
function* manifestEntries(
  files: readonly ManifestFile[],
  documents: readonly Document[],
): Generator<readonly [key: string, json: string]> {
  const byName = new Map(files.map((file) => [file.name, file]));
  for (const { key, type, fileName } of documents) {
    const entry = type.endsWith('_file') && fileName !== undefined ? byName.get(fileName) : undefined;
    if (entry !== undefined) yield [key, JSON.stringify({ ...entry, version: withColons(entry.version) })];
  }
}

const object = (members: Iterable<readonly [string, string]>): string =>
  `{${[...members].map(([name, json]) => `${JSON.stringify(name)}:${json}`).join()}}`;

function documentOf(one: ReadFile): Document {
  const { name, uuid } = one.file;
  const text = textOf(one);
  const result = described.safeParse(JSON.parse(text));
  if (!result.success) throw invalid(name, shownIssues(result.error), 'Correct the metadata.');
  const { describedBy, content, provenance, file_core: core } = result.data;
  const type = (describedBy ?? content?.describedBy)?.split('/').at(-1) ?? '';
  if (!/^\w+$/.test(type)) throw invalid(name, "doesn't say by `describedBy` what it is", 'Name the schema there.');
  const inner = described.safeParse(content).data?.file_core;
  return { key: `${type}/${provenance?.document_id ?? uuid}`, type, fileName: (core ?? inner)?.file_name, text };
}

/** @throws LazuliError `bundle_invalid` for what is no JSON object */
function textOf({ file: { name, 'content-type': type }, bytes }: ReadFile): string {
  if (!/^application\/json\b/i.test(type)) throw invalid(name, `is indexed, and of type ${type}`, 'Index JSON only.');
  try {
    const text = jsonTextOf(bytes);
    const value = wholeJson(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return text;
  } catch (error) {
    throw invalid(name, `is no JSON: ${(error as Error).message}`, 'Correct the file.', error);
  }
  throw invalid(name, 'is no JSON object', 'Correct the file.');
}

const invalid = (file: string, what: string, remedy: string, cause?: unknown): LazuliError =>
  new LazuliError('bundle_invalid', `File ${file} ${what}`, {
    remedy: `${remedy} Put a new version of the bundle into the data store.`,
    cause,
  });

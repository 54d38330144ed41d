import { z } from 'zod';
import { LazuliError } from '../../../config/errors.ts';
import { sourceRefSchema, versionSchema } from '../../../config/identities.ts';
import type { SourceRef } from '../../../config/sources.ts';
import { wholeJson } from '../../../config/text.ts';

const sourceSchema = sourceRefSchema.strict();
const uuid = z
  .string()
  .regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, 'must be a UUID')
  .toLowerCase();

/** `bundles.json`. A bundle is of the source at the top level unless it names another one. */
const indexFileSchema = z.object({
  /** informative: the catalog for which the folder was made */
  catalog: z.string().optional(),
  /** informative: the metadata plug-in that reads the bundles */
  metadata: z.string().optional(),
  source: sourceSchema.optional(),
  /** further sources, and who may see which; a source is public unless it says so, or who reads it */
  sources: z
    .array(
      sourceSchema.extend({
        public: z.boolean().optional(),
        /** subjects who may see a source that isn't public */
        readers: z.array(z.string()).optional(),
      }),
    )
    .optional(),
  /** of the DRS server that has the data files */
  drs_domain: z.string().min(1).optional(),
  bundles: z.array(
    z.object({
      /** relative to the folder, with `/` */
      file: z.string().min(1),
      uuid,
      version: versionSchema,
      source: z.union([sourceSchema, sourceRefSchema.shape.id]).optional(),
    }),
  ),
});

type IndexFile = z.output<typeof indexFileSchema>;

/** A source and who may see it. */
export interface CannedSource {
  readonly ref: SourceRef;
  readonly public: boolean;
  readonly readers: readonly string[];
}

/** Which bundle a file holds; the uuid in lower case. */
export interface CannedBundle {
  readonly file: string;
  readonly uuid: string;
  readonly version: string;
  readonly source: SourceRef;
}

/** `bundles.json`, checked and ready for look-ups. */
export interface CannedIndex {
  readonly sources: ReadonlyMap<string, CannedSource>;
  readonly bundles: ReadonlyMap<string, CannedBundle>;
  readonly drsDomain: string | undefined;
}

/** What a bundle is looked up by. */
export function bundleName(sourceId: string, uuid: string, version: string): string {
  return JSON.stringify([sourceId, uuid, version]);
}

/** @throws LazuliError `configuration_invalid`, naming file and member */
export function parseIndexFile(text: string, path: string): CannedIndex {
  const file = parse(text, path);
  const sources = declaredSources(file, path);
  const bundles = new Map<string, CannedBundle>();
  file.bundles.forEach(({ source: given, ...bundle }, i) => {
    const source = sourceOf(given, file.source, sources, `${path}: bundles.${i}.source`);
    const name = bundleName(source.id, bundle.uuid, bundle.version);
    if (bundles.has(name)) throw invalid(`${path}: bundles.${i}: ${bundle.uuid}.${bundle.version} is there twice`);
    bundles.set(name, { ...bundle, source });
  });
  return { sources, bundles, drsDomain: file.drs_domain };
}

function declaredSources({ source, sources = [] }: IndexFile, path: string): Map<string, CannedSource> {
  const declared = new Map<string, CannedSource>();
  if (source !== undefined && !sources.some(({ id }) => id === source.id)) declare(source, declared, path);
  sources.forEach(({ id, spec, readers, public: isPublic = readers === undefined }, i) => {
    if (declared.has(id)) throw invalid(`${path}: sources.${i}: ${id} is there twice`);
    declared.set(id, { ref: { id, spec }, public: isPublic, readers: readers ?? [] });
  });
  if (source !== undefined) declare(source, declared, `${path}: source`);
  return declared;
}

function parse(text: string, path: string): IndexFile {
  let input: unknown;
  try {
    input = wholeJson(text);
  } catch (cause) {
    throw invalid(`${path} is no JSON: ${(cause as Error).message}`);
  }
  const result = indexFileSchema.safeParse(input);
  if (!result.success) throw invalid(`${path}: ${z.prettifyError(result.error)}`);
  return result.data;
}

/** A bundle may give a source in full, which declares it (public), or only its id. */
function sourceOf(
  given: SourceRef | string | undefined,
  otherwise: SourceRef | undefined,
  sources: Map<string, CannedSource>,
  where: string,
): SourceRef {
  const wanted = given ?? otherwise;
  if (wanted === undefined) throw invalid(`${where} is missing, and so is a source for all bundles`);
  const id = typeof wanted === 'string' ? wanted : wanted.id;
  const known = sources.get(id);
  if (typeof wanted === 'string') {
    if (known === undefined) throw invalid(`${where}: no source has the id ${id}`);
    return known.ref;
  }
  declare(wanted, sources, where);
  return wanted;
}

/** A source that `sources` doesn't have is public; of one that it has, who may see it stays. */
function declare(ref: SourceRef, sources: Map<string, CannedSource>, where: string): void {
  const known = sources.get(ref.id);
  if (known === undefined) sources.set(ref.id, { ref, public: true, readers: [] });
  else if (known.ref.spec !== ref.spec) throw invalid(`${where}: source ${ref.id} is known as ${known.ref.spec}`);
}

function invalid(message: string): LazuliError {
  return new LazuliError('configuration_invalid', message, { remedy: 'Correct bundles.json.' });
}

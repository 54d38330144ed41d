import { z } from 'zod';
import { isCatalogName } from '../../../core/config/catalogs.ts';
import { LazuliError } from '../../../core/config/errors.ts';
import { sourceRefSchema, uuidSchema, versionSchema } from '../../../core/config/identities.ts';
import { shownIssues, shownProblems } from '../../../core/config/issues.ts';
import type { SourceRef } from '../../../core/config/sources.ts';
import { wholeJson } from '../../../core/config/text.ts';
import type { BundleFqid } from '../../../core/model/bundle.ts';

/** The catalog, and the metadata plug-in, of a folder that names none. */
export const nameByDefault = 'hca';

const sourceSchema = sourceRefSchema.strict();

/** A bundle is of the source at the top level unless it names another one, in full or by its id. */
const bundleSchema = z.object({
  uuid: uuidSchema,
  version: versionSchema,
  source: z.union([sourceSchema, sourceRefSchema.shape.id]).optional(),
});

/** `bundles.json`. */
const indexFileSchema = z.object({
  /** the catalog that `lazuli up` makes of the folder */
  catalog: z.string().refine(isCatalogName, 'is no name of a catalog').default(nameByDefault),
  /** the metadata plug-in that reads the bundles */
  metadata: z.string().default(nameByDefault),
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
    .default([]),
  /** of the DRS server that has the data files */
  drs_domain: z.string().min(1).optional(),
  /** files are relative to the folder, with `/` */
  bundles: z.array(bundleSchema.extend({ file: z.string().min(1) })),
  /** what `lazuli up` deletes once it has added the others */
  deletions: z.array(bundleSchema).default([]),
});

type IndexFile = z.output<typeof indexFileSchema>;

/** A source and who may see it. */
export interface CannedSource {
  readonly ref: SourceRef;
  readonly public: boolean;
  readonly readers: readonly string[];
}

/** Which bundle a file holds. */
export interface CannedBundle extends BundleFqid {
  readonly file: string;
}

/** `bundles.json`, checked and ready for look-ups. */
export interface CannedIndex {
  readonly catalog: string;
  readonly metadata: string;
  readonly sources: ReadonlyMap<string, CannedSource>;
  readonly bundles: ReadonlyMap<string, CannedBundle>;
  readonly deletions: readonly BundleFqid[];
  readonly drsDomain: string | undefined;
}

/** What a bundle is looked up by. */
export function bundleName(sourceId: string, uuid: string, version: string): string {
  return JSON.stringify([sourceId, uuid, version]);
}

/** @throws LazuliError `configuration_invalid`, naming file and members: the first mistakes, and how many more */
export function parseIndexFile(text: string, path: string): CannedIndex {
  const file = parse(text, path);
  const sources = new Sources(file);
  const bundles = new Map<string, CannedBundle>();
  file.bundles.forEach(({ source: given, ...bundle }, i) => {
    const source = sources.of(given, `bundles.${i}`);
    if (source === null) return;
    const name = bundleName(source.id, bundle.uuid, bundle.version);
    if (bundles.has(name)) sources.problems.push(`bundles.${i}: ${bundle.uuid}.${bundle.version} is there twice`);
    bundles.set(name, { ...bundle, source });
  });
  const deletions = file.deletions.flatMap(({ source: given, ...bundle }, i) => {
    const source = sources.of(given, `deletions.${i}`);
    return source === null ? [] : [{ ...bundle, source }];
  });
  if (sources.problems.length > 0) throw invalid(`${path}: ${shownProblems(sources.problems)}`);
  const { catalog, metadata, drs_domain: drsDomain } = file;
  return { catalog, metadata, sources: sources.declared, bundles, deletions, drsDomain };
}

function parse(text: string, path: string): IndexFile {
  let input: unknown;
  try {
    input = wholeJson(text);
  } catch (cause) {
    throw invalid(`${path} is no JSON: ${(cause as Error).message}`);
  }
  const result = indexFileSchema.safeParse(input);
  if (!result.success) throw invalid(`${path}: ${shownIssues(result.error)}`);
  return result.data;
}

/** The sources of a file as they are declared, and what is wrong with that. */
class Sources {
  readonly declared = new Map<string, CannedSource>();
  readonly problems: string[] = [];
  readonly #otherwise: SourceRef | undefined;

  constructor({ source, sources }: IndexFile) {
    this.#otherwise = source;
    if (source !== undefined && !sources.some(({ id }) => id === source.id)) this.#declare(source, 'source');
    sources.forEach(({ id, spec, readers, public: isPublic = readers === undefined }, i) => {
      if (this.declared.has(id)) this.problems.push(`sources.${i}: ${id} is there twice`);
      else this.declared.set(id, { ref: { id, spec }, public: isPublic, readers: readers ?? [] });
    });
    if (source !== undefined) this.#declare(source, 'source');
  }

  /** A bundle may give a source in full, which declares it (public), or only its id. @returns null for a mistake */
  of(given: SourceRef | string | undefined, where: string): SourceRef | null {
    const wanted = given ?? this.#otherwise;
    if (wanted === undefined) return this.#wrong(`${where}.source is missing, and so is a source for all bundles`);
    if (typeof wanted !== 'string') return this.#declare(wanted, `${where}.source`);
    return this.declared.get(wanted)?.ref ?? this.#wrong(`${where}.source: no source has the id ${wanted}`);
  }

  /** A source that `sources` doesn't have is public; of one that it has, who may see it stays. */
  #declare(ref: SourceRef, where: string): SourceRef | null {
    const known = this.declared.get(ref.id);
    if (known === undefined) this.declared.set(ref.id, { ref, public: true, readers: [] });
    else if (known.ref.spec !== ref.spec)
      return this.#wrong(`${where}: source ${ref.id} is known as ${known.ref.spec}`);
    return ref;
  }

  #wrong(problem: string): null {
    this.problems.push(problem);
    return null;
  }
}

function invalid(message: string): LazuliError {
  return new LazuliError('configuration_invalid', message, { remedy: 'Correct bundles.json.' });
}

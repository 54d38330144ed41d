import { isDeepStrictEqual } from 'node:util';
import { bounded } from '../core/config/bounded.ts';
import { LazuliError } from '../core/config/errors.ts';
import { NameTwice, unambiguous } from '../core/config/json-members.ts';
import { jsonTextOf } from '../core/config/text.ts';
import type { Bundle, BundleFqid } from '../core/model/bundle.ts';
import { parseVerbatim } from '../core/model/json.ts';
import type { Json, MetadataPlugin } from '../core/model/metadata.ts';
import { documentsTable, type NormalizedBundle, type NormalizedRow } from '../core/model/normalized.ts';
import type { FetchedBundle } from '../core/model/repository.ts';
import { faulty } from './plugin-faults.ts';
import { expectValuesFit } from './value-sizes.ts';
import { NotWhole, wholeOf } from './verbatim/frames.ts';
import type { PlacedDocument } from './verbatim/places.ts';

/** The field of an error about a document as a whole: the root of a JSONPath (RFC 9535). */
const wholeDocument = '$';

/**
 * From bytes to rows. A pure function of its arguments.
 *
 * @param maxValueBytes of text in one value
 * @throws LazuliError `bundle_not_json`, `bundle_invalid`, `bundle_too_large` or `plugin_faulty`, always with an entity and
 *   a field: where no single one is to blame, the bundle and all of it
 */
export function normalizeBundle(
  plugin: MetadataPlugin,
  fqid: BundleFqid,
  { bytes, attributes }: Pick<FetchedBundle, 'bytes' | 'attributes'>,
  maxValueBytes: number,
): NormalizedBundle {
  const read = () => ({ contents: parse(bytes), repository: attributes });
  return normalizeContents(plugin, fqid, read, { bytes: bytes.length, maxValueBytes });
}

/**
 * The same for contents that were parsed, or reassembled.
 *
 * @param bytes of the bundle as JSON
 */
export function normalizeContents(
  plugin: MetadataPlugin,
  fqid: BundleFqid,
  read: () => Omit<Bundle, 'fqid'>,
  { bytes, maxValueBytes }: { readonly bytes: number; readonly maxValueBytes: number },
): NormalizedBundle {
  try {
    const bundle = { fqid, ...read() };
    const normalized = whole(plugin, bundle, plugin.normalize(bundle));
    expectValuesFit(normalized, bytes, maxValueBytes);
    return normalized;
  } catch (cause) {
    const error = cause instanceof LazuliError ? cause : unforeseen(plugin, cause);
    throw error.at({ entity: `bundle/${fqid.uuid}`, field: wholeDocument });
  }
}

/** With all that is needed to put the bundle together again when the plug-in's version is raised. */
function whole(plugin: MetadataPlugin, bundle: Bundle, normalized: NormalizedBundle): NormalizedBundle {
  try {
    const { frames, changed } = wholeOf(bundle.contents, documentsOf(normalized));
    if (changed !== null && !isDeepStrictEqual(plugin.normalize({ ...bundle, contents: changed.bundle }), normalized))
      throw new NotWhole(`what is staged at '${changed.pointer}' is not what the bundle has there`);
    return frames.length === 0 ? normalized : { ...normalized, rows: [...normalized.rows, ...frames.map(frameRow)] };
  } catch (cause) {
    if (!(cause instanceof NotWhole)) throw cause;
    throw faulty(
      `Plug-in '${plugin.name}' stages documents of which the bundle can't be put together again: ${cause.message}`,
    );
  }
}

function* documentsOf({ rows }: NormalizedBundle): Generator<PlacedDocument> {
  for (const { table, values } of rows) if (table === documentsTable) yield values as unknown as PlacedDocument;
}

const frameRow = ({ pointer, contents }: PlacedDocument): NormalizedRow => ({
  ...{ table: documentsTable, id: null },
  values: { pointer, replica_type: null, contents },
});

function parse(bytes: Uint8Array): Json {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    return unambiguous(jsonTextOf(bytes), (text) => parseVerbatim(text, buffer));
  } catch (cause) {
    if (cause instanceof NameTwice) throw ambiguous(cause);
    throw new LazuliError('bundle_not_json', `The bundle is no JSON: ${(cause as Error).message}`, {
      remedy: 'Correct the bundle in its repository, then redrive.',
      cause,
    });
  }
}

/** Nobody can know which of the members is meant; the parser kept the last one. */
function ambiguous(cause: NameTwice): LazuliError {
  return new LazuliError('bundle_invalid', `The bundle is ambiguous: ${cause.message}`, {
    place: { field: bounded(cause.pointer) },
    remedy: 'Leave one of the members in its repository, then redrive.',
    cause,
  });
}

/** An error that a plug-in didn't foresee counts as the fault of one bundle: its neighbours go on. */
export function unforeseen(plugin: MetadataPlugin, cause: unknown): LazuliError {
  return new LazuliError('bundle_invalid', `Plug-in '${plugin.name}' can't make sense of it: ${String(cause)}`, {
    remedy: 'Correct the metadata, or the plug-in, then redrive.',
    cause,
  });
}

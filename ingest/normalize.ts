import { LazuliError } from '../config/errors.ts';
import { parseVerbatim } from '../plugins/json.ts';
import type { BundleFqid, Json, MetadataPlugin } from '../plugins/metadata.ts';
import type { NormalizedBundle } from '../plugins/normalized.ts';
import type { FetchedBundle } from '../plugins/repository.ts';

/** The field of an error about a document as a whole: the root of a JSONPath (RFC 9535). */
const wholeDocument = '$';

/**
 * From bytes to rows. A pure function of its arguments.
 *
 * @throws LazuliError `bundle_not_json` or `bundle_invalid`, always with an entity and a field: where no
 *   single one is to blame, the bundle and all of it
 */
export function normalizeBundle(plugin: MetadataPlugin, fqid: BundleFqid, fetched: FetchedBundle): NormalizedBundle {
  try {
    return plugin.normalize({ fqid, contents: parse(fetched.bytes), repository: fetched.attributes });
  } catch (cause) {
    const error = cause instanceof LazuliError ? cause : unforeseen(plugin, cause);
    throw error.at({ entity: `bundle/${fqid.uuid}`, field: wholeDocument });
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function parse(bytes: Uint8Array): Json {
  try {
    return parseVerbatim(utf8.decode(bytes), Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  } catch (cause) {
    throw new LazuliError('bundle_not_json', `The bundle is no JSON: ${(cause as Error).message}`, {
      remedy: 'Correct the bundle in its repository, then redrive.',
      cause,
    });
  }
}

/** What a plug-in didn't foresee is the fault of one bundle until shown otherwise: its neighbours go on. */
export function unforeseen(plugin: MetadataPlugin, cause: unknown): LazuliError {
  return new LazuliError('bundle_invalid', `Plug-in '${plugin.name}' can't make sense of it: ${String(cause)}`, {
    remedy: 'Correct the metadata, or the plug-in, then redrive.',
    cause,
  });
}

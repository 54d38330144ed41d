import { LazuliError } from '../config/errors.ts';
import { parseVerbatim } from '../plugins/json.ts';
import type { BundleFqid, Json, MetadataPlugin } from '../plugins/metadata.ts';
import type { NormalizedBundle } from '../plugins/normalized.ts';
import type { FetchedBundle } from '../plugins/repository.ts';

/**
 * From bytes to rows. A pure function of its arguments.
 *
 * @throws LazuliError `bundle_not_json` or `bundle_invalid`
 */
export function normalizeBundle(plugin: MetadataPlugin, fqid: BundleFqid, fetched: FetchedBundle): NormalizedBundle {
  const contents = parse(fetched.bytes);
  try {
    return plugin.normalize({ fqid, contents, repository: fetched.attributes });
  } catch (cause) {
    if (cause instanceof LazuliError) throw cause;
    throw unforeseen(plugin, cause);
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function parse(bytes: Uint8Array): Json {
  try {
    return parseVerbatim(utf8.decode(bytes));
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

import { bounded } from '../../core/config/bounded.ts';
import { LazuliError } from '../../core/config/errors.ts';
import type { MetadataPlugin } from '../../core/model/metadata.ts';
import type { Manifest } from '../../core/staged/layout.ts';

/** Nothing is loaded past it: a store without those batches would lose their documents. */
export function outdated({ batch, plugin: { name, version } }: Manifest, plugin: MetadataPlugin): LazuliError {
  const message = `Batch ${batch} was staged by version ${version} of plug-in ${name}; this is version ${plugin.version} of ${plugin.name}`;
  return new LazuliError('batch_outdated', message, {
    remedy:
      'If ingest runs with this version, too, do nothing: it stages the batch again. Otherwise run that version. The index serves meanwhile.',
  });
}

/** It goes to the dead letters until it is whole again. */
export function damaged(batch: string, what: string, cause?: unknown): LazuliError {
  return new LazuliError('batch_damaged', `Batch ${batch} can't be loaded: ${what}.`, {
    remedy: 'Restore the file, or redrive this letter: the bundles that the batch names are fetched and staged again.',
    ...(cause === undefined ? {} : { cause }),
  });
}

/** What is in it fails whenever it is loaded; it goes to the dead letters, and is tried once more by the next process. */
export function unloadable(batch: string, cause: unknown): LazuliError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new LazuliError('batch_damaged', `Batch ${batch} can't be loaded: ${bounded(why)}`, {
    remedy:
      'The other batches are loaded without it. Correct the metadata plug-in, or Lazuli, then redrive this letter: the bundles that the batch names are fetched and staged again.',
    cause,
  });
}

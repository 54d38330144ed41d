import type { FormatType } from '../../core/exports/formats.ts';
import type { ManifestShape } from '../../core/model/manifests.ts';
import type { MetadataPlugin } from '../../core/model/metadata.ts';

/** How a selection becomes a file. The same selection, key and moment make the same bytes. */
export interface Format extends FormatType {
  /**
   * Writes the file whole, in constant memory.
   *
   * @throws LazuliError `export_too_large` where the format can't hold what is selected
   */
  write(job: FormatJob): Promise<Written>;
}

export interface FormatJob {
  readonly selection: Selection;
  /** path of the file to write */
  readonly file: string;
  /** text that tells this export from all others */
  readonly key: string;
  /** of the service, without a slash at the end */
  readonly baseUrl: string;
  readonly catalog: string;
  /** of the snapshot: the only time that may show */
  readonly moment: Date;
  readonly signal: AbortSignal;
  /** @param documents of the selection that are done */
  onProgress(documents: number): void;
}

export interface Written {
  /** records in the file: rows of a table, stanzas, lines, entities */
  readonly rows: number;
  /** what a download is called; null for a name that says nothing of the contents */
  readonly name: string | null;
}

/**
 * What formats read: the view `selected` with a row for each document of the exported entity type, its envelope
 * (`entity_id`, `body`, `source_ids`, `bundle_uuids`, …), and `documentColumns`.
 */
export interface Selection {
  readonly plugin: MetadataPlugin;
  readonly entityType: string;
  /** documents */
  readonly rows: number;
  run(sql: string): Promise<unknown>;
  /** Rows as objects, some at a time; nothing else runs until all are read or the loop is left. */
  stream(sql: string): AsyncIterable<readonly Readonly<Record<string, unknown>>[]>;
  /**
   * Verbatim entities of the selected documents, each once, in a fixed order. They are in memory until the next ones are asked
   * for.
   *
   * @param text SQL of what an entity is to be written as, of `replica_type`, `document_id` and `contents`, JSON as it was staged
   */
  replicas(text: string): AsyncIterable<readonly Buffer[]>;
  /** a folder for files of this job, which goes with it */
  readonly temporary: string;
}

/** What the plug-in of a selection declares of manifests. @throws TypeError where it declares nothing */
export function shapeOf({ plugin }: Selection): ManifestShape {
  if (plugin.manifests === undefined) throw new TypeError(`Metadata plug-in '${plugin.name}' exports nothing`);
  return plugin.manifests;
}

/** The number that SQL with one row and one column `n` gives. */
export async function numberOf(selection: Pick<Selection, 'stream'>, sql: string): Promise<number> {
  let found = 0;
  for await (const rows of selection.stream(sql)) for (const { n } of rows) found = Number(n);
  return found;
}

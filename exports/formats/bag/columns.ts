import { LazuliError } from '../../../core/config/errors.ts';
import type { BagShape, EnvelopePath } from '../../../core/model/manifests.ts';
import { type FormatJob, shapeOf } from '../format.ts';
import { envelopeColumns, type TableColumn, tableColumns } from '../table/columns.ts';

/** Wider tables are of no use in Terra. */
export const maxColumns = 10_000;

/** A qualifier, and the most files that a bundle has of it. */
export interface Qualifier {
  readonly qualifier: string;
  readonly files: number;
}

/** Columns of the table of bundles (specification, manifests 6). */
export interface BagColumns {
  readonly header: readonly string[];
  /** of the surroundings: values of all files of a bundle */
  readonly united: readonly TableColumn[];
  /** of each file */
  readonly file: readonly TableColumn[];
  /** by qualifier: where the columns of its first file are */
  readonly places: ReadonlyMap<string, number>;
}

const ofBundles: readonly EnvelopePath[] = ['bundles.uuid', 'bundles.version'];

/**
 * @param qualifiers in the order of their columns
 * @throws LazuliError `export_too_large`
 */
export function bagColumns(job: FormatJob, bag: BagShape, qualifiers: readonly Qualifier[]): BagColumns {
  const { envelope } = shapeOf(job.selection);
  const all = tableColumns(job);
  const file = all.filter(({ of }) => of === 'file');
  const isUnited = ({ of, sql }: TableColumn): boolean =>
    of !== 'file' && !ofBundles.some((path) => envelopeColumns[path] === sql);
  const united = all.filter(isUnited);
  const bundle = ofBundles.map((path) => envelope[path] ?? path);
  const header = [bag.id, ...bundle.map(named), ...united.map((one) => named(one.header))];
  checkWidth(header.length + qualifiers.reduce((sum, { files }) => sum + files * file.length, 0));
  const places = new Map<string, number>();
  for (const { qualifier, files } of qualifiers) {
    places.set(qualifier, header.length);
    for (let i = 0; i < files; i++) {
      const prefix = files === 1 ? `__${qualifier}__` : `__${qualifier}_${i}__`;
      header.push(...file.map((one) => prefix + named(one.header)));
    }
  }
  return { header, united, file, places };
}

/** Dots mean something else in Terra. */
const named = (header: string): string => header.replaceAll('.', '__');

function checkWidth(columns: number): void {
  if (columns <= maxColumns) return;
  const message = `The bag would have a table of ${columns} columns, and it may have ${maxColumns}`;
  throw new LazuliError('export_too_large', message, {
    remedy: 'Select files of bundles that are smaller, or of fewer formats, or export to another format.',
  });
}

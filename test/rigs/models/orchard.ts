import type { MetadataPlugin } from '../../../core/model/metadata.ts';
import { NormalizedBundleBuilder } from '../../../core/model/normalized.ts';
import { type ZooBundle, zoo } from './zoo.ts';

/** Whose documents are published as snapshots. */
export const publishedType = 'trees';

/**
 * The data model of simulations: as small as one can be that has two entity types, entities that several bundles
 * describe in different ways, and documents that vanish. What a schedule costs is what the statements of its plug-in cost.
 */
export const orchard: MetadataPlugin = {
  name: 'orchard',
  version: 1,
  tables: {
    trees: { columns: { kind: { type: 'string' }, height: { type: 'int', aggregate: { kind: 'max' } } } },
  },
  roles: {
    trees: { tables: { trees: 'columns' }, whenEmpty: 'list' },
    replicas: { tables: {}, whenEmpty: 'omit' },
  },
  entityTypes: {
    orchards: { roles: { trees: 'collapsed', replicas: 'hidden' }, computed: {} },
    trees: { roles: { trees: 'collapsed' }, computed: {} },
  },
  implicitHub: 'orchards',
  manifests: {
    entityType: publishedType,
    formats: ['parquet'],
    envelope: {},
    file: { role: 'trees', uuid: 'kind', version: 'kind', name: 'kind', location: 'kind', url: 'url' },
  },
  /** The bundle itself is staged, too, as it has to be put together again when the plug-in's version is raised. */
  normalize(bundle) {
    const whole = new NormalizedBundleBuilder();
    whole.document('', bundle.contents, null, null);
    const { rows, ...rest } = zoo.normalize(bundle);
    return { ...rest, rows: [...rows, ...whole.build().rows] };
  },
  present: (document) => document,
};

/** A version of a bundle of a source, in a world of few of each. */
export interface Subject {
  readonly source: number;
  readonly bundle: number;
  readonly version: number;
}

/** Characters of a text that no keyword holds, and that is more than is read of a file at once. */
const longest = 100_000;

/**
 * What that version says. Neighbouring bundles share trees and orchards, other versions have others, and one source
 * describes a tree otherwise than the other; so that documents are made of several bundles, change owners, and vanish.
 *
 * @param world with what all ids begin
 */
export function contentsOf({ source, bundle, version }: Subject, world: string): ZooBundle {
  const trees = [...new Set([bundle, (bundle + version) % 3])];
  const long = source + bundle + version === 4 ? '\u{1f600}'.repeat(longest) : '';
  const values = {
    kind: `\ufeff\u{1f600}\u2028${source}.${bundle}.${version}${long}`,
    height: 10 * version + bundle,
  };
  const all = trees.map((_, row) => row);
  const orchards = version % 2 === 0 ? [`${bundle % 2}`, 'all'] : [`${bundle % 2}`, `of ${bundle}`];
  return {
    rows: trees.map((tree) => ({ table: 'trees', id: `${world}tree\ufeff ${tree}`, values })),
    entities: [
      ...trees.map((tree, row) => ({ type: 'trees', id: `${world}tree\ufeff ${tree}`, roles: { trees: [row] } })),
      ...orchards.map((name) => ({ type: 'orchards', id: `${world}orchard\uffff ${name}`, roles: { trees: all } })),
    ],
  };
}

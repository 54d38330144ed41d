import { byCodePoint } from '../../../core/config/text.ts';
import type { Json } from '../../../core/model/metadata.ts';
import type { Indexed } from './rig.ts';
import { tableOf } from './table-reference.ts';

type Entity = Readonly<Record<string, Json>>;

/** A file, with the cells that a table has of it. */
interface FileOf {
  readonly id: string;
  readonly name: string;
  readonly qualifier: string;
  readonly cells: ReadonlyMap<string, string>;
}

interface BundleOf {
  readonly uuid: string;
  readonly version: string;
  readonly files: FileOf[];
}

const fileHeaders = [
  ...['file_id', 'file_name', 'file_format', 'file_size', 'file_shape'],
  ...['file_open', 'file_uuid', 'file_version', 'file_drs_uri', 'file_url'],
];
const unitedHeaders = ['source_id', 'box.id', 'box.label', 'box.open', 'box.weight', 'box.age', 'tag.word'];

/** The table of a bag, made bundle by bundle from documents of `things` whose labels have no joiner. */
export function bagOf(documents: readonly Indexed[]): string[][] {
  const bundles = withoutRedundant(bundlesOf(documents));
  const most = new Map<string, number>();
  for (const { files } of bundles)
    for (const [qualifier, own] of Map.groupBy(files, (file) => file.qualifier))
      most.set(qualifier, Math.max(most.get(qualifier) ?? 0, own.length));
  const places = [...most]
    .sort(([a], [b]) => byCodePoint(a, b))
    .flatMap(([qualifier, count]) =>
      Array.from({ length: count }, (_, i) => ({
        qualifier,
        i,
        prefix: count === 1 ? `__${qualifier}__` : `__${qualifier}_${i}__`,
      })),
    );
  const header = [
    'entity:thing_id',
    'bundle_uuid',
    'bundle_version',
    ...unitedHeaders.map((one) => one.replace('.', '__')),
  ];
  const rows = bundles.map(({ uuid, version, files }) => [
    `${uuid}.${version.replaceAll(':', '')}`,
    uuid,
    version,
    ...unitedHeaders.map((one) => united(files, one)),
    ...places.flatMap(({ qualifier, i }) => {
      const file = files.filter((one) => one.qualifier === qualifier).sort(byReversedName)[i];
      return fileHeaders.map((one) => file?.cells.get(one) ?? '');
    }),
  ]);
  return [[...header, ...places.flatMap(({ prefix }) => fileHeaders.map((one) => prefix + one))], ...rows];
}

function bundlesOf(documents: readonly Indexed[]): BundleOf[] {
  const bundles = new Map<string, BundleOf>();
  for (const document of documents) {
    const { files: [{ others, ...file } = {}] = [] } = document.contents as unknown as Readonly<
      Record<string, Entity[]>
    >;
    const alone = { ...document, contents: { ...(document.contents as object), files: [file] } } as unknown as Indexed;
    const [header = [], row = []] = tableOf([alone]);
    const cells = new Map(header.map((name, i) => [name, row[i] ?? '']));
    const format = String(file.format ?? 'None');
    const qualifier = (format === 'fastq' ? `fastq_${file.read ?? 'None'}` : format).replaceAll(/[^A-Za-z0-9_-]/g, '-');
    const one = { id: String(document.entity_id), name: String(file.name ?? ''), qualifier, cells };
    for (const { uuid, version } of document.bundles as unknown as { uuid: string; version: string }[]) {
      const key = JSON.stringify([uuid, version]);
      bundles.set(key, bundles.get(key) ?? { uuid, version, files: [] });
      bundles.get(key)?.files.push(one);
    }
  }
  return [...bundles].sort(([a], [b]) => byCodePoint(a, b)).map(([, bundle]) => bundle);
}

function withoutRedundant(bundles: readonly BundleOf[]): BundleOf[] {
  const idsOf = ({ files }: BundleOf) => new Set(files.map(({ id }) => id));
  return bundles.filter((a) =>
    bundles.every((b) => {
      if (a === b || !idsOf(a).isSubsetOf(idsOf(b))) return true;
      if (a.files.length < b.files.length) return false;
      return a.version === b.version ? byCodePoint(a.uuid, b.uuid) < 0 : byCodePoint(a.version, b.version) > 0;
    }),
  );
}

function united(files: readonly FileOf[], header: string): string {
  const values = files.flatMap(({ cells }) => (cells.get(header) ?? '').split(' || '));
  return [...new Set(values)].sort(byCodePoint).join(' || ');
}

const reversed = (text: string): string => [...text].reverse().join('');

const byReversedName = (a: FileOf, b: FileOf): number =>
  byCodePoint(reversed(a.name), reversed(b.name)) || byCodePoint(a.id, b.id);

import fc from 'fast-check';
import { byCodePoint } from '../../../core/config/text.ts';
import type { Json, MetadataPlugin } from '../../../core/model/metadata.ts';
import { anyText } from '../../rigs/texts.ts';
import type { Indexed } from './rig.ts';

const string = { type: 'string' } as const;
const int = { type: 'int' } as const;
const scalar = { aggregate: { kind: 'max' } } as const;

/** A data model of files in boxes, with a column of every type. */
export const things: MetadataPlugin = {
  name: 'things',
  version: 1,
  tables: {
    files: {
      columns: {
        name: string,
        format: string,
        read: string,
        size: int,
        shape: { type: 'float' },
        open: { type: 'bool' },
        uuid: string,
        sha256: string,
        version: string,
        drs_uri: string,
        others: { type: 'object', list: true, searchable: false },
      },
    },
    boxes: {
      columns: {
        label: { type: 'string', list: true },
        open: { type: 'bool' },
        weight: { ...int, ...scalar },
        age: { type: 'quantity' },
        span: { type: 'range' },
      },
    },
    tags: { columns: { word: string } },
  },
  roles: {
    files: {
      tables: { files: 'columns' },
      whenEmpty: 'list',
      fields: {
        document_id: { manifest: 'file_id' },
        name: { manifest: 'file_name' },
        format: { manifest: 'file_format' },
        read: {},
        size: { manifest: 'file_size' },
        shape: { manifest: 'file_shape' },
        open: { manifest: 'file_open' },
        uuid: { manifest: 'file_uuid' },
        version: { manifest: 'file_version' },
        drs_uri: { manifest: 'file_drs_uri' },
      },
    },
    boxes: {
      tables: { boxes: 'columns' },
      groupBy: ['open'],
      whenEmpty: 'list',
      fields: {
        document_id: { manifest: 'box.id' },
        label: { manifest: 'box.label' },
        open: { manifest: 'box.open' },
        weight: { manifest: 'box.weight' },
        age: { manifest: 'box.age' },
        span: { api: 'boxSpan' },
      },
    },
    tags: { tables: { tags: 'columns' }, whenEmpty: 'omit', fields: { word: { manifest: 'tag.word' } } },
  },
  entityTypes: { files: { roles: { files: 'single', boxes: 'collapsed', tags: 'collapsed' }, computed: {} } },
  implicitHub: 'files',
  manifests: {
    entityType: 'files',
    formats: ['compact', 'curl', 'terra.bdbag', 'terra.pfb', 'verbatim.jsonl', 'verbatim.pfb', 'parquet'],
    envelope: { 'bundles.uuid': 'bundle_uuid', 'bundles.version': 'bundle_version', 'sources.id': 'source_id' },
    file: {
      role: 'files',
      uuid: 'uuid',
      version: 'version',
      name: 'name',
      location: 'drs_uri',
      url: 'file_url',
      related: 'others',
      size: 'size',
      checksums: { 'sha-256': 'sha256' },
    },
    calledBy: 'boxes.label',
    bag: { id: 'entity:thing_id', qualifier: 'format', refined: { fastq: { as: 'fastq', by: 'read' } } },
    pfb: {
      tables: {
        boxes: ['document_id', 'label', 'open', 'weight', 'age', 'span'],
        files: ['document_id', 'name', 'size', 'shape', 'open', 'uuid'],
      },
      scalars: ['boxes.weight'],
      uuids: ['files.uuid'],
      objects: {},
    },
  },
  normalize: () => ({ rows: [], sets: [], entities: [] }),
  present: (document) => document,
};

export interface File {
  readonly [field: string]: Json;
}

/** A document as indexed. */
export function thing(file: File, more: Readonly<Record<string, Json>> = {}): Indexed {
  const own = {
    name: 'a.txt',
    format: 'txt',
    read: null,
    size: 1,
    shape: 0.5,
    open: true,
    uuid: file.document_id ?? null,
    version: '1',
    drs_uri: 'drs://x/1',
    ...file,
  };
  const { boxes = [], tags, ...members } = more;
  return {
    entity_id: String(file.document_id),
    sources: [{ id: 's', spec: 'spec' }],
    bundles: [{ uuid: 'b', version: 'v' }],
    num_contributions: 1,
    ...members,
    contents: { files: [own], boxes, ...(tags === undefined ? {} : { tags }) },
  };
}

const nullable = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(of, { nil: null });
/** Distinct values as documents have them: null last. */
const set = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<(T | null)[]> =>
  fc
    .tuple(fc.uniqueArray(of, { maxLength: 4 }), fc.boolean())
    .map(([some, isNull]) => (isNull || some.length === 0 ? [...some, null] : some));

const anyBox = fc.record({
  document_id: set(fc.constantFrom('b1', 'b2', 'b3')),
  label: set(anyText()),
  open: fc.constantFrom([true], [false], [null], [false, true]),
  weight: nullable(fc.integer({ min: -5, max: 50 })),
  age: set(fc.constantFrom('38 year', '6-12 week', '7')),
  span: fc.constantFrom<Json[]>([null], [{ gte: 1, lte: 2 }], [{ gte: 1 }, { lte: 3.5 }]),
});

/** In the order of documents. */
const anyTags = set(anyText()).map((words) => {
  const sorted = words.filter((word) => word !== null).sort(byCodePoint);
  return [{ word: words.includes(null) ? [...sorted, null] : sorted }];
});

const anyFile = fc.record({
  name: nullable(anyText(8)),
  format: fc.constantFrom('bam', 'fastq', 'tar.gz', null),
  read: fc.constantFrom('read1', 'read2', null),
  size: nullable(fc.maxSafeInteger()),
  shape: nullable(fc.constantFrom(0.5, 1, -2.25)),
  open: nullable(fc.boolean()),
  drs_uri: nullable(fc.constantFrom('drs://x/1', 'drs://y/2')),
  others: fc.array(
    fc.record({
      document_id: fc.uuid(),
      name: anyText(),
      size: fc.nat(),
      uuid: fc.uuid(),
      version: fc.constant('2'),
      drs_uri: fc.constant('drs://z'),
    }),
    { maxLength: 2 },
  ),
});

const anyBundle = fc.record({ uuid: fc.constantFrom('p', 'q', 'r'), version: fc.constantFrom('1:0', '2:0') });

/** Documents of files, as indexed, by ascending id. */
export const anyThings = (maxLength: number): fc.Arbitrary<readonly Indexed[]> =>
  fc
    .array(
      fc.tuple(
        anyFile,
        fc.option(anyTags, { nil: undefined }),
        fc.array(anyBox, { maxLength: 2 }),
        fc.uniqueArray(anyBundle, { minLength: 1, maxLength: 3, selector: (one) => JSON.stringify(one) }),
      ),
      { maxLength },
    )
    .map((all) =>
      all.map(([file, tags, boxes, bundles], i) => {
        const id = `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`;
        return thing({ ...file, document_id: id }, { boxes, bundles, ...(tags && { tags }) });
      }),
    );

import { LazuliError } from '../../../core/config/errors.ts';
import type { BundleFqid } from '../../../core/model/bundle.ts';
import type { Json, MetadataPlugin } from '../../../core/model/metadata.ts';
import { NormalizedBundleBuilder } from '../../../core/model/normalized.ts';
import type { Repository } from '../../../core/model/repository.ts';
import type { OpenCatalogs } from '../../../ingest/catalogs.ts';

type Row = Readonly<Record<string, Json>>;

/** A bundle of the toy data model: rows of `things`, and of `others`, that every file is related to. */
export interface ToyBundle {
  readonly things: readonly Row[];
  readonly others?: readonly Row[];
}

/** A metadata plug-in with a column of every type. */
export const toy: MetadataPlugin = {
  name: 'toy',
  version: 3,
  tables: {
    things: {
      columns: {
        name: { type: 'string' },
        names: { type: 'string', list: true, optional: true },
        size: { type: 'int', optional: true },
        sizes: { type: 'int', list: true, optional: true },
        ratio: { type: 'float', optional: true },
        flag: { type: 'bool', optional: true },
        flags: { type: 'bool', list: true, optional: true },
        at: { type: 'datetime', optional: true },
        age: { type: 'quantity', optional: true },
        ages: { type: 'quantity', list: true, optional: true },
        span: { type: 'range', optional: true },
        spans: { type: 'range', list: true, optional: true },
        kinds: { type: 'counts', optional: true, aggregate: { kind: 'frequency', limit: 100 } },
        extra: { type: 'object', optional: true },
        extras: { type: 'object', list: true, optional: true },
      },
    },
    others: { columns: { name: { type: 'string' } } },
  },
  roles: {
    things: { tables: { things: 'columns' }, whenEmpty: 'list' },
    others: { tables: { others: 'columns' }, whenEmpty: 'omit' },
  },
  entityTypes: { files: { roles: { things: 'list', others: 'collapsed' }, computed: {} } },
  implicitHub: 'files',
  normalize: ({ contents, fqid }) => {
    const { things, others = [] } = contents as unknown as ToyBundle;
    const builder = new NormalizedBundleBuilder();
    const add = (table: string) => (row: Row) => {
      const { id = null, ...values } = row;
      return builder.row(table, id as string | null, values);
    };
    const rows = { things: builder.set(things.map(add('things'))), others: builder.set(others.map(add('others'))) };
    builder.document('', contents, 'toy', fqid.uuid);
    builder.entity('files', `file of ${fqid.uuid}`, rows);
    return builder.build();
  },
  present: (document) => document,
};

export const source = { id: 'source-1', spec: 'toy:/0' };

/** The n-th bundle's identity. */
export function fqid(n: number, version = '2020-01-01T00:00:00.000000Z'): BundleFqid {
  return { source, uuid: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`, version };
}

/** A repository in memory: bytes by uuid, or an error to be thrown. */
export class ToyRepository implements Repository {
  readonly bundles = new Map<string, Uint8Array | Error>();
  readonly fetched: string[] = [];
  /** what sources are called, by id; others as whoever asks calls them */
  readonly specs = new Map([[source.id, source.spec]]);

  put({ uuid }: BundleFqid, contents: ToyBundle | string | Error): void {
    if (contents instanceof Error) this.bundles.set(uuid, contents);
    else this.bundles.set(uuid, Buffer.from(typeof contents === 'string' ? contents : JSON.stringify(contents)));
  }

  async listSources() {
    return [source];
  }

  async *listBundles(): AsyncGenerator<BundleFqid> {}

  async fetchBundle({ source: { id, spec }, uuid }: BundleFqid) {
    this.fetched.push(uuid);
    const bytes = this.bundles.get(uuid) ?? new LazuliError('bundle_missing', 'not here');
    if (bytes instanceof Error) throw bytes;
    return { bytes, source: { id, spec: this.specs.get(id) ?? spec }, attributes: { drs_domain: 'drs.example' } };
  }

  async accessibleSources() {
    return new Set([source.id]);
  }
}

export function toyCatalogs(repository: Repository, names = ['toys']): OpenCatalogs {
  return new Map(names.map((name) => [name, { name, plugin: toy, repository }]));
}

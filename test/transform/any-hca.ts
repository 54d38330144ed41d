import type { Aggregate, MetadataPlugin } from '../../core/model/metadata.ts';
import { hca } from '../../plugins/metadata/hca/plugin.ts';
import { zoo } from '../rigs/models/zoo.ts';

function narrowed(tables: MetadataPlugin['tables']) {
  const few = (aggregate: Aggregate): Aggregate =>
    'limit' in aggregate && aggregate.limit !== null ? { ...aggregate, limit: 2 } : aggregate;
  return Object.fromEntries(
    Object.entries(tables).map(([name, { columns, idAggregate }]) => {
      const own = Object.entries(columns).map(([column, declared]) => {
        return [column, { ...declared, aggregate: few(declared.aggregate ?? { kind: 'set', limit: 100 }) }];
      });
      return [name, { ...(idAggregate ? { idAggregate: few(idAggregate) } : {}), columns: Object.fromEntries(own) }];
    }),
  );
}

/** HCA's declarations on any rows, with limits that small worlds reach. */
export const anyHca: MetadataPlugin = {
  ...hca,
  tables: narrowed(hca.tables) as MetadataPlugin['tables'],
  normalize: zoo.normalize,
};

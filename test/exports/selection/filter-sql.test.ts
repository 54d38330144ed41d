import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { expect } from 'chai';
import * as fc from 'fast-check';
import { all } from '../../../core/documents/filter.ts';
import { openDuckDb } from '../../../core/duckdb/duckdb.ts';
import type { MetadataPlugin } from '../../../core/model/metadata.ts';
import { filterSql } from '../../../exports/selection/filter-sql.ts';
import { hca } from '../../../plugins/metadata/hca/plugin.ts';
import { apiFields, type EntityFields } from '../../../query/fields/api-fields.ts';
import { parseFilters } from '../../../query/filter/parse.ts';
import { type Documents, herbariumDocuments } from '../../query/any-herbarium.ts';
import { generatedDocuments } from '../../query/generated.ts';
import { rowsOf } from '../../rigs/exports/published.ts';
import { herbarium } from '../../rigs/models/herbarium.ts';
import { numRuns, seed } from '../../rigs/property.ts';
import { anyFilters } from '../../rigs/reference/any-filters.ts';
import { filtered } from '../../rigs/reference/filters.ts';

const worlds: readonly { plugin: MetadataPlugin; documents: () => Promise<Documents>; most: number }[] = [
  { plugin: herbarium, documents: async () => herbariumDocuments(seed()), most: 1000 },
  { plugin: hca, documents: () => generatedDocuments(12), most: 200 },
];

for (const { plugin, documents: made, most } of worlds) {
  describe(`Any filters in SQL on any documents of ${plugin.name}`, function () {
    this.timeout(600_000);
    const fields = apiFields(plugin);
    const own = (type: string): EntityFields => fields.get(type) as EntityFields;
    let documents: Documents;
    let instance: DuckDBInstance;
    let connection: DuckDBConnection;
    before(async () => {
      documents = await made();
      instance = await openDuckDb({});
      connection = await instance.connect();
      for (const [type, some] of Object.entries(documents))
        await connection.run(`CREATE TABLE "${type}" AS ${await rowsOf(connection, plugin, type, some)}`);
    });
    after(() => {
      connection.closeSync();
      instance.closeSync();
    });

    it('select what a plain reference does', async () => {
      const types = Object.keys(documents).filter((type) => (documents[type] ?? []).length > 0);
      const request = fc
        .constantFrom(...types)
        .chain((type) => fc.record({ type: fc.constant(type), filters: anyFilters(documents[type] ?? [], own(type)) }));
      const property = fc.asyncProperty(request, async ({ type, filters }) => {
        const { clauses } = parseFilters(JSON.stringify(filters), own(type));
        const condition = filterSql(plugin, type, all(clauses.map(({ filter }) => filter)));
        const rows = await connection.runAndReadAll(
          `SELECT entity_id FROM "${type}" WHERE ${condition} ORDER BY entity_id`,
        );
        const expected = filtered(documents[type] ?? [], filters, own(type)).map(({ entity_id }) => entity_id);
        expect(rows.getRows().flat()).to.deep.equal([...expected].sort());
      });
      await fc.assert(property, { numRuns: numRuns(most), seed: seed() });
    });
  });
}

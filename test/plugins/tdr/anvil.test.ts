import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import fc from 'fast-check';
import { type TableName, tables } from '../../../plugins/repository/tdr/anvil/tables.ts';
import { anvilKeys } from '../../../plugins/repository/tdr/keys/anvil.ts';
import { numRuns, seed } from '../../rigs/property.ts';
import { shared } from '../../rigs/shared.ts';
import { type AnvilRows, anvilBundle, anvilTables, type Link } from '../../rigs/tdr/anvil.ts';
import { outcomeByKey } from '../../rigs/tdr/by-key.ts';
import type { Row } from '../../rigs/tdr/exports.ts';
import { bundleOf, comparedBy, outcomeIn, withSnapshot } from '../../rigs/tdr/opened.ts';

const version = '2022-06-01T00:00:00.000000Z';
const bundleUuid = (rowId: string): string => `${rowId.slice(0, 14)}a${rowId.slice(15)}`;

const linkText = ({ inputs, activity, outputs }: Link): string =>
  JSON.stringify([[...inputs].sort(), activity, [...outputs].sort()]);
/** Links have no order. */
const comparable = (bundle: Readonly<Record<string, unknown>>) => ({
  entities: bundle.entities,
  links: (bundle.links as readonly Link[]).map(linkText).sort(),
});
const compared = comparedBy(comparable);

describe('Bundles of AnVIL from the tables of a snapshot', () => {
  it('are those of the sample', async function () {
    const folder = shared(this, 'samples/anvil');
    const { tables: rows } = JSON.parse(
      readFileSync(`${folder}/6c87f0e1-509d-46a4-b845-7584df39263b.tables.tdr.json`, 'utf8'),
    );
    const uuid = '826dea02-e274-affe-aabc-eb3db63ad068';
    const canned = JSON.parse(readFileSync(`${folder}/${uuid}.tdr.anvil.json`, 'utf8'));
    await withSnapshot(anvilTables(rowsIn(rows)), async (snapshot) => {
      const roots = snapshot.list('');
      expect(roots.map((root) => root.uuid).sort()).to.deep.equal(
        ['6b0f6c0f', '826dea02'].map((start) => roots.find((root) => root.uuid.startsWith(start))?.uuid),
      );
      expect(comparable(await bundleOf(snapshot, { uuid, version }))).to.deep.equal(comparable(canned));
      const supplementary = roots.find((root) => root.uuid !== uuid) ?? { uuid: '', version };
      const { entities = {}, links } = await bundleOf(snapshot, supplementary);
      expect(
        Object.keys(entities as object)
          .map((name) => name.split('/')[0])
          .sort(),
      ).to.deep.equal(['anvil_dataset', 'anvil_file']);
      expect(links).to.have.length(1);
    });
  });

  it('are what plain searching finds, for any tables; what has a problem fails alone', async function () {
    this.timeout(600_000);
    const property = fc.asyncProperty(worlds, async (rows) => {
      let isFirst = true;
      await withSnapshot(anvilTables(rows), async (snapshot) => {
        for (const { biosample_id: key, datarepo_row_id: rowId } of rows.anvil_biosample) {
          const expected = attempt(() => anvilBundle(rows, String(key)));
          const root = { uuid: bundleUuid(String(rowId)), version };
          const found = await outcomeIn(snapshot, root);
          expect(compared(found)).to.deep.equal(expected === null ? 'bundle_invalid' : comparable({ ...expected }));
          if (isFirst) expect(await outcomeByKey(anvilTables(rows), anvilKeys, root)).to.deep.equal(found);
          isFirst = false;
        }
      });
    });
    await fc.assert(property, { numRuns: numRuns(400), seed: seed() });
  });

  it('that are too large fail alone, and take no memory', async function () {
    this.timeout(60_000);
    const dataset = { dataset_id: 'dataset0', datarepo_row_id: rowId('anvil_dataset', 0) };
    const pool = Array.from({ length: 2000 }, (_, i) => `b${i}`);
    const activities = [pool, ['lone']].map((used, i) => ({
      ...{ activity_id: `a${i}`, datarepo_row_id: rowId('anvil_activity', i) },
      ...{ used_biosample_id: used, generated_file_id: [`f${i}`] },
    }));
    const rows = {
      anvil_dataset: [dataset],
      anvil_biosample: [...pool, 'lone'].map((biosample_id, i) => ({
        ...{ biosample_id, datarepo_row_id: rowId('anvil_biosample', i), part_of_dataset_id: ['dataset0'] },
      })),
      anvil_activity: activities,
      anvil_file: ['f0', 'f1'].map((file_id, i) => ({
        ...{ file_id, datarepo_row_id: rowId('anvil_file', i), file_ref: 'drs://server.example/v1_a_b' },
      })),
    };
    await withSnapshot(anvilTables(rows), async (snapshot) => {
      const outcomes = snapshot.list('').map((root) => outcomeOf(() => snapshot.fetch(root, 100_000)));
      const count = (wanted: string) => outcomes.filter((outcome) => outcome === wanted).length;
      expect([count('bundle_too_large'), count('fetched')]).to.deep.equal([2000, 1]);
    });
  });
});

function outcomeOf(fetch: () => unknown): string {
  try {
    fetch();
    return 'fetched';
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}

function rowsIn(all: Readonly<Record<string, readonly Row[] | { readonly rows: readonly Row[] }>>) {
  return Object.fromEntries(Object.entries(all).map(([table, rows]) => [table, 'rows' in rows ? rows.rows : rows]));
}

function attempt<T>(work: () => T): T | null {
  try {
    return work();
  } catch {
    return null;
  }
}

/** Few of each kind, so that they meet. */
const ids = (kind: string, count: number) => fc.constantFrom(...Array.from({ length: count }, (_, i) => `${kind}${i}`));
const some = (kind: string, count: number) => fc.array(ids(kind, count), { maxLength: 3 });

/** Nearly always one row for each key; now and then one is missing, or there twice. */
function rowsOf(
  table: TableName,
  count: number,
  values: Readonly<Record<string, fc.Arbitrary<unknown>>>,
): fc.Arbitrary<readonly Row[]> {
  const { key } = tables[table];
  const prefix = table.slice('anvil_'.length);
  const kept = fc.array(fc.integer({ min: 0, max: 19 }), { minLength: count, maxLength: count });
  const records = fc.array(fc.record(values), { minLength: 2 * count, maxLength: 2 * count });
  return fc.tuple(kept, records).map(([fates, rows]) =>
    fates.flatMap((fate, i) => {
      const row = (place: number): Row => ({
        ...rows[place],
        [key]: `${prefix}${i}`,
        datarepo_row_id: rowId(table, place),
      });
      if (fate === 0) return [];
      return fate === 1 ? [row(i), row(i + count)] : [row(i)];
    }),
  );
}

function rowId(table: TableName, number: number): string {
  const place = String(Object.keys(tables).indexOf(table)).padStart(4, '0');
  return `${String(number).padStart(8, '0')}-0000-4000-8000-00000000${place}`;
}

const texts = fc.array(fc.constantFrom('b', 'a', 'ä"\\\u2028'), { maxLength: 2 });
const files = 6;
const worlds: fc.Arbitrary<AnvilRows> = fc.record({
  anvil_activity: rowsOf('anvil_activity', 2, {
    used_file_id: some('file', files),
    used_biosample_id: some('biosample', 3),
    generated_file_id: some('file', files),
  }),
  anvil_alignmentactivity: rowsOf('anvil_alignmentactivity', 2, {
    used_file_id: some('file', files),
    generated_file_id: some('file', files),
  }),
  anvil_assayactivity: rowsOf('anvil_assayactivity', 1, {
    used_biosample_id: some('biosample', 3),
    generated_file_id: some('file', files),
    assay_type: fc.constantFrom(null, 'assay'),
  }),
  anvil_sequencingactivity: rowsOf('anvil_sequencingactivity', 2, {
    used_biosample_id: some('biosample', 3),
    generated_file_id: some('file', files),
  }),
  anvil_variantcallingactivity: rowsOf('anvil_variantcallingactivity', 1, {
    used_file_id: some('file', files),
    generated_file_id: some('file', files),
  }),
  anvil_biosample: rowsOf('anvil_biosample', 3, {
    donor_id: some('donor', 2),
    part_of_dataset_id: fc.constantFrom(['dataset0'], ['dataset0'], ['dataset0'], ['dataset0'], ['dataset1'], []),
    donor_age_at_collection_lower_bound: fc.constantFrom(null, 1.5, 3),
  }),
  anvil_dataset: rowsOf('anvil_dataset', 2, { title: fc.constantFrom('a title', null), owner: texts }),
  anvil_diagnosis: rowsOf('anvil_diagnosis', 2, { donor_id: ids('donor', 2), disease: texts }),
  anvil_donor: rowsOf('anvil_donor', 2, {
    part_of_dataset_id: fc.constantFrom('dataset0', 'dataset0', 'dataset0', 'dataset1'),
  }),
  anvil_file: rowsOf('anvil_file', files, {
    file_ref: fc.constant('drs://server.example/v1_a_b'),
    file_size: fc.constantFrom(0, 2 ** 53),
    is_supplementary: fc.constant(false),
    data_modality: texts,
  }),
});

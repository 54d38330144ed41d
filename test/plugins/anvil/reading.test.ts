import { expect } from 'chai';
import { LazuliError } from '../../../core/config/errors.ts';
import { parseVerbatim } from '../../../core/model/json.ts';
import type { NormalizedBundle } from '../../../core/model/normalized.ts';
import { normalize } from '../../../plugins/metadata/anvil/normalize.ts';
import * as tiny from './tiny-bundle.ts';

type Change = (bundle: tiny.TinyBundle) => void;

function normalized(change: Change): NormalizedBundle {
  const bundle = tiny.tinyBundle();
  change(bundle);
  return normalize(tiny.asBundle(bundle));
}

/** The values of the only row of a table. */
const valuesIn = ({ rows }: NormalizedBundle, table: string) => rows.find((row) => row.table === table)?.values;
const column =
  (key: string, name: string, value: unknown): Change =>
  ({ entities }) => {
    const row = entities[key] as Record<string, unknown>;
    if (value === undefined) delete row[name];
    else row[name] = value;
  };
const link =
  (members: object): Change =>
  ({ links }) =>
    Object.assign(links[3] as object, members);

describe('Rows of AnVIL', () => {
  it('have ages as ranges, of which an end may be open, and nothing where neither is known', () => {
    const bundle = normalized(() => {});
    expect(valuesIn(bundle, 'biosamples')?.donor_age_at_collection).to.deep.equal([38, null]);
    const { diagnosis_age, onset_age } = valuesIn(bundle, 'diagnoses') ?? {};
    expect([diagnosis_age, onset_age]).to.deep.equal([[5, 8], null]);
  });

  it('have lists of what activities of one table have one of, or none', () => {
    const assay = (bundle: tiny.TinyBundle): void => {
      const key = `anvil_assayactivity/${tiny.rowId(5)}`;
      const { sequencingactivity_id: id, ...others } = bundle.entities[tiny.sequencing] as tiny.Columns;
      delete bundle.entities[tiny.sequencing];
      bundle.entities[key] = { ...others, assayactivity_id: id ?? null, assay_type: 'RNA-seq' };
      link({ activity: key })(bundle);
    };
    expect(valuesIn(normalized(assay), 'activities')).to.deep.include({
      activity_id: 's',
      activity_table: 'anvil_assayactivity',
      assay_type: ['RNA-seq'],
      reference_assembly: [],
    });
    const lacking = column(tiny.sequencing, 'assay_type', undefined);
    expect(valuesIn(normalized(lacking), 'activities')?.assay_type).to.deep.equal([]);
  });

  it('take numbers as they stand, and where a file is from either of two columns', () => {
    const raw = parseVerbatim('{"size": 9007199254740991, "low": 38.0}') as Record<string, unknown>;
    const bundle = normalized((one) => {
      column(tiny.file, 'file_size', raw.size)(one);
      column(tiny.biosample, 'donor_age_at_collection_lower_bound', raw.low)(one);
      column(tiny.file, 'drs_uri', 'drs://data.example/other')(one);
    });
    expect(valuesIn(bundle, 'biosamples')?.donor_age_at_collection).to.deep.equal([38, null]);
    const expected = { size: 2 ** 53 - 1, crc32: '', sha256: '', uuid: tiny.rowId(6) };
    expect(valuesIn(bundle, 'files')).to.deep.include({ ...expected, drs_uri: 'drs://data.example/other' });
    const { drs_uri } = valuesIn(
      normalized(() => {}),
      'files',
    ) as { drs_uri: string };
    expect(drs_uri).to.equal('drs://data.example/f');
  });

  it('of a dataset that is registered with DUOS have a description only', () => {
    const { rows } = normalize(tiny.asBundle(tiny.stubBundle(null), tiny.dataset));
    expect(rows.filter(({ table }) => table !== 'documents')).to.deep.equal([
      { table: 'datasets', id: tiny.rowId(1), values: { description: null } },
    ]);
    const document = rows.find(({ values }) => values.pointer === `/entities/anvil_dataset~1${tiny.rowId(1)}`);
    expect(document).to.deep.include({ id: tiny.rowId(1) });
    expect(document?.values.replica_type).to.equal('anvil_dataset');
  });

  it('of a supplementary file are the file, its dataset and the bundle, and replicas of both', () => {
    const { entities, rows } = normalized((bundle) => {
      for (const key of [tiny.donor, tiny.diagnosis, tiny.biosample, tiny.sequencing]) delete bundle.entities[key];
      bundle.links = [{ inputs: [tiny.dataset], activity: null, outputs: [tiny.file] }];
    });
    expect(entities.map(({ type }) => type).sort()).to.deep.equal(['bundles', 'datasets', 'files']);
    const replicas = rows.filter(({ table, values }) => table === 'documents' && values.replica_type !== null);
    expect(replicas.map(({ id }) => id).sort()).to.deep.equal([tiny.rowId(1), tiny.rowId(6)]);
  });

  it('that no file is linked to are no replicas', () => {
    const { rows } = normalized((bundle) => {
      delete bundle.entities[tiny.file];
      bundle.links.pop();
    });
    expect(rows.filter(({ table, values }) => table === 'documents' && values.replica_type !== null)).to.deep.equal([]);
  });

  const refusals: readonly (readonly [string, Change, entity: string, field: string | undefined])[] = [
    ['a column that is missing', column(tiny.donor, 'organism_type', undefined), tiny.donor, 'organism_type'],
    ['a primary key that is null', column(tiny.donor, 'donor_id', null), tiny.donor, 'donor_id'],
    ['a text for a list', column(tiny.diagnosis, 'disease', 'asthma'), tiny.diagnosis, 'disease'],
    ['a number in a list', column(tiny.diagnosis, 'disease', ['a', 1]), tiny.diagnosis, 'disease.1'],
    ['a text for a truth', column(tiny.file, 'is_supplementary', 'no'), tiny.file, 'is_supplementary'],
    ['a fraction for a size', column(tiny.file, 'file_size', 1.5), tiny.file, 'file_size'],
    ['a negative size', column(tiny.file, 'file_size', -1), tiny.file, 'file_size'],
    ['half a character', column(tiny.file, 'file_name', '\ud800'), tiny.file, 'file_name'],
    [
      'an age that ends before it begins',
      column(tiny.diagnosis, 'diagnosis_age_upper_bound', 4),
      tiny.diagnosis,
      'diagnosis_age_lower_bound',
    ],
    ['a row id that is not its key', column(tiny.file, 'datarepo_row_id', 'x'), tiny.file, 'datarepo_row_id'],
    [
      'a row id that another one has',
      ({ entities }) => {
        entities[`anvil_project/${tiny.rowId(6)}`] = { datarepo_row_id: tiny.rowId(6), project_id: 'p' };
      },
      `anvil_project/${tiny.rowId(6)}`,
      undefined,
    ],
    [
      'an unknown table',
      ({ entities }) => {
        entities[`anvil_cat/${tiny.rowId(9)}`] = {};
      },
      'bundle/00000000-0000-a000-8000-000000000004',
      'entities',
    ],
    [
      'no dataset',
      (bundle) => {
        delete bundle.entities[tiny.dataset];
        bundle.links.shift();
      },
      'bundle/00000000-0000-a000-8000-000000000004',
      'entities',
    ],
    ['a link to nothing', link({ inputs: ['x'] }), 'links/00000000-0000-a000-8000-000000000004', '3.inputs.0'],
    ['a file that acts', link({ activity: tiny.file }), 'links/00000000-0000-a000-8000-000000000004', '3.activity'],
    [
      'an activity that is made',
      link({ outputs: [tiny.sequencing] }),
      'links/00000000-0000-a000-8000-000000000004',
      '3.outputs.0',
    ],
  ];
  for (const [what, change, entity, field] of refusals)
    it(`are refused with ${what}`, () => {
      const refused = (() => {
        try {
          return normalized(change);
        } catch (error) {
          return error;
        }
      })();
      expect(refused).to.be.instanceOf(LazuliError);
      const { code, place, remedy } = refused as LazuliError;
      expect(code).to.equal('bundle_invalid');
      expect([place.entity, place.field]).to.deep.equal([entity, field]);
      expect(remedy).to.be.a('string');
    });
});

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { isFileType } from '../../../plugins/repository/tdr/hca/entity-types.ts';
import { hcaKeys } from '../../../plugins/repository/tdr/keys/hca.ts';
import { numRuns, seed } from '../../rigs/property.ts';
import { shared } from '../../rigs/shared.ts';
import { outcomeByKey } from '../../rigs/tdr/by-key.ts';
import type { Row } from '../../rigs/tdr/exports.ts';
import { type HcaRows, hcaBundle, hcaTables } from '../../rigs/tdr/hca.ts';
import { bundleOf, comparedBy, outcomeIn, withSnapshot } from '../../rigs/tdr/opened.ts';

const version = '2021-01-01T00:00:00.000000Z';
const byText = (a: unknown, b: unknown): number => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);

/** Links that were joined, and ids of what was stitched, have no order. */
function comparable(bundle: Readonly<Record<string, unknown>>) {
  const links = bundle.links as { readonly links: readonly unknown[] } | undefined;
  return {
    ...bundle,
    links: { ...links, links: links?.links.toSorted(byText) },
    stitched: [...new Set((bundle.stitched ?? []) as readonly string[])].sort(),
  };
}
const compared = comparedBy(comparable);

describe('Bundles of the Human Cell Atlas from the tables of a snapshot', () => {
  it('are those of the sample', async function () {
    const area = shared(this, 'samples/staging');
    const samples = shared(this, 'samples/hca');
    await withSnapshot(hcaTables(stagingRows(area)), async (snapshot) => {
      const roots = snapshot.list('');
      expect(roots.map(({ uuid }) => uuid).sort()).to.deep.equal([
        '1ed68210-eaba-531d-ba9e-db80164d65ef',
        '1f6afb64-fa14-5c6f-a474-a742540108a3',
      ]);
      for (const root of roots) {
        const canned = JSON.parse(readFileSync(join(samples, `${root.uuid}.dss.hca.json`), 'utf8'));
        const { manifest, ...found } = comparable(await bundleOf(snapshot, root)) as Record<string, unknown>;
        const { manifest: expected, ...others } = comparable(canned) as Record<string, unknown>;
        expect(found).to.deep.equal(others);
        expect(withoutIds(manifest)).to.deep.equal(withoutIds(expected));
      }
    });
  });

  it('are what plain stitching makes, for any tables; what has a problem fails alone', async function () {
    this.timeout(600_000);
    const property = fc.asyncProperty(worlds, async (rows) => {
      let isFirst = true;
      await withSnapshot(hcaTables(rows), async (snapshot) => {
        for (const id of new Set((rows.links ?? []).map((row) => String(row.links_id)))) {
          const expected = attempt(() => hcaBundle(rows, id));
          const found = await outcomeIn(snapshot, { uuid: id, version });
          expect(compared(found)).to.deep.equal(expected === null ? 'bundle_invalid' : comparable({ ...expected }));
          if (isFirst) expect(await outcomeByKey(hcaTables(rows), hcaKeys, { uuid: id, version })).to.deep.equal(found);
          isFirst = false;
        }
      });
    });
    await fc.assert(property, { numRuns: numRuns(400), seed: seed() });
  });
});

/** The samples were not made by way of TDR: they know no location, and make the UUIDs of files of their names. */
const withoutIds = (manifest: unknown) =>
  Object.fromEntries(
    Object.entries(manifest as Record<string, Row>).map(([key, { drs_uri: _, uuid: __, ...entry }]) => [key, entry]),
  );

/** What the importer makes of a staging area (specification, staging-area). */
function stagingRows(area: string): HcaRows {
  const read = (...path: string[]) => readFileSync(join(area, ...path), 'utf8');
  const rows: Record<string, Row[]> = { links: [] };
  for (const file of readdirSync(join(area, 'links'))) {
    const [links_id = '', own = '', project_id = ''] = file.replace('.json', '').split('_');
    rows.links?.push({ links_id, version: own, project_id, content: read('links', file) });
  }
  for (const type of readdirSync(join(area, 'metadata'))) {
    rows[type] = readdirSync(join(area, 'metadata', type)).map((file) => {
      const [id = '', own = ''] = file.replace('.json', '').split('_');
      const row = { [`${type}_id`]: id, version: own, content: read('metadata', type, file) };
      return isFileType(type)
        ? { ...row, descriptor: read('descriptors', type, file), file_id: `drs://data.example/${id}` }
        : row;
    });
  }
  return rows;
}

function attempt<T>(work: () => T): T | null {
  try {
    return work();
  } catch {
    return null;
  }
}

/** A few entities of each type, by number. */
const types = [
  'process',
  'sequencing_protocol',
  'cell_suspension',
  'sequence_file',
  'analysis_file',
  'supplementary_file',
] as const;
const named = (prefix: string, among: readonly string[]) =>
  fc
    .tuple(fc.constantFrom(...among), fc.nat(3))
    .map(([type, n]) => ({ [`${prefix}_type`]: type, [`${prefix}_id`]: `${type}-${n}` }));
const several = (prefix: string, among: readonly string[]) => fc.array(named(prefix, among), { maxLength: 2 });

const processLink = fc
  .record({
    process: fc.nat(3),
    protocols: several('protocol', ['sequencing_protocol']),
    inputs: several('input', ['cell_suspension', 'sequence_file', 'analysis_file']),
    outputs: several('output', ['cell_suspension', 'sequence_file', 'analysis_file', 'sequence_file']),
  })
  .map(({ process, ...rest }) => ({
    link_type: 'process_link',
    process_type: 'process',
    process_id: `process-${process}`,
    ...rest,
  }));
const supplementaryLink = fc.record({
  link_type: fc.constantFrom(
    'supplementary_file_link',
    'supplementary_file_link',
    'supplementary_file_link',
    'other_link',
  ),
  entity: fc.record({
    entity_type: fc.constant('project'),
    entity_id: fc.constantFrom('project-0', 'project-0', 'project-0', 'project-1'),
  }),
  files: several('file', ['supplementary_file']),
});

const content = fc
  .record({
    links: fc.array(fc.oneof({ weight: 6, arbitrary: processLink }, { weight: 1, arbitrary: supplementaryLink }), {
      maxLength: 2,
    }),
    extra: fc.nat(15),
    indent: fc.constantFrom('', '\t'),
  })
  .map(({ links, extra, indent }) =>
    JSON.stringify({ describedBy: 'links', ...(extra === 0 ? { extra } : {}), links }, null, indent),
  );

/** Now and then a row is missing, or there twice. */
function entitiesOf(type: string): fc.Arbitrary<readonly Row[]> {
  return fc.array(fc.nat(59), { minLength: 4, maxLength: 4 }).map((fates) =>
    fates.flatMap((fate, n) => {
      const row = {
        [`${type}_id`]: `${type}-${n}`,
        version,
        content: JSON.stringify({ n, 'ä"': [1, null], file_core: { file_name: `${n}/ä.txt` } }, null, n % 2),
        ...(isFileType(type) ? fileOf(n, fate) : {}),
      };
      if (fate === 0) return [];
      return fate === 1 ? [row, row] : [row];
    }),
  );
}

function fileOf(n: number, fate: number): Row {
  const descriptor = {
    ...{
      file_id: `uuid-${n}`,
      file_version: version,
      crc32c: '0',
      content_type: n === 0 ? 'a; dcp-type=b' : 'a',
      size: n,
    },
    ...(fate === 2 ? {} : { sha256: 'f' }),
    ...(n === 1 ? { sha1: '1', s3_etag: null } : {}),
    ...(fate % 4 === 3 && fate !== 3 ? { drs_uri: null } : {}),
  };
  const location = fate % 4 === 3 ? null : `drs://data.example/${n}`;
  return { descriptor: JSON.stringify(descriptor), file_id: location };
}

const worlds: fc.Arbitrary<HcaRows> = fc.record({
  links: fc.array(fc.record({ content, id: fc.nat(30) }), { minLength: 1, maxLength: 5 }).map((all) =>
    all.map(({ content: own, id }, i) => ({
      links_id: `links-${id === 0 ? 0 : i}`,
      version,
      project_id: 'project-0',
      content: own,
    })),
  ),
  project: entitiesOf('project').map(
    ([first, ...rest]) =>
      [
        { project_id: 'project-0', version, content: '{}' },
        ...[first, ...rest].filter((row) => row !== undefined && row.project_id !== 'project-0'),
      ] as Row[],
  ),
  ...Object.fromEntries(types.map((type) => [type, entitiesOf(type)])),
});

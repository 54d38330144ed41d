import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect } from 'chai';
import { parseVerbatim } from '../../../core/model/json.ts';
import type { FormatName } from '../../../core/model/manifests.ts';
import type { MetadataPlugin } from '../../../core/model/metadata.ts';
import { anvil } from '../../../plugins/metadata/anvil/plugin.ts';
import { hca } from '../../../plugins/metadata/hca/plugin.ts';
import { needsShared, type Recorded, type RecordedReplica, sampleBundles } from '../../rigs/hca/shared.ts';
import { manifestReaders, python } from '../../rigs/python.ts';
import { shared } from '../../rigs/shared.ts';
import { openTestCatalog } from '../../rigs/transform/computed.ts';
import { additions } from '../../rigs/transform/staging.ts';
import { type Indexed, openRig, type Replica, type Rig } from './rig.ts';

/** What was recorded of a data model. */
interface Model {
  readonly name: Recorded;
  readonly plugin: MetadataPlugin;
  /** filters of the recorded requests, by the part of their names, as conditions on rows */
  readonly filters: Readonly<Record<string, string>>;
  /** the column with the ids of implicit hubs */
  readonly hubs: string;
  /** how many manifests there are */
  readonly count: number;
  /** those that are called by what they are about */
  readonly names: readonly (readonly [string, string])[];
}

const hcaFilters: Model['filters'] = {
  all: 'true',
  none: `list_contains("samples.organ", 'no such')`,
  bam: `"files.file_format" = 'bam'`,
  prj: `list_contains("projects.document_id", 'ae5237b4-633f-403a-afc6-cb87e6f90db1')`,
  prj2: `list_contains("projects.document_id", '091cf39b-01bc-42e5-9437-f419a66c8a45')`,
  mouse: `list_contains("donors.genus_species", 'Mus musculus') AND "files.file_format" = 'fastq.gz'`,
};

const models: readonly Model[] = [
  {
    name: 'hca',
    plugin: hca,
    filters: hcaFilters,
    hubs: 'projects.document_id',
    count: 40,
    names: [
      ['compact.prj.tsv', 'barista_seq 2026-11-30 11.57.tsv'],
      ['compact.prj2.tsv', 'Human Hematopoietic Profiling 2026-11-30 11.57.tsv'],
    ],
  },
  {
    name: 'anvil',
    plugin: anvil,
    filters: { all: 'true', bam: `"files.file_format" = '.bam'` },
    hubs: 'datasets.document_id',
    count: 12,
    names: [],
  },
];

/** With numbers as they stand there. */
function recordedReplicas(file: string): readonly RecordedReplica[] {
  const lines = gunzipSync(readFileSync(file)).toString().split('\n');
  return lines.filter((line) => line !== '').map((line) => parseVerbatim(line) as unknown as RecordedReplica);
}

async function sampleFiles({ name, plugin }: Model): Promise<readonly Indexed[]> {
  const catalog = await openTestCatalog(plugin);
  try {
    await catalog.add(additions([...sampleBundles(name)]));
    return [...(await catalog.sources())].flatMap(([key, source]) => (key.startsWith('files/') ? [source] : []));
  } finally {
    await catalog.close();
  }
}

/** Recorded verbatim entities of which documents are hubs, or that are the implicit one. */
async function replicasOf(
  rig: Rig,
  hubColumn: string,
  where: string,
  recorded: readonly RecordedReplica[],
): Promise<readonly Replica[]> {
  const selection = await rig.select(where);
  const hubs = new Set<unknown>();
  const sql = `SELECT entity_id AS id FROM selected UNION ALL SELECT unnest("${hubColumn}") FROM selected`;
  for await (const rows of selection.stream(sql)) for (const { id } of rows) hubs.add(id);
  return recorded.flatMap(({ document }) => {
    const { entity_id: id, replica_type: type, contents, hub_ids } = document;
    return hubs.has(id) || hub_ids.some((hub) => hubs.has(hub))
      ? [{ type, id, contents: JSON.stringify(contents) }]
      : [];
  });
}

for (const model of models)
  describe(`Manifests of the sample bundles of ${model.name}`, function () {
    this.timeout(300_000);
    const folder = mkdtempSync(join(tmpdir(), 'lazuli-manifests-'));
    const { name: of, plugin, filters, hubs, count, names: called } = model;

    before(function () {
      needsShared(this, of);
    });
    after(() => rmSync(folder, { recursive: true, force: true }));

    it(`are the ${count} that the established system made, by the tool that compares them`, async function () {
      const readers = manifestReaders();
      if ('missing' in readers) {
        console.log(`      ${readers.missing}`);
        this.skip();
      }
      const recordings = shared(this, `expected/${of}/manifests`);
      const index = JSON.parse(readFileSync(join(recordings, 'index.json'), 'utf8')) as {
        format: FormatName;
        file?: string;
        content_disposition?: string;
      }[];
      await using rig = await openRig(plugin, 'files', await sampleFiles(model));
      const recorded = recordedReplicas(shared(this, `expected/${of}/replicas.ndjson.gz`));
      const names: [string, string | null][] = [];
      for (const [name, where] of Object.entries(filters)) {
        const selection = await rig.select(where, await replicasOf(rig, hubs, where, recorded));
        const made = new Set(index.filter(({ file }) => file?.split('.').at(-2) === name).map(({ format }) => format));
        for (const format of made) {
          const written = await rig.write(format, selection, { catalog: of });
          const file = index.find((one) => one.format === format && one.file?.split('.').at(-2) === name)?.file ?? '';
          copyFileSync(written.file, join(folder, file));
          names.push([file, written.name]);
        }
      }
      const program = readFileSync(join(import.meta.dirname, 'compare.py'), 'utf8');
      const args = [shared(this, 'tools/replay-manifests.py'), recordings, folder];
      const results = JSON.parse(python(readers.folder, program, { args })) as Record<string, string | null>;
      expect(Object.keys(results)).to.have.length(
        new Set(index.filter(({ file }) => file).map((one) => JSON.stringify(one))).size,
      );
      expect(Object.keys(results)).to.have.length(count);
      expect(Object.entries(results).filter(([, wrong]) => wrong !== null)).to.deep.equal([]);
      expect(names.filter(([, name]) => name !== null)).to.deep.equal(called);
    });
  });

import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect } from 'chai';
import { parseVerbatim } from '../../../core/model/json.ts';
import type { FormatName } from '../../../core/model/manifests.ts';
import type { Replica } from '../../../exports/formats/format.ts';
import { hca } from '../../../plugins/metadata/hca/plugin.ts';
import { needsShared, sampleBundles } from '../../rigs/hca/shared.ts';
import { manifestReaders, python } from '../../rigs/python.ts';
import { shared } from '../../rigs/shared.ts';
import { openTestCatalog } from '../../rigs/transform/computed.ts';
import { type Indexed, openRig, type Rig } from './rig.ts';

/** Filters of the recorded requests, by the part of their names, as conditions on rows. */
const filters: Readonly<Record<string, string>> = {
  all: 'true',
  none: `list_contains("samples.organ", 'no such')`,
  bam: `"files.file_format" = 'bam'`,
  prj: `list_contains("projects.document_id", 'ae5237b4-633f-403a-afc6-cb87e6f90db1')`,
  prj2: `list_contains("projects.document_id", '091cf39b-01bc-42e5-9437-f419a66c8a45')`,
  mouse: `list_contains("donors.genus_species", 'Mus musculus') AND "files.file_format" = 'fastq.gz'`,
};

interface Recorded {
  readonly document: {
    readonly entity_id: string;
    readonly replica_type: string;
    readonly contents: unknown;
    readonly hub_ids: readonly string[];
  };
}

/** With numbers as they stand there. */
function recordedReplicas(file: string): readonly Recorded[] {
  const lines = gunzipSync(readFileSync(file)).toString().split('\n');
  return lines.filter((line) => line !== '').map((line) => parseVerbatim(line) as unknown as Recorded);
}

async function sampleFiles(): Promise<readonly Indexed[]> {
  const catalog = await openTestCatalog(hca);
  try {
    const bundles = [...sampleBundles()];
    await catalog.add(
      bundles.map(({ fqid, contents, repository: attributes }) => ({ action: 'add', fqid, contents, attributes })),
    );
    return [...(await catalog.sources())].flatMap(([key, source]) => (key.startsWith('files/') ? [source] : []));
  } finally {
    await catalog.close();
  }
}

/** Recorded verbatim entities of which documents are hubs, or that are the implicit one. */
async function replicasOf(rig: Rig, where: string, recorded: readonly Recorded[]): Promise<readonly Replica[]> {
  const selection = await rig.select(where);
  const hubs = new Set<unknown>();
  const sql = 'SELECT entity_id AS id FROM selected UNION ALL SELECT unnest("projects.document_id") FROM selected';
  for await (const rows of selection.stream(sql)) for (const { id } of rows) hubs.add(id);
  return recorded.flatMap(({ document }) => {
    const { entity_id: id, replica_type: type, contents, hub_ids } = document;
    return hubs.has(id) || hub_ids.some((hub) => hubs.has(hub))
      ? [{ type, id, contents: JSON.stringify(contents) }]
      : [];
  });
}

describe('Manifests of the sample bundles', function () {
  this.timeout(300_000);
  const folder = mkdtempSync(join(tmpdir(), 'lazuli-manifests-'));

  before(function () {
    needsShared(this);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('are the 40 that the established system made, by the tool that compares them', async function () {
    const readers = manifestReaders();
    if ('missing' in readers) {
      console.log(`      ${readers.missing}`);
      this.skip();
    }
    const recordings = shared(this, 'expected/hca/manifests');
    const index = JSON.parse(readFileSync(join(recordings, 'index.json'), 'utf8')) as {
      format: FormatName;
      file?: string;
      content_disposition?: string;
    }[];
    await using rig = await openRig(hca, 'files', await sampleFiles());
    const recorded = recordedReplicas(shared(this, 'expected/hca/replicas.ndjson.gz'));
    const names: [string, string | null][] = [];
    for (const [name, where] of Object.entries(filters)) {
      const selection = await rig.select(where, await replicasOf(rig, where, recorded));
      const made = new Set(index.filter(({ file }) => file?.split('.').at(-2) === name).map(({ format }) => format));
      for (const format of made) {
        const written = await rig.write(format, selection);
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
    expect(Object.entries(results).filter(([, wrong]) => wrong !== null)).to.deep.equal([]);
    expect(names.filter(([, name]) => name !== null)).to.deep.equal([
      ['compact.prj.tsv', 'barista_seq 2026-11-30 11.57.tsv'],
      ['compact.prj2.tsv', 'Human Hematopoietic Profiling 2026-11-30 11.57.tsv'],
    ]);
  });
});

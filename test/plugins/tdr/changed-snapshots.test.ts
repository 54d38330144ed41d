import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { SourceRef } from '../../../core/config/sources.ts';
import type { Repository } from '../../../core/model/repository.ts';
import { Restagings } from '../../../core/runs/restaging.ts';
import type { Run } from '../../../core/runs/run.ts';
import { systemClock } from '../../../core/runtime/clock.ts';
import { noLogger } from '../../../core/runtime/logger.ts';
import { IngestMeter } from '../../../ingest/counts.ts';
import { Restager } from '../../../ingest/restaging/restager.ts';
import { anvil } from '../../../plugins/metadata/anvil/plugin.ts';
import { tdr } from '../../../plugins/repository/tdr/plugin.ts';
import { Restaged } from '../../../transform/restaging/restaged.ts';
import { storedBundles } from '../../../transform/store/sources.ts';
import { Unconfirmed } from '../../../transform/verification/failures.ts';
import { defaultLimits } from '../../rigs/default-limits.ts';
import { writeExport } from '../../rigs/tdr/exports.ts';
import { oneDonor } from '../../rigs/tdr/one-donor.ts';
import { openTestCatalog, type TestCatalog, testCatalog } from '../../rigs/transform/computed.ts';
import { someRun } from '../../rigs/transform/runs.ts';

const project = 'datarepo-1a2b3c4d';
const names = ['ANVIL_one', 'ANVIL_two', 'ANVIL_three', 'ANVIL_four'] as const;
type Name = (typeof names)[number];
const idOf = (name: Name): string => `${names.indexOf(name)}a1c0000-0000-4000-8000-000000000000`;

/** A catalog over some of the snapshots of a folder, and which of them are read. */
class Story {
  readonly asked: string[] = [];
  readonly #catalog: TestCatalog;
  readonly #folder: string;
  readonly #restagings: Restagings;

  constructor(catalog: TestCatalog, folder: string) {
    this.#catalog = catalog;
    this.#folder = folder;
    this.#restagings = new Restagings(catalog.objects, testCatalog);
  }

  async repository(sources: readonly Name[]): Promise<Repository> {
    const specs = sources.map((name) => `tdr:bigquery:gcp:${project}:${name}:/1`);
    const repository = await tdr.open({ exports: this.#folder, scratch: this.#folder }, specs);
    const listBundles = repository.listBundles.bind(repository);
    repository.listBundles = (source: SourceRef, prefix, signal) => {
      this.asked.push(source.id);
      return listBundles(source, prefix, signal);
    };
    return repository;
  }

  /** One look of an ingest worker. @param dies when it has staged something */
  async look(repository: Repository, dies = false): Promise<void> {
    const catalog = { name: testCatalog, plugin: anvil, repository };
    const ports = {
      ...{ catalogs: new Map([[testCatalog, catalog]]), store: this.#catalog.objects, clock: systemClock },
      ...{ limits: { ...defaultLimits, batchBundles: 2 }, putPointer: async () => {} },
      deadLetters: { put: async () => expect.fail('there is no bad bundle') },
      purgedUntil: async () => Number.NEGATIVE_INFINITY,
      fault: (point: string) => {
        if (dies && point === 'ingest.restaged') throw new Error('killed');
      },
      meter: new IngestMeter(systemClock.now),
    };
    const halts = { of: async () => null };
    await new Restager({ catalog, ports, halts, logger: noLogger, lookMillis: 1 }).look();
  }

  /** A run of what has changed, up to where that counts. */
  async run(sources: readonly Name[], digit: string, acceptsVanished = false): Promise<readonly Name[]> {
    const { context, loading } = this.#catalog;
    const restaged = new Restaged(context, loading, this.#restagings);
    const id = `20260101T000000000Z-abcde${digit}`;
    const run: Run = { ...someRun, id, from: 'repository', changed: true, generation: null, acceptsVanished };
    this.asked.splice(0);
    await restaged.want(run);
    await this.look(await this.repository(sources), true);
    await this.look(await this.repository(sources));
    expect(await restaged.step(run)).to.equal(null);
    await restaged.withdraw(id);
    return names.filter((name) => this.asked.includes(idOf(name)));
  }

  async stored(): Promise<readonly (readonly [string, number])[]> {
    return [...(await storedBundles(this.#catalog.store))].sort();
  }
}

describe('A run from a repository of snapshots, of which some have changed', function () {
  this.timeout(120_000);
  let folder: string;
  let catalog: TestCatalog;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'lazuli-changed-'));
    for (const [i, name] of names.entries())
      await writeExport(folder, { id: idOf(name), name, project, tables: oneDonor(3 + i) });
    catalog = await openTestCatalog(anvil);
  });
  after(async () => {
    await catalog.close();
    rmSync(folder, { recursive: true });
  });

  it('reads only those; what replaces others is asked about', async () => {
    const story = new Story(catalog, folder);
    expect(await story.run(['ANVIL_one', 'ANVIL_two', 'ANVIL_three'], '1')).to.deep.equal(names.slice(0, 3));
    const sizes = (found: readonly Name[]) => found.map((name) => [idOf(name), 4 + names.indexOf(name)]).sort();
    expect(await story.stored()).to.deep.equal(sizes(['ANVIL_one', 'ANVIL_two', 'ANVIL_three']));
    const changed = ['ANVIL_one', 'ANVIL_two', 'ANVIL_four'] as const;
    const refused = await story.run(changed, '2').catch((error: unknown) => error);
    expect(refused)
      .to.be.instanceOf(Unconfirmed)
      .with.property('message')
      .which.matches(/list 6 of 15 bundles/);
    expect(await story.run(changed, '3', true)).to.deep.equal(['ANVIL_four']);
    expect(await story.stored()).to.deep.equal(sizes(changed));
    expect(await story.run(changed, '4')).to.deep.equal([]);
    expect(await story.stored()).to.deep.equal(sizes(changed));
    await catalog.store.run(`DELETE FROM bundles WHERE source_id = '${idOf('ANVIL_two')}'`);
    expect(await story.run(changed, '5')).to.deep.equal(['ANVIL_two']);
  });
});

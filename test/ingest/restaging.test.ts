import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { LazuliError } from '../../core/config/errors.ts';
import type { SourceRef } from '../../core/config/sources.ts';
import type { BundleFqid } from '../../core/model/bundle.ts';
import type { Reading } from '../../core/model/repository.ts';
import type { Halt } from '../../core/runs/halts.ts';
import { Restagings } from '../../core/runs/restaging.ts';
import { noLogger } from '../../core/runtime/logger.ts';
import { type Manifest, manifestKey, manifestSchema, runOfBatch } from '../../core/staged/layout.ts';
import { Standings } from '../../core/staged/standings.ts';
import type { NewDeadLetter } from '../../core/storage/dead-letter.ts';
import { FolderStore } from '../../core/storage/folder.ts';
import { IngestMeter } from '../../ingest/counts.ts';
import { Restager } from '../../ingest/restaging/restager.ts';
import { listedSources } from '../../ingest/restaging/units.ts';
import { defaultLimits } from '../rigs/default-limits.ts';
import { fqid, source, ToyRepository, toy } from '../rigs/models/toy.ts';
import { patient } from '../signals.ts';
import { timeless } from './time.ts';

const run = '20260101T000000000Z-abcdef';
const everything = { source: null, prefix: '' };
const otherSource = { id: 'source-2', spec: 'other:/0' };
const things = { things: [{ id: 't', name: 'thing' }] };

/** A toy repository that tells what it has. */
class ListedRepository extends ToyRepository {
  listed: readonly BundleFqid[] = [];
  sources: readonly SourceRef[] = [source, otherSource];
  readonly asked: string[] = [];
  reading: () => readonly Reading[] = () => [];

  override async listSources() {
    return [...this.sources];
  }

  override async *listBundles(of: SourceRef = source, prefix = ''): AsyncGenerator<BundleFqid> {
    this.asked.push(`${of.id} ${prefix}`);
    yield* this.listed.filter((one) => one.source.id === of.id && one.uuid.startsWith(prefix));
  }

  /** Has bundles, and lists them. */
  have(...bundles: readonly BundleFqid[]): void {
    this.listed = bundles;
    for (const bundle of bundles) this.put(bundle, things);
  }
}

class Died extends Error {}

class Rig {
  readonly folder = mkdtempSync(join(tmpdir(), 'lazuli-restaging-'));
  readonly store = new FolderStore(this.folder);
  readonly repository = new ListedRepository();
  readonly restagings = new Restagings(this.store, 'toys');
  readonly letters: NewDeadLetter[] = [];
  halt: Halt | null = null;
  time = Date.parse('2026-11-22T12:00:00Z');
  fault: (point: string) => void = () => undefined;

  /** One look of a worker, which may be another one each time. */
  async look(): Promise<void> {
    const clock = timeless(() => this.time);
    const limits = { ...defaultLimits, batchBundles: 2 };
    const ports = {
      ...{ catalogs: new Map([['toys', this.#catalog]]), store: this.store, limits, clock },
      putPointer: async () => {
        throw new TypeError('nobody is told of what does not count');
      },
      deadLetters: { put: async (letter: NewDeadLetter) => void this.letters.push(letter) },
      purgedUntil: async () => this.time,
      fault: (point: string) => this.fault(point),
      meter: new IngestMeter(clock.now),
    };
    const halts = { of: async () => this.halt };
    await new Restager({ catalog: this.#catalog, ports, halts, logger: noLogger, lookMillis: 1 }).look();
  }

  get #catalog() {
    return { name: 'toys', plugin: toy, repository: this.repository };
  }

  async progress() {
    const found = await this.restagings.progress(run);
    if (found === null) throw new Error('nothing is reported');
    return found;
  }

  /** Bundles of the batches that are reported. */
  async staged(): Promise<readonly string[]> {
    const manifests: Manifest[] = [];
    for (const batch of (await this.progress()).batches) {
      expect(runOfBatch(batch)).to.equal('abcdef');
      const bytes = await this.store.get(manifestKey('toys', batch));
      manifests.push(manifestSchema.parse(JSON.parse(Buffer.from(bytes ?? '').toString('utf8'))));
    }
    return manifests.flatMap(({ bundles }) =>
      bundles.map(({ action, source: { id }, uuid, version }) => `${action} ${id} ${uuid}.${version}`),
    );
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true });
  }
}

const added = ({ source: { id }, uuid, version }: BundleFqid): string => `add ${id} ${uuid}.${version}`;
const of = (other: SourceRef, n: number, version?: string): BundleFqid => ({ ...fqid(n, version), source: other });

describe('What a run wants of the repository', () => {
  let rig: Rig;
  beforeEach(() => {
    rig = new Rig();
  });
  afterEach(() => rig.dispose());

  it('is staged aside: the newest version of all that it lists', async () => {
    const bundles = [fqid(3), fqid(1), fqid(2, '1'), fqid(2, '3'), fqid(2, '2'), of(otherSource, 4)];
    rig.repository.have(...bundles);
    await rig.restagings.want(run, everything);
    await rig.look();
    const { phase, sources, kept, failures, problem } = await rig.progress();
    expect(await rig.staged()).to.deep.equal([fqid(1), fqid(2, '3'), fqid(3), of(otherSource, 4)].map(added));
    expect({ phase, kept, failures, problem }).to.deep.equal({
      phase: 'staged',
      kept: [],
      failures: {},
      problem: null,
    });
    expect(sources).to.deep.equal([
      { source: source.id, spec: source.spec, expected: 3, done: 3, failed: 0 },
      { source: otherSource.id, spec: otherSource.spec, expected: 1, done: 1, failed: 0 },
    ]);
    const { live, aside } = await new Standings(rig.store, 'toys').read();
    expect([live, aside.length]).to.deep.equal([[], 2]);
    expect(await rig.restagings.since(run)).to.equal(rig.time);
    rig.repository.fetched.splice(0);
    await rig.look();
    expect(rig.repository.fetched).to.deep.equal([]);
  });

  it('is of the sources and the bundles to which it is restricted', async () => {
    rig.repository.have(fqid(1), of(otherSource, 2), of(otherSource, 20));
    await rig.restagings.want(run, { source: 'oth*', prefix: '00000000' });
    await rig.look();
    expect(await rig.staged()).to.deep.equal([of(otherSource, 2), of(otherSource, 20)].map(added));
    expect(new Set(rig.repository.asked)).to.deep.equal(new Set([`${otherSource.id} 00000000`]));
  });

  it('is nothing of sources that have not changed', async () => {
    rig.repository.have(fqid(1), of(otherSource, 2));
    const whole = [
      { source: source.id, spec: source.spec },
      { source: otherSource.id, spec: 'other:/1' },
    ];
    await rig.restagings.want(run, { ...everything, whole });
    await rig.look();
    expect(await rig.staged()).to.deep.equal([added(of(otherSource, 2))]);
    expect((await rig.progress()).unchanged).to.deep.equal([source.id]);
    expect(new Set(rig.repository.asked)).to.deep.equal(new Set([`${otherSource.id} `]));
  });

  it('is gone on with where the last report says, whenever a worker dies', async () => {
    const bundles = Array.from({ length: 7 }, (_, i) => fqid(i));
    rig.repository.have(...bundles);
    await rig.restagings.want(run, everything);
    const since = rig.time;
    const died: string[] = [];
    const points = ['ingest.restaging-listed', 'ingest.manifest-written', 'ingest.restaged', 'ingest.fetched'];
    for (const point of points) {
      rig.time += 1000;
      rig.fault = (reached) => {
        if (reached !== point) return;
        died.push(point);
        throw new Died(point);
      };
      await rig.look();
    }
    rig.fault = () => undefined;
    await rig.look();
    expect(died).to.deep.equal(points);
    expect(await rig.staged()).to.deep.equal(bundles.map(added));
    expect((await rig.progress()).sources[0]).to.include({ expected: 7, done: 7, failed: 0 });
    expect(await rig.restagings.since(run)).to.equal(since + 1000);
    expect((await rig.progress()).phase).to.equal('staged');
  });

  it('tells what the repository reads meanwhile; what makes no sense is left out', async () => {
    rig.repository.have(fqid(1));
    await rig.restagings.want(run, everything);
    const reading = [{ source: source.id, table: 'things', rows: 3, done: 0, of: 2 }];
    rig.repository.reading = () => [{ source: '', table: '', rows: -0.5, done: 0, of: 0 }];
    await rig.look();
    expect(await rig.restagings.reading(run)).to.deep.equal([]);
    expect((await rig.progress()).phase).to.equal('staged');
    const other = `${run.slice(0, -1)}0`;
    await rig.restagings.want(other, everything);
    rig.repository.reading = () => reading;
    await rig.look();
    expect(await rig.restagings.reading(other)).to.deep.equal(reading);
    await rig.restagings.withdraw(other);
    expect(await rig.restagings.all()).to.deep.equal([run]);
  });

  it('leaves out a bad bundle, which is dead-lettered and told of', async () => {
    rig.repository.have(fqid(1), fqid(2), fqid(3));
    rig.repository.put(fqid(2), 'no JSON');
    await rig.restagings.want(run, everything);
    await rig.look();
    expect(await rig.staged()).to.deep.equal([fqid(1), fqid(3)].map(added));
    const { kept, failures, sources } = await rig.progress();
    expect(kept).to.deep.equal([{ source: source.id, uuid: fqid(2).uuid }]);
    expect(failures).to.deep.equal({ bundle_not_json: 1 });
    expect(sources[0]).to.include({ expected: 3, done: 3, failed: 1 });
    expect(rig.letters.map(({ kind, reason }) => `${kind} ${reason}`)).to.deep.equal(['notification bundle_not_json']);
  });

  it('stands still while the repository is down or ingest is paused, and says why', async () => {
    rig.repository.have(fqid(1), fqid(2));
    const down = new LazuliError('repository_unavailable', 'out of order');
    rig.repository.put(fqid(2), down);
    await rig.restagings.want(run, everything);
    await rig.look();
    expect((await rig.progress()).problem).to.equal('repository_unavailable: out of order');
    rig.repository.put(fqid(2), things);
    rig.halt = { code: 'halted', reason: 'an operator has paused it', since: 0 };
    await rig.look();
    expect((await rig.progress()).problem).to.equal('halted: an operator has paused it');
    rig.halt = null;
    await rig.look();
    expect((await rig.progress()).problem).to.equal(null);
    expect(await rig.staged()).to.deep.equal([fqid(1), fqid(2)].map(added));
    expect(rig.letters).to.deep.equal([]);
  });

  it('is left alone once the run does not want it any more', async () => {
    rig.repository.have(fqid(1), fqid(2));
    await rig.restagings.want(run, everything);
    await rig.restagings.withdraw(run);
    await rig.look();
    expect(await rig.restagings.all()).to.deep.equal([]);
    expect(rig.repository.fetched).to.deep.equal([]);
  });

  it('is listed in parts: those of the source, or of about 8,000 bundles', async () => {
    const partsOf = async (spec: string, prefix: string, bundles = 1) => {
      rig.repository.sources = [{ id: 's', spec }];
      rig.repository.listed = Array.from({ length: bundles }, (_, i) => of({ id: 's', spec }, i));
      const found: (readonly string[])[] = [];
      const restriction = { source: null, prefix };
      const { repository } = rig;
      for await (const { prefixes } of listedSources(repository, repository.sources, restriction, patient))
        found.push(prefixes);
      return found.flat();
    };
    const digits = [...'0123456789abcdef'];
    expect(await partsOf('x:', '')).to.deep.equal(['']);
    expect(await partsOf('x:', '', 8192)).to.deep.equal(['']);
    expect(await partsOf('x:', '', 8193)).to.deep.equal(digits);
    expect(await partsOf('x:', '0', 8193)).to.deep.equal(digits.map((digit) => `0${digit}`));
    expect(await partsOf('x:a/1', '')).to.deep.equal(digits.map((digit) => `a${digit}`));
    expect(await partsOf('x:a/1', 'a7f')).to.deep.equal(['a7f']);
    expect(await partsOf('x:/1', '7')).to.deep.equal(['7']);
    expect(await partsOf('x:a/1', 'b')).to.deep.equal([]);
    expect(await partsOf('no prefix', 'b')).to.deep.equal(['b']);
  });
});

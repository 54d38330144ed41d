import { expect } from 'chai';
import { systemClock } from '../../core/runtime/clock.ts';
import { Documents } from '../../transform/computing/documents.ts';
import { DocumentLetters } from '../../transform/emitting/document-letters.ts';
import { Outbox } from '../../transform/emitting/outbox.ts';
import { Rounds } from '../../transform/emitting/rounds.ts';
import { Generations } from '../../transform/generations/generations.ts';
import { SnapshotPublisher } from '../../transform/snapshots/publisher.ts';
import { Commits } from '../../transform/store/commits.ts';
import { zoo } from '../rigs/models/zoo.ts';
import { add, remove } from '../rigs/transform/cages.ts';
import { openTestCatalog, type TestCatalog } from '../rigs/transform/computed.ts';

const mebibyte = 2 ** 20;
const sizes = { documentBytes: 32 * mebibyte, bulkBytes: 8 * mebibyte };

/** Of which the statements fail where they compute one of some cages. */
class Faulty extends Documents {
  readonly #catalog: TestCatalog;
  readonly #fails: string;
  readonly #onCompute: () => void;
  constructor(catalog: TestCatalog, fails: string, onCompute = () => {}) {
    super(catalog.store, zoo, sizes);
    this.#catalog = catalog;
    this.#fails = fails;
    this.#onCompute = onCompute;
  }
  override async compute(): Promise<void> {
    this.#onCompute();
    await this.#catalog.store.run(
      `CREATE OR REPLACE TEMP TABLE tried AS SELECT error('a fault of ' || entity_id) FROM wanted WHERE ${this.#fails}`,
    );
    await super.compute();
  }
}

/** What writes what waits, to nowhere. @param evenResting whether costly documents are written that rest from the last time */
function roundsOf({ context: given }: TestCatalog, documents: Documents, evenResting = true, clock = systemClock) {
  const context = { ...given, clock };
  const outbox = new Outbox(context.store, clock);
  const [commits, generations] = [new Commits(context.store), new Generations(context)];
  const rounds = new Rounds(
    context,
    commits,
    generations,
    documents,
    new SnapshotPublisher(context),
    outbox,
    new DocumentLetters(context),
  );
  return { outbox, next: () => rounds.next([], evenResting) };
}

/** Writes what waits, to nowhere, until nothing waits. @returns what was written at a time */
async function writeAll(catalog: TestCatalog, documents: Documents): Promise<readonly number[]> {
  await documents.prepare();
  const { next } = roundsOf(catalog, documents);
  const written: number[] = [];
  for (let round = await next(); round.taken > 0; round = await next()) written.push(round.taken);
  return written;
}

const cage = (id: string, name = 'Ada') =>
  add({ uuid: id, version: '1', cages: { [id]: [{ id: `animal of ${id}`, values: { name } }] } });
const cages = (count: number) => Array.from({ length: count }, (_, i) => cage(`cage ${String(i).padStart(3, '0')}`));

async function lettersOf({ deadLetters }: TestCatalog) {
  const { letters } = await deadLetters.list({ limit: 100 });
  return letters.map(({ kind, reason, place, message }) => ({ kind, reason, place, message }));
}

const waiting = ({ store }: TestCatalog) => store.number('SELECT count(*) FROM outbox');

describe('A document that can not be computed', () => {
  let catalog: TestCatalog;
  afterEach(() => catalog.close());

  it('for want of memory is found by halves and goes to the dead letters, and its neighbours are written', async function () {
    this.timeout(60_000);
    catalog = await openTestCatalog(zoo, { memoryBytes: 160 * mebibyte, threads: 1 });
    await catalog.add([...cages(20), cage('too large', 'x'.repeat(60 * mebibyte))]);
    const written = await writeAll(catalog, new Documents(catalog.store, zoo, sizes));
    expect(written.reduce((sum, count) => sum + count)).to.equal(21);
    const [letter, ...others] = await lettersOf(catalog);
    expect(others).to.deep.equal([]);
    const place = { entity: 'cages/too large', bundle: 'too large.1' };
    expect(letter).to.deep.include({ kind: 'document', reason: 'document_too_large', place });
    expect(letter?.message).to.contain('limits.storeMemoryBytes');
    expect(await waiting(catalog)).to.equal(0);
  });

  it('as its statement fails is found by halves, wherever and however many there are', async () => {
    catalog = await openTestCatalog(zoo);
    await catalog.add(cages(100));
    const bad = ['cage 000', 'cage 050', 'cage 051', 'cage 099'];
    const documents = new Faulty(catalog, `entity_id IN (${bad.map((id) => `'${id}'`).join(', ')})`);
    const written = await writeAll(catalog, documents);
    expect(written.reduce((sum, count) => sum + count)).to.equal(100);
    const letters = await lettersOf(catalog);
    expect(letters.map(({ place }) => place.entity).sort()).to.deep.equal(bad.map((id) => `cages/${id}`));
    for (const { reason, place, message } of letters) {
      expect(reason).to.equal('document_faulty');
      expect(message).to.contain(`a fault of ${place.entity?.slice('cages/'.length)}`);
    }
  });

  for (const [when, computes] of [
    ['as it fails for the last time', 2],
    ['as another is tried in its place', 3],
  ] as const)
    it(`is not taken for one whose rest ends ${when}, and which went before it then`, async () => {
      catalog = await openTestCatalog(zoo);
      await catalog.add([cage('neighbour')]);
      await writeAll(catalog, new Documents(catalog.store, zoo, sizes));
      await catalog.add([cage('rested')]);
      await catalog.add([cage('faulty')]);
      let [now, tries] = [0, 0];
      const documents = new Faulty(catalog, "entity_id = 'faulty'", () => {
        if (++tries === computes) now = 1_000_000;
      });
      await documents.prepare();
      const { outbox, next } = roundsOf(catalog, documents, false, { ...systemClock, now: () => now });
      const [rested] = await catalog.store.rows("SELECT entity_type FROM outbox WHERE entity_id = 'rested'");
      outbox.rest([`${rested?.entity_type}/rested`], 1000);
      expect((await next()).taken).to.equal(1);
      expect((await lettersOf(catalog)).map(({ place }) => place.entity)).to.deep.equal(['cages/faulty']);
      expect(await catalog.store.rows('SELECT entity_id FROM outbox')).to.deep.equal([{ entity_id: 'rested' }]);
      expect([(await next()).taken, await waiting(catalog), tries]).to.deep.equal([1, 0, 5]);
    });

  it('is no fault of its own where others of its type fail as well: nothing is dead-lettered, and all of them wait', async () => {
    catalog = await openTestCatalog(zoo);
    await catalog.add(cages(20));
    const error = await writeAll(catalog, new Faulty(catalog, 'true')).catch((thrown: Error) => thrown);
    expect(String(error)).to.contain('a fault of cage');
    expect(await lettersOf(catalog)).to.deep.equal([]);
    expect(await waiting(catalog)).to.equal(20);
    await writeAll(catalog, new Documents(catalog.store, zoo, sizes));
    expect(await waiting(catalog)).to.equal(0);
  });

  it('is no fault of its own where what failed was mended before others were tried', async () => {
    catalog = await openTestCatalog(zoo);
    await catalog.add(cages(2));
    let tries = 0;
    const documents = new Faulty(catalog, "getvariable('broken')", () => tries++);
    const compute = documents.compute.bind(documents);
    documents.compute = async () => {
      await catalog.store.run(`SET VARIABLE broken = ${tries < 3}`);
      await compute();
    };
    const error = await writeAll(catalog, documents).catch((thrown: Error) => thrown);
    expect(String(error)).to.contain('a fault of cage');
    expect([await lettersOf(catalog), await waiting(catalog), tries]).to.deep.equal([[], 2, 5]);
    await writeAll(catalog, documents);
    expect(await waiting(catalog)).to.equal(0);
  });

  it('is no fault of its own where nothing but documents that have vanished can be computed', async () => {
    catalog = await openTestCatalog(zoo);
    await catalog.add(cages(12));
    await catalog.add(
      cages(12)
        .slice(3)
        .map(({ fqid: { uuid, version } }) => remove({ uuid, version })),
    );
    const error = await writeAll(catalog, new Faulty(catalog, "entity_id < 'cage 003'")).catch(
      (thrown: Error) => thrown,
    );
    expect(String(error)).to.contain('a fault of cage 00');
    expect(await lettersOf(catalog)).to.deep.equal([]);
    await writeAll(catalog, new Documents(catalog.store, zoo, sizes));
    expect(await waiting(catalog)).to.equal(0);
  });
});

import { expect } from 'chai';
import { redrive } from '../../cli/pipeline/redrive.ts';
import { differences, none } from './indexed.ts';
import { Pipeline } from './pipeline.ts';
import type { SearchFault } from './search-proxy.ts';
import { partsOf } from './world.ts';

const odd = (_: string, position: number) => position % 2 === 1;
const failItems = (status: number, type: string): SearchFault => ({ kind: 'fail-items', status, type, fails: odd });

/** What OpenSearch does to bulk requests, a few times. */
const faults: readonly (readonly [name: string, fault: SearchFault])[] = [
  ['is slow', { kind: 'delay', millis: 300 }],
  ['answers 429', { kind: 'answer', status: 429 }],
  ['answers 503', { kind: 'answer', status: 503 }],
  ['answers 200 with items that failed with 429', failItems(429, 'rejected_execution_exception')],
  ['answers 200 with items that failed with 503', failItems(503, 'unavailable_shards_exception')],
  ['cuts the connection before a write is applied', { kind: 'cut', when: 'before' }],
  ['cuts the connection after a write was applied', { kind: 'cut', when: 'after' }],
];

describe('The index equals that of a clean run when OpenSearch', function () {
  // The first one waits for engines to start and for the clean run, too.
  this.timeout(180_000);

  for (const [name, fault] of faults) {
    it(`${name} while it takes a rebuild and what comes after`, async () => {
      await using pipeline = await Pipeline.open();
      const [before = [], after = []] = partsOf(pipeline.world.notifications, 2);
      const rebuilding = pipeline.search.add({ path: '/_bulk', fault, times: 3 });
      await pipeline.startIngest();
      await pipeline.notify(before);
      await pipeline.startTransform();
      await pipeline.settled();
      expect(rebuilding(), 'faults met by the rebuild').to.be.at.least(1);
      pipeline.search.clear();
      const updating = pipeline.search.add({ path: '/_bulk', fault, times: 3 });
      await pipeline.notify(after);
      await pipeline.expectClean();
      expect(updating(), 'faults met by updates').to.be.at.least(1);
    });
  }

  for (const when of ['before', 'after'] as const) {
    it(`cuts the connection ${when} indices are created, refreshed and swapped`, async () => {
      await using pipeline = await Pipeline.open();
      await pipeline.startIngest();
      await pipeline.notify();
      const fault: SearchFault = { kind: 'cut', when };
      const paths = [`/lazuli_${pipeline.settings.deployment}_hca_projects_g`, '/_aliases'];
      const applied = paths.map((path) => pipeline.search.add({ path, fault, times: 2 }));
      await pipeline.startTransform();
      await pipeline.expectClean();
      // A swap that was applied is seen to be, and not done again.
      expect(applied.map((count) => count())).to.deep.equal([2, when === 'before' ? 2 : 1]);
    });
  }
});

describe('A document that OpenSearch rejects', function () {
  this.timeout(180_000);

  it('is dead-lettered alone, and indexed once it is redriven', async () => {
    await using pipeline = await Pipeline.open();
    const expected = await pipeline.world.expected();
    const victim = [...expected.keys()].find((key) => key.startsWith('samples/')) ?? '';
    const fails = (id: string) => victim === `samples/${id}`;
    const fault: SearchFault = { kind: 'fail-items', status: 400, type: 'mapper_parsing_exception', fails };
    pipeline.search.add({ path: '/_bulk', fault });
    await pipeline.start();
    await pipeline.notify();
    await pipeline.settled();
    const [letter, ...others] = await pipeline.letters();
    expect(others.map(({ message }) => message)).to.deep.equal([]);
    expect(letter).to.include({ catalog: 'hca', stage: 'transform', kind: 'document', reason: 'document_rejected' });
    const { entity, bundle, ...beside } = { ...letter?.place };
    expect([entity, beside]).to.deep.equal([victim, {}]);
    const notified = pipeline.world.notifications.map(({ fqid: { uuid, version } }) => `${uuid}.${version}`);
    expect(notified).to.include(bundle);
    const rest = new Map([...expected].filter(([key]) => key !== victim));
    expect(differences(await pipeline.documents(), rest)).to.deep.equal(none);
    pipeline.search.clear();
    if (letter === undefined) return;
    await redrive(pipeline.reachable, letter);
    await pipeline.deadLetters.delete(letter.key);
    await pipeline.expectClean();
  });
});

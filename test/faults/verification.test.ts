import { expect } from 'chai';
import type { DocumentsCheck, Verification } from '../../core/control/verification.ts';
import { hca } from '../../plugins/metadata/hca/plugin.ts';
import { Store } from '../../transform/store/store.ts';
import { mutate } from '../rigs/transform/mutation.ts';
import { until } from '../rigs/until.ts';
import { ask } from './indexed.ts';
import { Pipeline } from './pipeline.ts';
import type { Sent } from './search-proxy.ts';
import { partsOf } from './world.ts';

const limits = { bucketLinks: 32 };

/** Part of a world is indexed. */
async function begun(parts = 1) {
  const pipeline = await Pipeline.open({ limits });
  const [before = [], after = []] = partsOf(pipeline.world.notifications, parts);
  await pipeline.start();
  await pipeline.notify(before);
  await pipeline.settled();
  return { pipeline, after };
}

const verify = async (pipeline: Pipeline): Promise<Verification> =>
  (await ask(pipeline.url('transform'), 'POST', '/verify', { catalog: 'hca' })) as Verification;

/** Something is done to the first document of which that is possible, and to no other. */
function once(wanted: (sent: Sent) => boolean, alter: (source: Sent['source']) => Sent['source'] | null) {
  let done = 0;
  return {
    done: () => done,
    fault: {
      kind: 'alter',
      alter: (sent: Sent) => (done === 0 && wanted(sent) && ++done > 0 ? alter(sent.source) : sent.source),
    },
  } as const;
}

const isProject = ({ index }: Sent) => index.includes('_projects_');

describe('A generation does not serve', function () {
  this.timeout(180_000);

  const mistakes = {
    'that has lost a whole part': once(
      () => true,
      () => null,
    ),
    // Hashes of two contents have nothing in common; sums tell them apart but for their last digits.
    'with a document that is out of date': once(isProject, (source) => ({
      ...source,
      _hash: Math.floor(Number(source._hash) / 2),
    })),
    'with a field that is another one': once(isProject, (source) => ({ ...source, entity_id: 'another' })),
  };
  for (const [mistake, { done, fault }] of Object.entries(mistakes)) {
    it(mistake, async () => {
      const { pipeline } = await begun();
      await using _ = pipeline;
      const whole = fault === mistakes['that has lost a whole part'].fault;
      pipeline.search.add({
        path: '/_bulk',
        ...(whole ? { times: 1, fault: { kind: 'alter', alter: () => null } } : { fault }),
      });
      await pipeline.reindex();
      expect(await pipeline.failure()).to.match(/Generation 2 is not what the store says/);
      if (!whole) expect(done()).to.equal(1);
      pipeline.search.clear();
      await pipeline.generation(1);
      await pipeline.reindex();
      await pipeline.generation(3);
      await pipeline.expectClean();
    });
  }

  it('with documents that a statement computed wrongly', async () => {
    const { pipeline } = await begun();
    await using _ = pipeline;
    const sum = 'sum(CASE WHEN d.k IS NULL THEN d.total ELSE d.least END)';
    {
      using _wrong = mutate(Store.prototype, { from: sum, to: `1 + ${sum}` });
      await pipeline.reindex();
      expect(await pipeline.failure()).to.match(
        /Generation 2 is not what the store says: [a-z_]+\/\S+, [a-z0-9_.]+: \d+ in the index, \d+ computed again/,
      );
    }
    await pipeline.generation(1);
    await pipeline.expectClean();
  });

  it('whose snapshot would lack documents', async () => {
    const { pipeline } = await begun();
    await using _ = pipeline;
    const written = 'AND body IS NOT NULL AND bytes <=';
    {
      using lossy = mutate(Store.prototype, { from: written, to: `AND hash % 2 = 0 ${written}` });
      await pipeline.reindex();
      expect(await pipeline.failure()).to.match(
        /Generation 2 is not what the store says: of source \S+ its snapshot has other files/,
      );
      expect(lossy.statements).to.be.greaterThan(0);
    }
    await pipeline.generation(1);
    await pipeline.reindex();
    await pipeline.generation(3);
    const { snapshot } = await verify(pipeline);
    expect(snapshot).to.deep.equal({ files: [], differences: [] });
  });

  it('with a mapping that is another one', async () => {
    const { pipeline } = await begun();
    await using _ = pipeline;
    const writing = pipeline.search.add({ path: '/_bulk', fault: { kind: 'delay', millis: 300 } });
    await pipeline.reindex();
    await until(() => writing() > 0);
    const index = `lazuli_${pipeline.settings.deployment}_hca_files_g2`;
    await ask(pipeline.opensearch, 'PUT', `/${index}/_mapping`, { properties: { more: { type: 'long' } } });
    pipeline.search.clear();
    expect(await pipeline.failure()).to.match(/the mapping is another one: files: properties\.more\.type/);
    await pipeline.generation(1);
  });

  it('that has lost a tombstone', async () => {
    const { pipeline, after } = await begun(2);
    await using _ = pipeline;
    await pipeline.stop('transform');
    const worker = await pipeline.spawn('transform');
    await pipeline.settled();
    await worker.arm({ point: 'transform.rebuilt', hit: 1 });
    await pipeline.reindex();
    await worker.died();
    let lost = 0;
    const alter = ({ index, source }: Sent) => {
      if (source._deleted !== true || !index.includes('_g2')) return source;
      lost++;
      return null;
    };
    pipeline.search.add({ path: '/_bulk', fault: { kind: 'alter', alter } });
    await pipeline.notify(after);
    await pipeline.ingested();
    await pipeline.startTransform();
    expect(await pipeline.failure()).to.match(/Generation 2 is not what the store says/);
    expect(lost).to.be.greaterThan(0);
    await pipeline.expectClean();
  });
});

describe('Verifying the generation that serves', function () {
  this.timeout(180_000);

  it('finds nothing where all is well', async () => {
    const { pipeline } = await begun();
    await using _ = pipeline;
    const { documents, recomputed, largest, ...rest } = await verify(pipeline);
    const snapshot = { files: [], differences: [] };
    expect(rest).to.deep.equal({ generation: 1, differences: [], others: [], mappings: [], snapshot, dead: 0 });
    expect(documents).to.be.at.least((await pipeline.documents()).size);
    expect(recomputed).to.be.greaterThan(5);
    const types = new Set(largest.map(({ document }) => document.split('/')[0]));
    expect([...types].sort()).to.deep.equal(Object.keys(hca.entityTypes).sort());
    expect(largest.map(({ by }) => by)).to.deep.equal(largest.map(() => 'reference'));
  });

  it('document by document finds those that were changed by hand, whose hash was kept, and those that are gone', async () => {
    const { pipeline } = await begun();
    await using _ = pipeline;
    const check = async (after: object | null = null) =>
      (await ask(pipeline.url('transform'), 'POST', '/verify/documents', { catalog: 'hca', after })) as DocumentsCheck;
    const documents = await pipeline.documents();
    const clean = { generation: 1, expected: documents.size, checked: documents.size, next: null, others: [] };
    expect(await check()).to.deep.equal(clean);
    const [changed = '', gone = ''] = [...documents.keys()].filter((key) => key.startsWith('files/'));
    const placeOf = (key: string) => `/lazuli_${pipeline.settings.deployment}_hca_files_g1/_doc/${key.split('/')[1]}`;
    const altered = { ...documents.get(changed), num_contributions: 99 };
    await ask(pipeline.opensearch, 'PUT', placeOf(changed), altered);
    await ask(pipeline.opensearch, 'DELETE', placeOf(gone));
    const { others, ...rest } = await check();
    expect(rest).to.deep.include({ checked: documents.size, next: null });
    expect(others.map(({ document, path }) => [document, path])).to.have.deep.members([
      [changed, 'num_contributions'],
      [gone, ''],
    ]);
    const later = await check({ entityType: 'files', entityId: changed.split('/')[1] });
    expect(later.others.map(({ document }) => document)).to.not.include(changed);
    const recomputing = { catalog: 'hca', source: '*' };
    await ask(pipeline.url('transform'), 'POST', '/runs/start', recomputing);
    await until(async () => (await check()).others.length === 0);
    expect(await check()).to.deep.equal(clean);
  });

  it('names entity type, source and range of ids where a document is missing', async () => {
    const { pipeline } = await begun();
    await using _ = pipeline;
    const ofOneSource = [...(await pipeline.documents())].filter(
      ([, { sources }]) => (sources as unknown[]).length === 1,
    );
    const [key = ''] = ofOneSource.map(([one]) => one).filter((one) => one.startsWith('files/'));
    const id = key.slice('files/'.length);
    const index = `lazuli_${pipeline.settings.deployment}_hca_files_g1`;
    await ask(pipeline.opensearch, 'DELETE', `/${index}/_doc/${id}?refresh=true`);
    const { differences } = await verify(pipeline);
    expect(differences).to.have.length(1);
    const [{ entityType, from, store, index: indexed }] = differences as [Verification['differences'][0]];
    expect([entityType, store.documents - indexed.documents]).to.deep.equal(['files', 1]);
    expect(id >= from).to.equal(true);
  });

  it('leaves out what is with the dead letters', async () => {
    const { pipeline, after } = await begun(2);
    await using _ = pipeline;
    const fails = (_id: string, position: number) => position === 0;
    const fault = { kind: 'fail-items', status: 400, type: 'mapper_parsing_exception', fails } as const;
    pipeline.search.add({ path: '/_bulk', times: 1, fault });
    await pipeline.notify(after);
    await until(async () => (await pipeline.letters()).length > 0);
    await pipeline.settled();
    const { differences, others, dead } = await verify(pipeline);
    expect({ differences, others, dead }).to.deep.equal({ differences: [], others: [], dead: 1 });
  });
});

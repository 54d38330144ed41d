import { expect } from 'chai';
import type { Document, Json } from '../../core/model/metadata.ts';
import { readBatch, type StagedNotification } from '../../ingest/outdated/read.ts';
import { reassemble } from '../../ingest/verbatim/reassemble.ts';
import { firstMismatch } from '../../transform/reference/mismatch.ts';
import { reducedDocuments } from '../../transform/reference/reduced.ts';
import { zoo } from '../rigs/models/zoo.ts';
import { oddTexts } from '../rigs/texts.ts';
import { openTestCatalog, type TestCatalog, testCatalog } from '../rigs/transform/computed.ts';
import { testSource } from '../rigs/transform/staging.ts';

const fqid = { source: testSource, uuid: 'bundle-a', version: '1' };
const animal = (name: string) => {
  const texts = { name, mood: name, role: name, surroundings: name, field: name, foods: [name], element: [name] };
  const numbers = { legs: 4, tame: true, food_grams: 1, rank: 1, speed: 1, grp: 1, ranges: [1, 2] };
  const passport = { number: name, [name.replaceAll('\\', '/')]: name };
  return { ...texts, ...numbers, sightings: {}, tags: [{ label: name }], passport, secret: name };
};
/** Of each text an animal that has it as its name and everywhere else, and as its id. */
const contents = {
  rows: oddTexts.map((text) => ({ table: 'animals', id: text, values: animal(text) })),
  entities: oddTexts.map((text, row) => ({ type: 'animals', id: text, roles: { animals: [row], everyone: [row] } })),
};

describe('Odd texts', () => {
  let catalog: TestCatalog;
  let batch: string;
  before(async () => {
    catalog = await openTestCatalog(zoo);
    batch = await catalog.stage([{ action: 'add', fqid, contents: contents as unknown as Json }]);
    await catalog.load([batch]);
  });
  after(() => catalog?.close());

  it('are in documents as they were in the bundle, and documents have them as ids', async () => {
    const documents = await catalog.documents();
    const told = [...documents].map(
      ([
        key,
        {
          entity_id,
          contents: { animals },
        },
      ]: [string, Document]) => [
        key,
        { entity_id, name: animals?.[0]?.name, foods: animals?.[0]?.foods, tags: animals?.[0]?.tags },
      ],
    );
    expect(Object.fromEntries(told)).to.deep.equal(
      Object.fromEntries(
        oddTexts.map((text) => [
          `animals/${text}`,
          { entity_id: text, name: text, foods: [text], tags: [{ label: text }] },
        ]),
      ),
    );
  });

  it('are the same to the reducer, which verification asks', async () => {
    const sources = await catalog.sources();
    const entities = oddTexts.map((id) => ({ type: 'animals', id }));
    const reduced = await reducedDocuments(catalog.store, zoo, entities);
    for (const [i, { id }] of entities.entries()) {
      const found = firstMismatch(sources.get(`animals/${id}`) ?? null, reduced[i] ?? null);
      expect(found, JSON.stringify(id)).to.equal(null);
    }
  });

  it('come back from staged batches as ids of sources, versions and attributes', async () => {
    const attributes = Object.fromEntries(oddTexts.map((text) => [text.replaceAll('\\', '/'), text]));
    const notifications = oddTexts.map((text) => ({
      action: 'add' as const,
      fqid: { source: { id: text, spec: text }, uuid: 'bundle-b', version: text },
      contents: { rows: [], entities: [] },
      attributes,
    }));
    const id = await catalog.stage(notifications);
    const bytes = await catalog.objects.get(`${testCatalog}/manifests/${id}.json`);
    const manifest = JSON.parse(Buffer.from(bytes ?? '').toString());
    const staged: StagedNotification[] = [];
    for await (const one of readBatch(manifest, catalog.objects)) staged.push(one);
    const byVersion = new Map(staged.map((one) => [one.fqid.version, one]));
    for (const notification of notifications) {
      const found = byVersion.get(notification.fqid.version);
      expect([found?.fqid, found?.attributes]).to.deep.equal([notification.fqid, attributes]);
    }
  });

  it('make a bundle together again, where they are names of members, too', () => {
    for (const text of oddTexts) {
      const pointer = `/metadata/${text.replaceAll('~', '~0').replaceAll('/', '~1')}`;
      const whole = reassemble([{ pointer, contents: JSON.stringify({ text }) }]);
      expect(JSON.stringify(whole)).to.equal(JSON.stringify({ metadata: { [text]: { text } } }));
    }
  });
});

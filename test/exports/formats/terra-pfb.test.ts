import { readdirSync } from 'node:fs';
import { expect } from 'chai';
import fc from 'fast-check';
import { writeTerraPfb } from '../../../exports/formats/pfb/terra.ts';
import { numRuns, seed } from '../../rigs/property.ts';
import { readPfb } from './pfb-reader.ts';
import { baseUrl, type Indexed, moment, openRig } from './rig.ts';
import { anyThings, thing, things } from './things.ts';

async function written(documents: readonly Indexed[], remembered?: number) {
  await using rig = await openRig(things, 'files', documents);
  const selection = await rig.select('true');
  const file = `${selection.temporary}/out.avro`;
  const signal = new AbortController().signal;
  const job = { selection, file, key: 'k', baseUrl, catalog: 'hca', moment, signal, onProgress: () => {} };
  const { rows } = await writeTerraPfb(job, remembered);
  return { rows, left: readdirSync(selection.temporary), ...(await readPfb(file)) };
}

describe('A selection as PFB for Terra', function () {
  this.timeout(60_000);

  it('has the entities of a document, then its files, with a value for every column', async () => {
    const boxes = [
      {
        document_id: ['b2', 'b1'],
        label: ['x', null],
        open: [true],
        weight: 3,
        age: ['38 year', '7', null],
        span: [{ gte: 1, lte: 2 }, { lte: 3 }, null],
      },
      { document_id: ['b3'] },
      { document_id: [null], label: ['has no id'] },
    ];
    const others = [{ document_id: 'o', name: 'o.txt', uuid: 'uo' }];
    const { entities, metadata, rows } = await written([thing({ document_id: 'f', uuid: 'uf', others }, { boxes })]);
    const ids = entities.map(({ id }) => String(id).replace(/[0-9a-f-]{36}/, 'UUID'));
    expect(ids).to.deep.equal(['boxes.UUID.2', 'boxes.UUID.1', 'files.UUID.1', 'files.UUID.1']);
    expect(entities.map(({ object }) => object)).to.deep.equal([
      {
        document_id: ['b2', 'b1'],
        label: ['x', null],
        open: [true],
        weight: 3,
        age: [{ value: '38', unit: 'year' }, { value: '7', unit: null }, null],
        span: [
          [1, 2],
          [Number.NEGATIVE_INFINITY, 3],
        ],
      },
      { document_id: ['b3'], label: [null], open: [null], weight: null, age: [null], span: [] },
      { document_id: 'f', name: 'a.txt', size: 1, shape: 0.5, open: true, uuid: 'uf' },
      { document_id: 'o', name: 'o.txt', size: null, shape: null, open: null, uuid: 'uo' },
    ]);
    const boxIds = entities.slice(0, 2).map(({ id }) => id);
    expect(entities[2]?.relations.map(({ dst_id }) => dst_id)).to.have.members(boxIds);
    expect(entities[3]?.relations).to.deep.equal(entities[2]?.relations);
    expect(
      (metadata.object.nodes as { name: string; links: unknown[] }[]).map(({ name, links }) => [name, links.length]),
    ).to.deep.equal([
      ['boxes', 1],
      ['files', 0],
    ]);
    expect(rows).to.equal(4);
  });

  it('has the largest whole numbers as they are', async () => {
    const size = Number.MAX_SAFE_INTEGER;
    const { entities } = await written([thing({ document_id: 'f', size })]);
    expect(entities[0]?.object.size).to.equal(size);
  });

  it('has only metadata where nothing is selected', async () => {
    const { entities, metadata } = await written([]);
    expect(entities).to.deep.equal([]);
    expect(metadata.name).to.equal('Metadata');
  });

  it('has each entity once, before what refers to it, however many fit into memory', async () => {
    const check = fc.asyncProperty(anyThings(6), fc.nat({ max: 4 }), async (documents, remembered) => {
      const { entities, rows, left } = await written(documents, remembered);
      const all = await written(documents);
      const ids = entities.map(({ id }) => id);
      expect(new Set(ids).size).to.equal(ids.length);
      expect(rows).to.equal(ids.length);
      expect(left).to.deep.equal(['out.avro']);
      expect(ids).to.have.members(all.entities.map(({ id }) => id));
      const seen = new Set<unknown>();
      for (const { id, relations } of entities) {
        for (const { dst_id } of relations) expect(seen.has(dst_id), `${id} refers to ${dst_id}`).to.equal(true);
        seen.add(id);
      }
    });
    await fc.assert(check, { numRuns: numRuns(200), seed: seed() });
  });
});

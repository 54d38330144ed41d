import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Bundle, type Document, LazuliError } from 'lazuli/plugin';
import concerto from './bundles/concerto.json' with { type: 'json' };
import { model } from './plugin.ts';

const source = { id: 'archive', spec: 'https://archive.example/v1:/0' };
/** A sample bundle as Lazuli hands it over. */
const sample: Bundle = { fqid: { source, uuid: 'concerto', version: '1' }, contents: concerto, repository: {} };

test('an album has its artists and tracks, and is a document of its own', () => {
  const { rows, sets, entities } = model.normalize(sample);
  const album = entities.find(({ type, id }) => type === 'albums' && id === 'concerto');
  const idsOf = (role: string) => sets[(album?.sets[role] ?? 0) - 1]?.map((row) => rows[row]?.id);
  assert.deepEqual(idsOf('artists'), ['glenn', 'orchestra']);
  assert.deepEqual(idsOf('tracks'), ['t4']);
});

test('a bundle that names an artist whom it does not have is refused, with its place', () => {
  const dangling = { ...sample, contents: { ...concerto, ensembles: [] } };
  assert.throws(
    () => model.normalize(dangling),
    (error) => {
      assert(error instanceof LazuliError);
      assert.deepEqual(error.place, { entity: 'tracks/t4', field: 'artists' });
      return error.code === 'bundle_invalid';
    },
  );
});

test('a hit of an album has its playing time', () => {
  const document: Document = {
    entity_id: 'concerto',
    contents: { tracks: [] },
    sources: [],
    bundles: [],
    num_contributions: 1,
    total_seconds: 900,
  };
  const context = {
    entityType: 'albums',
    catalog: 'c',
    baseUrl: 'http://localhost',
    accessibleSources: 'all',
  } as const;
  assert.deepEqual(model.present(document, context), {
    entryId: 'concerto',
    url: 'http://localhost/index/albums/concerto',
    tracks: [],
    totalSeconds: 900,
  });
});

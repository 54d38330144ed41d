import { expect } from 'chai';
import { LazuliError } from '../../core/config/errors.ts';
import type { MetadataPlugin } from '../../core/model/metadata.ts';
import type { NormalizedBundle } from '../../core/model/normalized.ts';
import { Batch } from '../../ingest/batch.ts';
import { fqid, toy } from '../rigs/models/toy.ts';

const thing = { table: 'things', id: 't', values: { name: 'a' } };
const other = { table: 'others', id: 'o', values: { name: 'b' } };
const file = { type: 'files', id: 'f', sets: {} };

function add(normalized: Partial<NormalizedBundle>, plugin: MetadataPlugin = toy): Batch {
  const batch = new Batch(plugin);
  const all = { rows: [thing, other], sets: [[0], [1]], entities: [], ...normalized };
  batch.add({ action: 'add', fqid: fqid(1), number: 0, contentHash: '', attributes: {}, normalized: all, bytes: 0 });
  return batch;
}

describe('What a plug-in makes of a bundle', () => {
  it('is staged where it is as declared', () => {
    expect(add({ entities: [{ ...file, sets: { things: 1, others: 2 } }] }).rows).to.equal(6);
    expect(add({ entities: [{ ...file, sets: { things: 0 } }] }).rows).to.equal(6);
  });

  it('has ids that the API takes, where the plug-in says what they look like', () => {
    const files = { roles: {}, ...toy.entityTypes.files, computed: {} };
    const plugin = { ...toy, entityTypes: { files: { ...files, id: '[a-f]|x' } } };
    expect(add({ entities: [file, { ...file, id: 'x' }] }, plugin).rows).to.equal(7);
    for (const id of ['', 'g', 'ff', 'xa', 'f\n']) {
      expect(() => add({ entities: [{ ...file, id }] }, plugin))
        .to.throw(LazuliError, 'is no id of files')
        .that.includes({
          code: 'bundle_invalid',
          remedy: 'Give it an id that matches ^(?:[a-f]|x)$ in its repository, then redrive.',
        })
        .with.nested.property('place.entity', `files/${id}`);
    }
  });

  const cases: Readonly<Record<string, [Partial<NormalizedBundle>, RegExp, string]>> = {
    'rows of an undeclared table': [{ rows: [{ ...thing, table: 'moons' }], sets: [] }, /no table 'moons'/, 'moons'],
    'rows of a table called like a member of every object': [
      { rows: [{ ...thing, table: 'constructor' }], sets: [] },
      /no table 'constructor'/,
      'constructor',
    ],
    'an undeclared entity type': [{ entities: [{ ...file, type: 'moons' }] }, /no entity type 'moons'/, 'moons/f'],
    'an entity type called like a member of every object': [
      { entities: [{ ...file, type: 'toString' }] },
      /no entity type 'toString'/,
      'toString/f',
    ],
    'a role that the entity type does not have': [
      { entities: [{ ...file, sets: { moons: 1 } }] },
      /no role 'moons'/,
      'files/f',
    ],
    'rows of another table under a role': [
      { entities: [{ ...file, sets: { things: 2 } }] },
      /Role things has rows of table 'others'/,
      'files/f',
    ],
    'an entity twice': [{ entities: [file, file] }, /there twice/, 'files/f'],
    'a set that is not there': [{ entities: [{ ...file, sets: { things: 3 } }] }, /has set 3 of 2/, 'files/f'],
    'a row that is not there': [{ sets: [[2]] }, /Set 1 has row 2 of 2/, ''],
    'a row twice in a set': [{ sets: [[0, 0]] }, /rows must ascend/, ''],
  };
  for (const [what, [normalized, message, entity]] of Object.entries(cases)) {
    it(`is refused with ${what}, and the plug-in is told to be at fault`, () => {
      const refused = () => add(normalized);
      expect(refused).to.throw(LazuliError, message).with.property('code', 'plugin_faulty');
      expect(refused)
        .to.throw()
        .with.nested.property('remedy')
        .that.matches(/plug-in/);
      if (entity !== '') expect(refused).to.throw().with.nested.property('place.entity', entity);
    });
  }
});

import { expect } from 'chai';
import { LazuliError } from '../../config/errors.ts';
import { checkDeclarations } from '../../plugins/declarations.ts';
import type { MetadataPlugin } from '../../plugins/metadata.ts';
import { metadataPlugin, repositoryPlugin } from '../../plugins/registry.ts';
import { zoo } from '../transform/zoo.ts';

describe('declarations of a metadata plug-in', () => {
  it('are accepted where they are consistent', () => {
    expect(() => checkDeclarations(zoo)).not.to.throw();
  });

  const cases: Readonly<Record<string, [Partial<MetadataPlugin>, RegExp]>> = {
    'a reserved table': [{ tables: { ...zoo.tables, members: { columns: {} } } }, /table can't be called 'members'/],
    'a reserved column': [
      { tables: { ...zoo.tables, beasts: { columns: { absent: { type: 'int' } } } } },
      /column of beasts can't be called 'absent'/,
    ],
    'a role over a missing table': [
      { roles: { ...zoo.roles, ghosts: { tables: { ghosts: 'columns' }, whenEmpty: 'list' } } },
      /tables that aren't declared: ghosts/,
    ],
    'a group by a missing field': [
      { roles: { ...zoo.roles, herds: { tables: { animals: 'columns' }, groupBy: ['colour'], whenEmpty: 'list' } } },
      /role herds has no field 'colour'/,
    ],
    'one API name for two fields': [
      {
        roles: {
          ...zoo.roles,
          keepers: {
            tables: { keepers: 'columns' },
            whenEmpty: 'list',
            fields: { name: { api: 'x' }, skills: { api: 'x' } },
          },
        },
      },
      /API name 'x'/,
    ],
    'a hub that is no entity type': [{ implicitHub: 'moons' }, /implicit hub 'moons'/],
  };
  for (const [what, [change, message]] of Object.entries(cases)) {
    it(`are refused with ${what}`, () => {
      expect(() => checkDeclarations({ ...zoo, ...change })).to.throw(LazuliError, message);
    });
  }
});

describe('the registry of plug-ins', () => {
  it('finds plug-ins by their folders', async () => {
    expect((await metadataPlugin('hca')).name).to.equal('hca');
    expect((await repositoryPlugin('canned')).name).to.equal('canned');
  });

  for (const name of ['nosuch', '../metadata', '__proto__', '']) {
    it(`refuses '${name}' and names what there is`, async () => {
      const error = await metadataPlugin(name).catch((reason: unknown) => reason);
      expect(error).to.be.instanceOf(LazuliError);
      expect((error as LazuliError).remedy).to.contain('hca');
    });
  }
});

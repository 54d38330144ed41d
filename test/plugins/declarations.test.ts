import { expect } from 'chai';
import { LazuliError } from '../../config/errors.ts';
import { checkDeclarations } from '../../plugins/declarations.ts';
import { defaultEnvelope } from '../../plugins/envelope.ts';
import type { FieldUse, MetadataPlugin } from '../../plugins/metadata.ts';
import { metadataPlugin, repositoryPlugin } from '../../plugins/registry.ts';
import { zoo } from '../transform/zoo.ts';

/** The zoo, with these uses of the fields of keepers. */
const keepersWith = (fields: Readonly<Record<string, FieldUse>>) => ({
  ...zoo.roles,
  keepers: { tables: { keepers: 'columns' as const }, whenEmpty: 'list' as const, fields },
});

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
    'a name of every document for a field': [
      {
        envelope: { ...defaultEnvelope, 'sources.id': 'keeperSkill' },
        roles: keepersWith({ skills: { api: 'keeperSkill' } }),
      },
      /API name 'keeperSkill' stands for fields of every document and keepers/,
    ],
    'a field that is called as the synthetic one': [
      { roles: keepersWith({ skills: { api: 'accessible' } }) },
      /API name 'accessible'/,
    ],
    'a summary of what is not there': [
      { summary: { moons: { measure: 'documents', of: 'moons' } } },
      /summary counts documents of moons, which is no entity type/,
    ],
    'a summary of a field that documents do not have': [
      { summary: [{ measure: 'sum', of: 'cages', field: 'keepers.moons', where: { field: 'moon', nonZero: true } }] },
      /summary reads 'keepers.moons', which documents of cages don't have; the summary reads 'moon'/,
    ],
    'a summary that lists numbers': [
      { summary: { weights: { measure: 'terms', of: 'cages', field: 'animals.weight' } } },
      /summary lists the values of 'animals.weight', which are not strings/,
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

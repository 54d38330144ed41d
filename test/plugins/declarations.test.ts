import { expect } from 'chai';
import { LazuliError } from '../../core/config/errors.ts';
import { checkDeclarations } from '../../plugins/declarations.ts';
import { reservedTables } from '../../plugins/declared/names.ts';
import { cloneOnly, metadataPlugin, repositoryPlugin } from '../../plugins/registry.ts';
import { storeSchema } from '../../transform/store/schema.ts';
import { zoo } from '../rigs/models/zoo.ts';
import { wrongRoles } from './wrong-roles.ts';
import { wrongTables } from './wrong-tables.ts';

describe('declarations of a metadata plug-in', () => {
  it('keep the names of the tables of the store for the core', () => {
    const tables = storeSchema({ ...zoo, tables: {} }).map((statement) => /^CREATE TABLE "?(\w+)/.exec(statement)?.[1]);
    expect(tables).to.include('ledger');
    expect(reservedTables).to.include.members(tables);
  });

  it('are accepted where they are consistent', () => {
    expect(() => checkDeclarations(zoo)).not.to.throw();
  });

  for (const [what, [change, message]] of Object.entries({ ...wrongTables, ...wrongRoles })) {
    it(`are refused with ${what}`, () => {
      expect(() => checkDeclarations({ ...zoo, ...change })).to.throw(LazuliError, message);
    });
  }
});

describe('the registry of plug-ins', () => {
  it('finds plug-ins by their folders', async () => {
    expect((await metadataPlugin('hca', cloneOnly)).name).to.equal('hca');
    expect((await repositoryPlugin('canned', cloneOnly)).name).to.equal('canned');
  });

  for (const name of ['nosuch', '../metadata', '__proto__', '']) {
    it(`refuses '${name}' and names what there is`, async () => {
      const error = await metadataPlugin(name, cloneOnly).catch((reason: unknown) => reason);
      expect(error).to.be.instanceOf(LazuliError);
      expect((error as LazuliError).remedy).to.contain('hca');
    });
  }
});

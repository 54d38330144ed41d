import { expect } from 'chai';
import { documentFields, roleFields } from '../../../core/model/fields.ts';
import { hca } from '../../../plugins/metadata/hca/plugin.ts';

describe('Declarations of HCA metadata', () => {
  const uses = Object.entries(hca.roles).flatMap(([role, { fields }]) =>
    Object.entries(fields ?? {}).map(([name, use]) => ({ role, name, use })),
  );

  it('use fields that exist', () => {
    for (const { role, name } of uses) {
      expect(
        roleFields(hca, role).map((field) => field.name),
        role,
      ).to.include(name);
    }
  });

  it('name every API field and manifest column once', () => {
    const api = uses.flatMap(({ use }) => use.api ?? []);
    const manifest = uses.flatMap(({ use }) => use.manifest ?? []);
    expect(new Set(api).size).to.equal(api.length);
    expect(new Set(manifest).size).to.equal(manifest.length);
  });

  it('make 39 facets; the fortieth is the source', () => {
    expect(uses.filter(({ use }) => use.facet)).to.have.length(39);
  });

  it('sort by fields that documents have', () => {
    for (const [type, { served }] of Object.entries(hca.entityTypes)) {
      if (served === undefined || served.sort === 'bundleVersion') continue;
      expect(
        documentFields(hca, type).map(({ use }) => use.api),
        type,
      ).to.include(served.sort);
    }
  });
});

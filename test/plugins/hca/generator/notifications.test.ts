import { expect } from 'chai';
import { type GeneratedNotification, notifications } from '../../../rigs/hca/notifications.ts';
import { generateBundles } from '../../../rigs/models/generated.ts';
import { seed } from '../../../rigs/property.ts';

const nameOf = ({ action, fqid }: GeneratedNotification): string =>
  `${action} ${fqid.source.id} ${fqid.uuid}.${fqid.version}`;

describe('Generated notifications', () => {
  const options = { seed: seed(), bundles: 400, size: 1, versions: 0.5, deletions: 0.3, sources: 2 };
  const names = [...notifications(options)].map(nameOf);

  it('are the same for the same options', () => {
    expect([...notifications(options)].map(nameOf)).to.deep.equal(names);
  });

  it('add every bundle version and delete those that are to be deleted', () => {
    const expected = [...generateBundles(options)].flatMap(({ fqid, deleted }) => [
      nameOf({ action: 'add', fqid }),
      ...(deleted ? [nameOf({ action: 'delete', fqid })] : []),
    ]);
    expect([...new Set(names)].toSorted()).to.deep.equal(expected.toSorted());
  });

  it('come twice now and then', () => {
    expect(names.length).to.be.greaterThan(new Set(names).size);
  });

  it('delete before adding and after', () => {
    const orders = names
      .filter((name) => name.startsWith('delete'))
      .map((name) => names.indexOf(name) < names.indexOf(name.replace('delete', 'add')));
    expect(new Set(orders)).to.deep.equal(new Set([true, false]));
  });

  it('bring second versions before and after the first', () => {
    const firsts = new Map<string, string>();
    const orders = new Set<boolean>();
    for (const name of names.filter((one) => one.startsWith('add'))) {
      const bundle = name.slice(0, name.indexOf('.'));
      const seen = firsts.get(bundle);
      if (seen === undefined) firsts.set(bundle, name);
      else if (seen !== name) orders.add(seen < name);
    }
    expect(orders).to.deep.equal(new Set([true, false]));
  });
});

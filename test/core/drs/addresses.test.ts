import { BlockList } from 'node:net';
import { expect } from 'chai';
import fc from 'fast-check';
import { isPublicAddress } from '../../../core/drs/addresses.ts';
import { numRuns, seed } from '../../rigs/property.ts';

const notPublic = [
  ...['0.0.0.0', '10.1.2.3', '100.64.0.1', '127.0.0.1', '127.255.255.254', '169.254.169.254', '172.16.0.1'],
  ...['172.31.255.255', '192.0.0.1', '192.168.1.1', '198.19.0.1', '224.0.0.1', '240.0.0.1', '255.255.255.255'],
  ...['::', '::1', '::ffff:10.0.0.1', '::ffff:8.8.8.8', '::8.8.8.8', '64:ff9b::8.8.8.8', '2002:7f00:1::', '2001::1'],
  ...['fc00::1', 'fd00:ec2::254', 'fe80::1', 'fe80::1%eth0', 'fec0::1', 'ff02::1', '2001:db8::1', '4000::1'],
  ...['', 'localhost', '8.8.8', '8.8.8.8%1', '2606:4700::1%lo'],
];
const isPublic = [
  '8.8.8.8',
  '172.15.0.1',
  '172.32.0.1',
  '100.63.0.1',
  '100.128.0.1',
  '2606:4700::1111',
  '2a00:1450::1',
];

describe('Addresses', () => {
  it('are public only where they are of the public internet', () => {
    for (const address of notPublic) expect(isPublicAddress(address), address).to.equal(false);
    for (const address of isPublic) expect(isPublicAddress(address), address).to.equal(true);
  });

  it('are not, however a private one is written in one of version 6', () => {
    const ranges = new BlockList();
    ranges.addSubnet('10.0.0.0', 8);
    ranges.addSubnet('192.168.0.0', 16);
    const property = fc.property(fc.ipV4(), fc.constantFrom('::ffff:', '::', '64:ff9b::'), (address, prefix) => {
      if (ranges.check(address)) expect(isPublicAddress(address)).to.equal(false);
      expect(isPublicAddress(`${prefix}${address}`)).to.equal(false);
    });
    fc.assert(property, { seed: seed(), numRuns: numRuns(2000) });
  });
});

import { BlockList, isIP, isIPv6 } from 'node:net';

/** What is not of the public internet, or leads elsewhere (IANA special-purpose address registries, RFC 6890). */
const special4 = new BlockList();
/** A list of its own: by one of both, addresses of version 4 would be compared as `::ffff:0:0/96`. */
const special6 = new BlockList();
for (const [net, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const)
  special4.addSubnet(net, bits, 'ipv4');
for (const [net, bits] of [
  // All but 2000::/3, which alone is handed out to the public: also addresses of version 4 written as those of version 6.
  ['::', 3],
  ['4000::', 2],
  ['8000::', 1],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const)
  special6.addSubnet(net, bits, 'ipv6');

/** Whether an address is one of the public internet. False for what is no address, or one of some interface only. */
export function isPublicAddress(address: string): boolean {
  if (isIP(address) === 0 || address.includes('%')) return false;
  return isIPv6(address) ? !special6.check(address, 'ipv6') : !special4.check(address, 'ipv4');
}

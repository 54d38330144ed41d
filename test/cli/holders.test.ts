import { expect } from 'chai';
import { lockingPid } from '../../cli/engines/holders.ts';

describe('the process that has locked a file', () => {
  const locks = [
    '1: POSIX  ADVISORY  WRITE 3367 fe:00:11519730 0 EOF',
    '1: -> POSIX  ADVISORY  WRITE 3368 fe:00:11519730 0 EOF',
    '2: FLOCK  ADVISORY  WRITE 3369 00:1a:11519730 0 EOF',
    '3: POSIX  ADVISORY  READ 3370 00:1a:18446744073709551615 0 EOF',
    '',
  ];

  it('is told by file system and inode: other file systems have the same inodes', () => {
    expect(lockingPid(locks, { device: 'fe:00', inode: 11519730n })).to.equal(3367);
    expect(lockingPid(locks, { device: '00:1a', inode: 11519730n })).to.equal(3369);
    expect(lockingPid(locks, { device: '00:1b', inode: 11519730n })).to.equal(null);
    expect(lockingPid(locks, { device: null, inode: 11519730n })).to.equal(null);
  });

  it('is told by the whole of a large inode, and not by the end of one', () => {
    expect(lockingPid(locks, { device: '00:1a', inode: 18446744073709551615n })).to.equal(3370);
    expect(lockingPid(locks, { device: '00:1a', inode: 18446744073709551614n })).to.equal(null);
    expect(lockingPid(locks, { device: 'fe:00', inode: 1519730n })).to.equal(null);
  });
});

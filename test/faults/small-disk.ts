import { execFileSync } from 'node:child_process';
import { rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './world.ts';

/** A file system of few bytes. */
export interface SmallDisk extends Disposable {
  readonly folder: string;
  /** Leaves so many bytes free. */
  fill(bytesLeft: number): void;
  /** Frees what `fill` took. */
  free(): void;
}

/** @returns null where this process may not mount one */
export function mountSmallDisk(bytes: number): SmallDisk | null {
  const folder = temporaryFolder('disk');
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes},mode=700`, 'tmpfs', folder], { stdio: 'pipe' });
  } catch {
    return null;
  }
  const unmount = () => execFileSync('umount', ['--lazy', folder], { stdio: 'pipe' });
  process.once('exit', unmount);
  const ballast = join(folder, 'ballast');
  return {
    folder,
    fill(bytesLeft) {
      const { bavail, bsize } = statfsSync(folder);
      writeFileSync(ballast, Buffer.alloc(bavail * bsize - bytesLeft));
    },
    free: () => rmSync(ballast),
    [Symbol.dispose]() {
      process.off('exit', unmount);
      unmount();
    },
  };
}

import { chmodSync, statSync } from 'node:fs';
import { makeFolder } from '../core/config/folder.ts';

/** What others may neither read nor write. */
const others = 0o077;

/** From now on what this process and those that it starts write is for its user only: restricted metadata is in it. */
export function writeForOwnerOnly(): void {
  process.umask(others);
}

/** Makes a folder that only its owner may enter, or makes it so where it exists and is this user's. */
export function ownersFolder(folder: string): void {
  makeFolder(folder, 0o700);
  const { mode, uid } = statSync(folder);
  if ((mode & others) !== 0 && uid === process.getuid?.()) chmodSync(folder, mode & 0o700);
}

import { renameSync, writeFileSync } from 'node:fs';

/** Writes a file whole: whoever reads it meanwhile, or after this process died, finds what was there or what is now. */
export function replaceFile(file: string, text: string): void {
  writeFileSync(`${file}.next`, text);
  renameSync(`${file}.next`, file);
}

import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

/**
 * Stands in for commands of other people: each prints what its script says, and all are found before others of their name.
 *
 * @param scripts in Bash, by the names of the commands
 * @returns the environment in which they are found
 */
export function executables(folder: string, scripts: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const bin = join(folder, 'bin');
  mkdirSync(bin, { recursive: true });
  for (const [name, script] of Object.entries(scripts)) {
    const file = join(bin, name);
    writeFileSync(file, `#!/usr/bin/env bash\n${script}\n`);
    chmodSync(file, 0o755);
  }
  return { ...process.env, PATH: [bin, dirname(process.execPath), process.env.PATH].join(delimiter) };
}

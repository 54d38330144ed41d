import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** What `/version` answers (specification, service-api 3). */
export interface Version {
  readonly git: { readonly commit: string; readonly dirty: boolean };
  /** the newest entries of the change log */
  readonly changes: readonly unknown[];
}

const run = promisify(execFile);
const clone = join(import.meta.dirname, '..', '..');

/** The version of this code, in a clone; where it was installed without Git, `LAZULI_COMMIT` names the commit. */
export async function readVersion(env: NodeJS.ProcessEnv = process.env): Promise<Version> {
  const commit = env.LAZULI_COMMIT;
  if (commit !== undefined) return { git: { commit, dirty: false }, changes: [] };
  try {
    const git = (...args: string[]) => run('git', ['-C', clone, ...args], { timeout: 5_000 });
    const [head, status] = await Promise.all([git('rev-parse', 'HEAD'), git('status', '--porcelain', '-uno')]);
    return { git: { commit: head.stdout.trim(), dirty: status.stdout !== '' }, changes: [] };
  } catch {
    return { git: { commit: 'unknown', dirty: false }, changes: [] };
  }
}

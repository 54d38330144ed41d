import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { LazuliError } from '../../core/config/errors.ts';
import { makeFolder } from '../../core/config/folder.ts';
import { clone } from '../clone.ts';
import { showError } from '../output.ts';
import { processOutput } from '../process-output.ts';
import { requireJava, requireMaven } from './java.ts';

const version = '2.19.1.0';
const engines = join(clone, '.engines');
const pom = join(import.meta.dirname, 'opensearch', 'pom.xml');
/** A fresh machine downloads Maven's own plug-ins too. */
const maxMillis = 15 * 60_000;

/** Folder with the server's jars, once `obtainJars` has put them there. */
export const jarFolder = join(engines, `opensearch-${version}`);

/**
 * Has Maven copy the jars of the OpenSearch server into the clone, once. The folder appears whole or
 * not at all, so two starts at a time don't disturb each other.
 *
 * @param say called with a line when there is something to wait for
 * @throws LazuliError `engine_missing`
 */
export async function obtainJars(say: (line: string) => void): Promise<string> {
  if (existsSync(jarFolder)) return jarFolder;
  requireJava();
  requireMaven();
  say(`obtaining OpenSearch ${version} with Maven (about 50 MB, once) …`);
  makeFolder(engines);
  const work = await mkdtemp(join(engines, 'work-'));
  try {
    const jars = join(work, 'lib');
    // Maven leaves files beside the POM: give it a copy.
    await copyFile(pom, join(work, 'pom.xml'));
    await maven(work, ['-q', '-B', 'dependency:copy-dependencies', `-DoutputDirectory=${jars}`]);
    if ((await readdir(jars)).length === 0) throw new Error('Maven copied nothing');
    await publish(jars);
  } catch (cause) {
    throw cause instanceof LazuliError ? cause : failed((cause as Error).message, cause);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return jarFolder;
}

async function maven(folder: string, args: readonly string[]): Promise<void> {
  try {
    await promisify(execFile)('mvn', args, { cwd: folder, timeout: maxMillis, maxBuffer: 16 * 2 ** 20 });
  } catch (cause) {
    const { stdout = '', stderr = '' } = cause as { stdout?: string; stderr?: string };
    throw failed(`Maven could not fetch the OpenSearch server:\n${`${stdout}${stderr}`.trim().slice(-2000)}`, cause);
  }
}

async function publish(jars: string): Promise<void> {
  try {
    await rename(jars, jarFolder);
  } catch (cause) {
    // another process was faster
    if (!existsSync(jarFolder)) throw cause;
  }
}

function failed(message: string, cause: unknown): LazuliError {
  return new LazuliError('engine_missing', message, {
    remedy:
      'Check the network and the mirrors in Maven’s settings.xml; or name a running OpenSearch 2.x with OPENSEARCH_URL.',
    cause,
  });
}

if (import.meta.main && !process.env.OPENSEARCH_URL) {
  try {
    await obtainJars(processOutput.err);
  } catch (error) {
    process.exitCode = showError(error, processOutput);
  }
}

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
import { type JavaEngine, openSearchEngine } from './java-engines.ts';

const engines = join(clone, '.engines');
/** A fresh machine downloads Maven's own plug-ins too. */
const maxMillis = 15 * 60_000;

/** Folder with an engine's jars, once `obtainJars` has put them there. */
export const jarFolder = ({ folder, version }: JavaEngine): string => join(engines, `${folder}-${version}`);

/**
 * Has Maven copy the jars of an engine into the clone, once. The folder appears whole or not at all, so two starts at a
 * time don't disturb each other.
 *
 * @param say called with a line when there is something to wait for
 * @throws LazuliError `engine_missing`
 */
export async function obtainJars(engine: JavaEngine, say: (line: string) => void): Promise<string> {
  const { name, version, megabytes, folder } = engine;
  const found = jarFolder(engine);
  if (existsSync(found)) return found;
  requireJava(engine);
  requireMaven(engine);
  say(`obtaining ${name} ${version} with Maven (about ${megabytes} MB, once) …`);
  makeFolder(engines);
  const work = await mkdtemp(join(engines, 'work-'));
  try {
    const jars = join(work, 'lib');
    // Maven leaves files beside the POM: give it a copy.
    await copyFile(join(import.meta.dirname, folder, 'pom.xml'), join(work, 'pom.xml'));
    await maven(engine, work, ['-q', '-B', 'dependency:copy-dependencies', `-DoutputDirectory=${jars}`]);
    if ((await readdir(jars)).length === 0) throw new Error('Maven copied nothing');
    await publish(jars, found);
  } catch (cause) {
    throw cause instanceof LazuliError ? cause : failed(engine, (cause as Error).message, cause);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return found;
}

async function maven(engine: JavaEngine, folder: string, args: readonly string[]): Promise<void> {
  try {
    await promisify(execFile)('mvn', args, { cwd: folder, timeout: maxMillis, maxBuffer: 16 * 2 ** 20 });
  } catch (cause) {
    const { stdout = '', stderr = '' } = cause as { stdout?: string; stderr?: string };
    const said = `${stdout}${stderr}`.trim().slice(-2000);
    throw failed(engine, `Maven could not fetch ${engine.name}:\n${said}`, cause);
  }
}

async function publish(jars: string, found: string): Promise<void> {
  try {
    await rename(jars, found);
  } catch (cause) {
    // another process was faster
    if (!existsSync(found)) throw cause;
  }
}

function failed({ otherwise }: JavaEngine, message: string, cause: unknown): LazuliError {
  return new LazuliError('engine_missing', message, {
    remedy: `Check the network and the mirrors in Maven’s settings.xml; or ${otherwise}.`,
    cause,
  });
}

if (import.meta.main && !process.env.OPENSEARCH_URL) {
  try {
    await obtainJars(openSearchEngine, processOutput.err);
  } catch (error) {
    process.exitCode = showError(error, processOutput);
  }
}

import { spawnSync } from 'node:child_process';
import { LazuliError } from '../../core/config/errors.ts';

const oldestJava = 17;
const withoutIt = 'Or name a running OpenSearch 2.x with the environment variable OPENSEARCH_URL, and do without.';

/** @throws LazuliError `engine_missing` when there is no Java, or one too old for OpenSearch */
export function requireJava(): void {
  const { error, stderr, stdout } = spawnSync('java', ['-version'], { encoding: 'utf8' });
  if (error !== undefined) throw missing('Java', `Java ${oldestJava} or later`, 'OpenSearch runs on it', error);
  const version = javaMajor(stderr + stdout);
  if (version !== null && version >= oldestJava) return;
  throw missing(
    'Java',
    `Java ${oldestJava} or later`,
    `OpenSearch runs on it and this is ${version ?? 'of unknown version'}`,
  );
}

/** @throws LazuliError `engine_missing` */
export function requireMaven(): void {
  const { error } = spawnSync('mvn', ['-version'], { encoding: 'utf8' });
  if (error !== undefined) throw missing('Maven', 'Maven 3', 'it fetches the OpenSearch server', error);
}

/** `17` from `openjdk version "17.0.15"`, `8` from `java version "1.8.0_292"`; null from anything else. */
export function javaMajor(printed: string): number | null {
  const [, first, second] = /version "(\d+)(?:\.(\d+))?/.exec(printed) ?? [];
  if (first === undefined) return null;
  return Number(first === '1' && second !== undefined ? second : first);
}

function missing(name: string, wanted: string, why: string, cause?: Error): LazuliError {
  return new LazuliError('engine_missing', `${name} is missing: ${wanted} is needed, because ${why}.`, {
    remedy: `Install ${wanted} and have it on the PATH. ${withoutIt}`,
    ...(cause === undefined ? {} : { cause }),
  });
}

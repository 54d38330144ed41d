import { spawnSync } from 'node:child_process';
import { LazuliError } from '../../core/config/errors.ts';
import type { JavaEngine } from './java-engines.ts';

const oldestJava = 17;

/** @throws LazuliError `engine_missing` when there is no Java, or one too old for the engine */
export function requireJava(engine: JavaEngine): void {
  const { error, stderr, stdout } = spawnSync('java', ['-version'], { encoding: 'utf8' });
  const wanted = `Java ${oldestJava} or later`;
  if (error !== undefined) throw missing(engine, 'Java', wanted, `${engine.name} runs on it`, error);
  const version = javaMajor(stderr + stdout);
  if (version !== null && version >= oldestJava) return;
  throw missing(engine, 'Java', wanted, `${engine.name} runs on it and this is ${version ?? 'of unknown version'}`);
}

/** @throws LazuliError `engine_missing` */
export function requireMaven(engine: JavaEngine): void {
  const { error } = spawnSync('mvn', ['-version'], { encoding: 'utf8' });
  if (error !== undefined) throw missing(engine, 'Maven', 'Maven 3', `it fetches ${engine.name}`, error);
}

/** `17` from `openjdk version "17.0.15"`, `8` from `java version "1.8.0_292"`; null from anything else. */
export function javaMajor(printed: string): number | null {
  const [, first, second] = /version "(\d+)(?:\.(\d+))?/.exec(printed) ?? [];
  if (first === undefined) return null;
  return Number(first === '1' && second !== undefined ? second : first);
}

function missing({ otherwise }: JavaEngine, name: string, wanted: string, why: string, cause?: Error): LazuliError {
  return new LazuliError('engine_missing', `${name} is missing: ${wanted} is needed, because ${why}.`, {
    remedy: `Install ${wanted} and have it on the PATH. Or ${otherwise}, and do without.`,
    ...(cause === undefined ? {} : { cause }),
  });
}

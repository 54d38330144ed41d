import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { clone } from '../../../cli/clone.ts';
import { json } from '../../../cli/output.ts';
import { serverHeap } from '../machine/search-server.ts';
import type { Breakdown, Line, Reported } from '../measurement.ts';
import type { Size, Sizes } from '../sizes.ts';
import { renderPlot } from './plot.ts';

/** Everything that a run found, and on what. */
export interface Results {
  /** RFC 3339 */
  readonly started: string;
  readonly seconds: number;
  readonly size: Size;
  readonly sizes: Sizes;
  readonly machine: ReturnType<typeof machine>;
  readonly measurements: readonly Reported[];
  readonly lines: readonly Line[];
  readonly breakdowns: readonly Breakdown[];
}

/** `load` tells whether the machine did other things, too. */
export function machine() {
  const { stdout } = spawnSync('git', ['describe', '--always', '--dirty'], { cwd: clone, encoding: 'utf8' });
  return {
    commit: stdout?.trim() || 'unknown',
    node: process.version,
    processor: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryMegabytes: Math.round(totalmem() / 1e6),
    serverHeapMebibytes: serverHeap,
    load: loadavg(),
  };
}

/** @returns the files, JSON and SVG */
export function writeResults(folder: string, results: Results): readonly string[] {
  mkdirSync(folder, { recursive: true });
  const name = join(folder, results.started.replaceAll(':', '-').replace(/\.\d+Z$/, 'Z'));
  writeFileSync(`${name}.json`, `${json(results)}\n`);
  writeFileSync(`${name}.svg`, renderPlot(results.measurements, results.lines));
  return [`${name}.json`, `${name}.svg`];
}

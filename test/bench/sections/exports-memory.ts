import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { formatTypes } from '../../../core/exports/formats.ts';
import type { FormatName } from '../../../core/model/manifests.ts';
import { Part } from '../machine/part.ts';
import type { Findings } from '../measurement.ts';
import type { ExportingPart } from '../parts/exporting.ts';
import { shown } from '../statistics.ts';
import type { ExportsRig, PublishedFiles } from './exports-rig.ts';

/** Megabytes that an export worker may take, whatever it exports. */
const mostMemory = (512 * 2 ** 20) / 1e6;

interface Found {
  readonly format: FormatName;
  readonly files: number;
  readonly megabytes: number;
  readonly seconds: number;
  /** of the file, and of the temporary folder */
  readonly written: number;
  readonly temporary: number;
}

/** What a process takes that writes one export, by format and number of files. */
export async function memoryOfFormats(rig: ExportsRig): Promise<Required<Omit<Findings, 'lines'>>> {
  const found: Found[] = [];
  for (const format of Object.keys(formatTypes) as FormatName[])
    for (const published of rig.published) found.push(await memoryOf(rig, format, published));
  const most = found.reduce((one, other) => (other.megabytes > one.megabytes ? other : one));
  const growth = Object.values(Object.groupBy(found, ({ format }) => format)).map(growthOf);
  const steepest = growth.reduce((one, other) => (other.ratio > one.ratio ? other : one));
  return {
    measurements: [
      {
        name: 'peak memory of a process that exports, any format',
        value: most.megabytes,
        unit: 'MB',
        target: { bound: 'most', value: mostMemory },
        note: `${most.format}, ${most.files} files; one job at a time`,
      },
      {
        name: 'peak memory of exports by number of files: most ÷ fewest, any format',
        value: steepest.ratio,
        unit: 'ratio',
        note: steepest.line,
      },
    ],
    breakdowns: [
      {
        title: 'exports: one of all files, each in a process of its own',
        head: ['format', 'files', 'peak memory, MB', 's', 'file, MB', 'temporary files, MB'],
        rows: found.map(({ format, files, ...figures }) => [
          ...[format, files, shown(figures.megabytes), shown(figures.seconds)],
          ...[shown(figures.written / 1e6), shown(figures.temporary / 1e6)],
        ]),
      },
    ],
  };
}

/** How memory depends on the number of files. @param of one format, fewest files first */
function growthOf(of: readonly Found[]): { readonly ratio: number; readonly line: string } {
  const shownPoint = ({ files, megabytes }: Found): string => `${shown(megabytes)} MB of ${shown(files)}`;
  const [first, last] = [of[0], of.at(-1)] as [Found, Found];
  return { ratio: last.megabytes / first.megabytes, line: `${first.format}: ${of.map(shownPoint).join(', ')} files` };
}

async function memoryOf({ bench, sources }: ExportsRig, format: FormatName, of: PublishedFiles): Promise<Found> {
  const { files, settings } = of;
  const part = await Part.start<ExportingPart>('exporting');
  const [file, temporary] = [join(bench.folder, 'export'), join(bench.folder, 'temporary')];
  try {
    const { value, seconds } = await part.ask('write', { settings, sources, format, file, temporary });
    const { bytes: written, temporaryBytes } = value;
    const megabytes = part.peakMegabytes;
    bench.say(`${format}, ${files} files: ${shown(seconds)} s, ${shown(megabytes)} MB`);
    return { format, files, megabytes, seconds, written, temporary: temporaryBytes };
  } finally {
    await part.stop();
    rmSync(file, { force: true });
  }
}

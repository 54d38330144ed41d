import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { FormatName } from '../../../core/model/manifests.ts';
import { Part, type Timed } from '../machine/part.ts';
import type { Findings, Measurement } from '../measurement.ts';
import type { BareExportPart } from '../parts/bare-export.ts';
import type { ExportingPart } from '../parts/exporting.ts';
import { median, shown } from '../statistics.ts';
import { type ExportsRig, jobMemoryBytes, type PublishedFiles } from './exports-rig.ts';

/** What both took, in seconds: of the clock, and of the CPU. */
interface Side {
  readonly wall: number;
  readonly cpu: number;
}

interface Pair {
  readonly ours: Side;
  readonly bare: Side;
}

/** Exports of everything next to the least that anyone can do who writes the same, in turns. */
export async function exportRatios(rig: ExportsRig): Promise<Required<Omit<Findings, 'lines'>>> {
  const [smallest, largest] = [rig.published[0], rig.published.at(-1)] as [PublishedFiles, PublishedFiles];
  const measurements: Measurement[] = [];
  const rows: (string | number)[][] = [];
  for (const { format, of, against } of [
    { format: 'compact', of: largest, against: 'COPY' },
    { format: 'verbatim.jsonl', of: largest, against: 'COPY' },
    // All records are in memory, of the one that has them ready.
    { format: 'terra.pfb', of: smallest, against: 'encoding the same records' },
  ] as const) {
    const pairs = await pairsOf(rig, format, of);
    const both = (what: keyof Side, side: keyof Pair): number => median(pairs.map((pair) => pair[side][what]));
    measurements.push({
      name: `${format} ÷ bare ${against}`,
      value: median(pairs.map(({ ours, bare }) => ours.wall / bare.wall)),
      unit: 'ratio',
      target: { bound: 'most', value: 2 },
      note: `${of.files} files, ${pairs.length} pairs; CPU ${shown(median(pairs.map(({ ours, bare }) => ours.cpu / bare.cpu)))}`,
    });
    for (const side of ['ours', 'bare'] as const)
      rows.push([
        format,
        side === 'ours' ? 'export' : `bare ${against}`,
        of.files,
        shown(both('wall', side)),
        shown(both('cpu', side)),
      ]);
  }
  return {
    measurements,
    breakdowns: [{ title: 'exports: medians', head: ['format', '', 'files', 's', 'CPU s'], rows }],
  };
}

async function pairsOf(
  { bench, sources }: ExportsRig,
  format: FormatName,
  of: PublishedFiles,
): Promise<readonly Pair[]> {
  const at = (name: string): string => join(bench.folder, name);
  const [exporting, bare] = [
    await Part.start<ExportingPart>('exporting'),
    await Part.start<BareExportPart>('bare-export'),
  ];
  const [file, other, temporary] = [at('ours'), at('bare'), at('temporary')];
  const write = () => exporting.ask('write', { settings: of.settings, sources, format, file, temporary });
  const copy = { staging: of.staging, file: other, memoryBytes: jobMemoryBytes };
  const least = async () => sideOf(await leastOf(bare, format, copy));
  try {
    await write(); // code is compiled, and files are in the memory of the system
    if (format === 'terra.pfb') await bare.ask('read', { file });
    await least();
    const pairs: Pair[] = [];
    for (let i = 0; i < bench.sizes.exports.rounds; i++) {
      const ours = sideOf(await write());
      const pair = { ours, bare: await least() };
      bench.say(`${format}: ${shown(pair.ours.wall)} s, bare ${shown(pair.bare.wall)} s`);
      pairs.push(pair);
    }
    return pairs;
  } finally {
    await Promise.all([exporting.stop(), bare.stop()]);
    for (const path of [file, other]) rmSync(path, { force: true });
  }
}

const sideOf = ({ seconds, cpu }: Timed<unknown>): Side => ({ wall: seconds, cpu });

type Copy = Parameters<BareExportPart['table']>[0];

function leastOf(bare: Part<BareExportPart>, format: FormatName, copy: Copy): Promise<Timed<null>> {
  switch (format) {
    case 'compact':
      return bare.ask('table', copy);
    case 'verbatim.jsonl':
      return bare.ask('lines', copy);
    default:
      return bare.ask('encode', { file: copy.file });
  }
}

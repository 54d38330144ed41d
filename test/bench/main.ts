import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { clone } from '../../cli/clone.ts';
import { showError } from '../../cli/output.ts';
import { requireMeasurable } from './machine/proc.ts';
import type { Findings } from './measurement.ts';
import { machine, type Results, writeResults } from './report/results.ts';
import { renderTables } from './report/table.ts';
import type { Section } from './sections/section.ts';
import { type Size, sizes } from './sizes.ts';

const sections: Readonly<Record<string, () => Promise<Section>>> = {
  rebuild: async () => (await import('./sections/rebuild.ts')).rebuildSection,
  builders: async () => (await import('./sections/builders.ts')).buildersSection,
  ingest: async () => (await import('./sections/ingest.ts')).ingestSection,
  scale: async () => (await import('./sections/scale.ts')).scaleSection,
  incremental: async () => (await import('./sections/incremental.ts')).incrementalSection,
  empty: async () => (await import('./sections/empty.ts')).emptySection,
  latency: async () => (await import('./sections/latency.ts')).latencySection,
  search: async () => (await import('./sections/search.ts')).searchSection,
  exports: async () => (await import('./sections/exports.ts')).exportsSection,
  snapshots: async () => (await import('./sections/snapshots.ts')).snapshotsSection,
  'sign-in': async () => (await import('./sections/sign-in.ts')).signInSection,
  soak: async () => (await import('./sections/soak.ts')).soakSection,
  profile: async () => (await import('./sections/profile.ts')).profileSection,
};

/** Processes of this program that do one part each; see `machine/part.ts`. */
const parts: Readonly<Record<string, () => Promise<{ run: () => void }>>> = {
  stage: () => import('./parts/stage.ts'),
  ingest: () => import('./parts/ingest.ts'),
  owner: () => import('./parts/owner.ts'),
  builder: () => import('./parts/builder.ts'),
  service: () => import('./parts/service.ts'),
  bare: () => import('./parts/bare.ts'),
  multiplied: () => import('./parts/multiplied.ts'),
  exporting: () => import('./parts/exporting.ts'),
  snapshots: () => import('./parts/snapshots.ts'),
  'sign-in': () => import('./parts/sign-in.ts'),
  'bare-export': () => import('./parts/bare-export.ts'),
};

interface BenchOptions {
  readonly only?: readonly string[];
  readonly quick?: true;
  readonly full?: true;
  readonly out: string;
  readonly part?: string;
}

function program(): Command {
  return new Command('bench')
    .description('Measure Lazuli on this machine: a table, a result for programs and a plot. See docs/benchmarks.md.')
    .addOption(new Option('--only <section...>', 'some sections only').choices(Object.keys(sections)))
    .addOption(new Option('--quick', 'small sizes, a few minutes: to see that it runs').conflicts('full'))
    .option('--full', 'up to 100,000 bundles, some hours')
    .option('--out <dir>', 'folder of results', join(clone, 'bench-results'))
    .addOption(new Option('--part <name>').hideHelp());
}

async function bench(options: BenchOptions): Promise<void> {
  requireMeasurable();
  const size: Size = options.quick ? 'quick' : options.full ? 'full' : 'normal';
  const started = new Date();
  const about = machine();
  const found: { section: string; findings: Findings }[] = [];
  const names = options.only ?? Object.keys(sections);
  for (const [i, name] of names.entries()) {
    console.log(`section ${i + 1} of ${names.length}: ${name}`);
    const section = await sections[name]?.();
    if (section === undefined) continue;
    found.push({ section: name, findings: await runSection(section, size) });
    // At once: a run that is interrupted keeps what it has found.
    const results = resultsOf(found, { started, size, about });
    const files = writeResults(options.out, results);
    if (i === names.length - 1) console.log(`\n${renderTables(results.measurements, results.breakdowns)}\n`);
    console.log(files.join('\n'));
  }
}

function resultsOf(
  found: readonly { readonly section: string; readonly findings: Findings }[],
  { started, size, about }: { started: Date; size: Size; about: Results['machine'] },
): Results {
  return {
    started: started.toISOString(),
    seconds: (Date.now() - started.getTime()) / 1000,
    size,
    sizes: sizes[size],
    machine: about,
    measurements: found.flatMap(({ section, findings }) =>
      findings.measurements.map((measurement) => ({ section, ...measurement })),
    ),
    lines: found.flatMap(({ findings }) => findings.lines ?? []),
    breakdowns: found.flatMap(({ findings }) => findings.breakdowns ?? []),
  };
}

async function runSection(section: Section, size: Size): Promise<Findings> {
  const folder = mkdtempSync(join(tmpdir(), `lazuli-bench-${section.name}-`));
  const clear = (): void => rmSync(folder, { recursive: true, force: true });
  process.once('exit', clear);
  const started = performance.now();
  const say = (line: string): void => {
    const seconds = Math.round((performance.now() - started) / 1000);
    console.log(`[${section.name} ${String(seconds).padStart(4)} s] ${line}`);
  };
  say(section.question);
  try {
    return await section.run({ sizes: sizes[size], folder, say });
  } finally {
    process.off('exit', clear);
    clear();
  }
}

const signals = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

async function main(): Promise<void> {
  const options = program().parse().opts<BenchOptions>();
  if (options.part !== undefined) return (await parts[options.part]?.())?.run();
  // What this process started is ended by listeners of `exit`.
  for (const [signal, code] of Object.entries(signals)) process.once(signal, () => process.exit(code));
  await bench(options);
}

try {
  await main();
} catch (error) {
  process.exitCode = showError(error, { err: console.error });
}

import { Random } from '../../../../core/model/random.ts';
import type { TableName } from '../schema.ts';
import type { Snapshot } from './plan.ts';
import { biosampleOf, datasetOf, diagnosesOf, donorOf, donorsOf, fileOf, type MadeRow, rowOf } from './rows.ts';
import * as words from './vocabulary.ts';

/** A bundle that is being put together. */
export class Assembly {
  readonly #entities = new Map<string, MadeRow['contents']>();
  readonly #links: object[] = [];

  add(row: MadeRow): MadeRow {
    this.#entities.set(row.key, row.contents);
    return row;
  }

  /** Adds rows that aren't there yet, and a link. */
  link(inputs: readonly MadeRow[], activity: MadeRow | null, outputs: readonly MadeRow[]): void {
    for (const row of [...inputs, ...(activity === null ? [] : [activity]), ...outputs]) this.add(row);
    const keys = (rows: readonly MadeRow[]) => rows.map(({ key }) => key);
    this.#links.push({ inputs: keys(inputs), activity: activity?.key ?? null, outputs: keys(outputs) });
  }

  has(row: MadeRow): boolean {
    return this.#entities.has(row.key);
  }

  contents(): object {
    return { entities: Object.fromEntries(this.#entities), links: this.#links };
  }
}

/** Biosamples that are pooled are neighbours, so many at most. */
const mostPooled = 8;
/** About what a biosample of a pool and what it is from take, and a run of sequencing with what is made of its files. */
const kilobytes = { biosample: 3, run: 6 };

/** The bundle of a biosample (specification, tdr 6): what was made from it, and from what that was made. */
export function assembleBiosample(snapshot: Snapshot, number: number, assembly: Assembly): void {
  const root = assembly.add(biosampleOf(snapshot, number));
  const pool = poolOf(snapshot, number);
  const room = snapshot.kilobytes - kilobytes.biosample * pool.length;
  const runs = Math.max(1, Math.round(room / kilobytes.run));
  for (let run = 0; run < runs; run++) sequence(snapshot, assembly, root, `${number}.${run}`);
  if (pool.length > 1) assay(snapshot, assembly, pool);
  for (const member of pool) originate(snapshot, assembly, member);
}

/** Numbers of the biosamples with which one was pooled. */
function poolOf({ seed, index, biosamples }: Snapshot, number: number): readonly number[] {
  const block = Math.floor(number / mostPooled);
  const size = new Random(seed, index, 'pools', block).pick([1, 1, 2, 4, mostPooled]);
  const first = number - (number % size);
  return Array.from({ length: Math.min(size, biosamples - first) }, (_, i) => first + i);
}

/** All biosamples of a pool were used to make one file. */
function assay(snapshot: Snapshot, assembly: Assembly, pool: readonly number[]): void {
  const key = `pool.${pool[0]}`;
  const inputs = pool.map((member) => biosampleOf(snapshot, member));
  const output = fileOf(snapshot, key, '.h5ad');
  const used = { used_biosample_id: ids(inputs), antibody_id: [] };
  assembly.link(inputs, activity(snapshot, 'anvil_assayactivity', key, 'Assay', { ...used, ...made([output]) }), [
    output,
  ]);
}

/** Reads, an alignment, variants; some alignments are indexed in place, so that the file is made from itself. */
function sequence(snapshot: Snapshot, assembly: Assembly, root: MadeRow, key: string): void {
  const reads = ['R1', 'R2'].map((read) => fileOf(snapshot, `${key}.${read}`, '.fastq.gz'));
  const bam = fileOf(snapshot, `${key}.bam`, '.bam');
  const vcf = fileOf(snapshot, `${key}.vcf`, '.vcf.gz');
  const of = (table: TableName, type: string, columns: MadeRow['contents']) =>
    activity(snapshot, table, key, type, columns);
  assembly.link(
    [root],
    of('anvil_sequencingactivity', 'Sequencing', { used_biosample_id: [root.id], ...made(reads) }),
    reads,
  );
  assembly.link(reads, of('anvil_alignmentactivity', 'Alignment', { used_file_id: ids(reads), ...made([bam]) }), [bam]);
  assembly.link(
    [bam],
    of('anvil_variantcallingactivity', 'Variant Calling', { used_file_id: [bam.id], ...made([vcf]) }),
    [vcf],
  );
  if (!new Random(snapshot.seed, snapshot.index, 'indexing', key).chance(0.3)) return;
  const outputs = [bam, fileOf(snapshot, `${key}.bai`, '.bai')];
  const used = { used_file_id: [bam.id], used_biosample_id: [] };
  assembly.link([bam], of('anvil_activity', 'Indexing', { ...used, ...made(outputs) }), outputs);
}

const ids = (rows: readonly MadeRow[]): readonly string[] => rows.map(({ id }) => id);
const made = (outputs: readonly MadeRow[]) => ({ generated_file_id: ids(outputs) });

function activity(
  snapshot: Snapshot,
  table: TableName,
  key: string,
  type: string,
  columns: MadeRow['contents'],
): MadeRow {
  return rowOf(snapshot, table, key, (random) => ({ activity_type: type, ...columns, ...ofTable(table, random) }));
}

/** Columns that not all tables of activities have. */
function ofTable(table: TableName, random: Random): MadeRow['contents'] {
  if (table === 'anvil_activity') return {};
  const modality = { data_modality: [...random.some(words.modalities, random.between(0, 2))] };
  if (table === 'anvil_sequencingactivity')
    return { ...modality, assay_type: [...random.some(words.assays, random.between(0, 2))] };
  if (table === 'anvil_assayactivity') return { ...modality, assay_type: random.pick([...words.assays, null]) };
  return { ...modality, reference_assembly: [random.pick(words.assemblies)] };
}

/** Donors of a biosample, their diagnoses, and the dataset. */
function originate(snapshot: Snapshot, assembly: Assembly, number: number): void {
  const biosample = biosampleOf(snapshot, number);
  assembly.link([datasetOf(snapshot)], null, [biosample]);
  for (const one of donorsOf(snapshot, number)) {
    const donor = donorOf(snapshot, one);
    const isKnown = assembly.has(donor);
    assembly.link([donor], null, [biosample]);
    if (!isKnown) for (const diagnosis of diagnosesOf(snapshot, one)) assembly.link([diagnosis], null, [donor]);
  }
}

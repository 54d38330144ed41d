import type { NormalizedBundleBuilder } from '../../../../core/model/normalized.ts';
import type { Biomaterial, Values } from '../read/entities.ts';
import type { Graph } from '../read/graph.ts';
import { type FileFacts, fileFacts, fileObject, fileValues } from '../walk/files.ts';
import { aboveSuspensions, organsOf } from '../walk/samples.ts';
import { type ByRole, sequencingInputs } from '../walk/surroundings.ts';

/** Numbers of sets by role. */
export type Sets = Readonly<Record<string, number>>;

/** Makes rows of inner entities, each once, and sets of them. */
export class Rows {
  readonly #builder: NormalizedBundleBuilder;
  readonly #graph: Graph;
  readonly #samples: readonly (readonly number[])[];
  /** by entity */
  readonly #facts: readonly (FileFacts | undefined)[];
  readonly #aboveSuspensions: Uint8Array;
  readonly #organs = new Map<readonly number[], Values>();
  /** row by entity, one more, so that 0 means that there is none yet */
  readonly #entityRows: Int32Array;
  readonly #inputRows: Int32Array;

  /** @throws LazuliError `bundle_invalid` where the place of a file in the graph makes no sense */
  constructor(builder: NormalizedBundleBuilder, graph: Graph, samples: readonly (readonly number[])[]) {
    this.#builder = builder;
    this.#graph = graph;
    this.#samples = samples;
    this.#aboveSuspensions = aboveSuspensions(graph);
    this.#entityRows = new Int32Array(graph.entities.length);
    this.#inputRows = new Int32Array(graph.entities.length);
    const facts: (FileFacts | undefined)[] = [];
    for (const [number, { core }] of graph.entities.entries()) {
      facts.push(core === 'file' ? fileFacts(graph, number) : undefined);
    }
    this.#facts = facts;
  }

  facts(file: number): FileFacts {
    return this.#facts[file] as FileFacts;
  }

  /** A set for every role, of the role's rows. */
  sets(byRole: ByRole): Sets {
    const sets: Record<string, number> = {};
    for (const [role, numbers] of byRole) {
      const rows = role === sequencingInputs ? this.inputs(numbers) : this.rows(numbers);
      sets[role] = this.#builder.set(rows);
    }
    return sets;
  }

  rows(numbers: readonly number[]): number[] {
    return numbers.map((number) => this.row(number));
  }

  inputs(numbers: readonly number[]): number[] {
    return numbers.map((number) => this.input(number));
  }

  /** The row of an entity in the table of its own kind. */
  row(number: number): number {
    const known = this.#entityRows[number] as number;
    if (known > 0) return known - 1;
    const { id } = this.#graph.entity(number);
    const row = this.#builder.row(this.#table(number), id, this.#values(number));
    this.#entityRows[number] = row + 1;
    return row;
  }

  /** The row of a biomaterial as something that was sequenced. */
  input(number: number): number {
    const known = this.#inputRows[number] as number;
    if (known > 0) return known - 1;
    const { id, schema, biomaterialId } = this.#graph.entity(number) as Biomaterial;
    const values = { biomaterial_id: biomaterialId, sequencing_input_type: schema };
    const row = this.#builder.row(sequencingInputs, id, values);
    this.#inputRows[number] = row + 1;
    return row;
  }

  /** The row of a zarr store's representative as its own document shows it. */
  representative(number: number, related: readonly number[]): number {
    const facts = this.facts(number);
    const objects = related.map((other) => fileObject(this.facts(other)));
    return this.#builder.row('files', facts.file.id, { ...fileValues(facts), related_files: objects });
  }

  #table(number: number): string {
    const { core, schema } = this.#graph.entity(number);
    if (core === 'file') return 'files';
    if (core === 'process') return 'sequencing_processes';
    return tableOf[schema] as string;
  }

  #values(number: number): Values {
    const entity = this.#graph.entity(number);
    if (entity.core === 'file') return fileValues(this.facts(number));
    if (entity.core === 'process') return {};
    return entity.schema === 'cell_suspension' ? this.#suspension(number, entity as Biomaterial) : entity.values;
  }

  /** Cells count where a suspension was not processed into another one (specification, plugin-hca 4.1). */
  #suspension(number: number, { cells, values }: Biomaterial): Values {
    const redundant = this.#aboveSuspensions[number] === 1;
    return {
      ...values,
      total_estimated_cells: redundant ? 0 : cells,
      total_estimated_cells_redundant: redundant ? cells : 0,
      ...this.#organsOf(this.#samples[number] as readonly number[]),
    };
  }

  #organsOf(samples: readonly number[]): Values {
    const known = this.#organs.get(samples);
    if (known !== undefined) return known;
    const organs = organsOf(this.#graph, samples);
    this.#organs.set(samples, organs);
    return organs;
  }
}

const tableOf: Readonly<Record<string, string>> = {
  project: 'projects',
  donor_organism: 'donors',
  specimen_from_organism: 'specimens',
  cell_suspension: 'cell_suspensions',
  cell_line: 'cell_lines',
  organoid: 'organoids',
  analysis_protocol: 'analysis_protocols',
  imaging_protocol: 'imaging_protocols',
  library_preparation_protocol: 'library_preparation_protocols',
  sequencing_protocol: 'sequencing_protocols',
};

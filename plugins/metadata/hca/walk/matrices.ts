import type { NormalizedBundleBuilder } from '../../../../core/model/normalized.ts';
import { type Dimension, parseStrata, printStratum, type Stratum } from '../declared/strata.ts';
import type { Sets } from '../emit/rows.ts';
import { invalid } from '../members.ts';
import { distinctSorted } from '../order.ts';
import { type Biomaterial, nameOf } from '../read/entities.ts';
import type { Graph } from '../read/graph.ts';
import { type FileFacts, fileObject } from './files.ts';

const none: Readonly<Record<string, never>> = {};

/** The role by which projects and bundles show a file, if any (specification, plugin-hca 4.6). */
export function matrixRole({ file, isMatrix, isIntermediate, submitter }: FileFacts) {
  if (submitter === undefined || isIntermediate === true) return undefined;
  if (submitter.category === 'internal') return isMatrix ? 'matrices' : undefined;
  return isMatrix || file.schema === 'analysis_file' ? 'contributed_analyses' : undefined;
}

/** @param around entities collected around the file */
export function matrixRow(
  builder: NormalizedBundleBuilder,
  graph: Graph,
  facts: FileFacts,
  around: () => readonly number[],
  samples: readonly number[],
): number {
  const strata =
    facts.file.schema === 'supplementary_file' ? described(facts) : derived(graph, facts, around(), samples);
  return builder.row('matrices', facts.file.id, { file: { ...fileObject(facts), related_files: [], strata } });
}

/** Verbatim, but only if it can be read again. */
function described({ file }: FileFacts): string {
  const { description } = file;
  if (typeof description === 'string') {
    if (description !== '') saying(file, () => parseStrata(description));
    return description;
  }
  const remedy = 'Describe the strata of the matrix, such as genusSpecies=Homo sapiens;organ=eye.';
  throw invalid(nameOf(file), 'file_description', `'file_description' of a matrix is missing`, remedy);
}

/** What the matrix was made from. Unknown values make no stratum. */
function derived(graph: Graph, { file }: FileFacts, around: readonly number[], samples: readonly number[]): string {
  const values = (schema: string, column: string): unknown[] =>
    around.flatMap((number) => {
      const entity = graph.entity(number);
      return entity.schema === schema ? ((entity as Biomaterial).values[column] ?? []) : [];
    });
  const strata: Record<Dimension, unknown[]> = {
    genusSpecies: values('donor_organism', 'genus_species'),
    developmentStage: values('donor_organism', 'development_stage'),
    organ: samples.map((number) => (graph.entity(number) as Biomaterial).sample?.organ),
    libraryConstructionApproach: values('library_preparation_protocol', 'library_construction_approach'),
  };
  const texts = Object.entries(strata).map(([dimension, list]) => {
    return [dimension, distinctSorted(list.filter((value) => typeof value === 'string'))];
  });
  return saying(file, () => printStratum(Object.fromEntries(texts)));
}

/**
 * Rows without an id for what the strata of a supplementary matrix say, shown by the file's own
 * document beside its surroundings (specification, plugin-hca 4.6).
 *
 * @returns rows by role
 */
export function stratumRows(builder: NormalizedBundleBuilder, { file, isMatrix, submitter }: FileFacts) {
  if (!isMatrix || submitter === undefined || !file.description) return none;
  const rows: Record<string, number[]> = {};
  const text = file.description;
  const put = (role: string, values: Readonly<Record<string, unknown>>) => {
    rows[role] ??= [];
    rows[role].push(builder.row(role, null, values));
  };
  for (const stratum of saying(file, () => parseStrata(text))) addStratum(stratum, file.manifest.name, put);
  return rows;
}

function addStratum(stratum: Stratum, name: string, put: (role: string, values: Record<string, unknown>) => void) {
  const { genusSpecies, developmentStage, organ, libraryConstructionApproach: approach } = stratum;
  const donor = {
    ...(genusSpecies ? { genus_species: distinctSorted(genusSpecies) } : {}),
    ...(developmentStage ? { development_stage: distinctSorted(developmentStage) } : {}),
  };
  if (genusSpecies || developmentStage) put('donors', { ...donor, biomaterial_id: `donor_organism_${name}` });
  distinctSorted(organ ?? []).forEach((one, i) => {
    put('specimens', { biomaterial_id: `specimen_from_organism_${i}_${name}`, organ: one });
  });
  if (approach) put('library_preparation_protocols', { library_construction_approach: distinctSorted(approach) });
}

function saying<T>(file: FileFacts['file'], action: () => T): T {
  try {
    return action();
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    const field = file.schema === 'supplementary_file' ? 'file_description' : '';
    const remedy = 'Strata are written dimension=value,value;dimension=value, so values hold none of these characters.';
    throw invalid(nameOf(file), field, `The strata of this file can't be told: ${cause.message}`, remedy);
  }
}

/** Those of a file's sets that get more rows. */
export function extendedSets(
  builder: NormalizedBundleBuilder,
  more: Readonly<Record<string, readonly number[]>>,
  rowsOf: (role: string) => readonly number[],
): Sets {
  if (more === none) return none;
  const sets: Record<string, number> = {};
  for (const [role, rows] of Object.entries(more)) sets[role] = builder.set([...rowsOf(role), ...rows]);
  return sets;
}

import type { NormalizedBundleBuilder } from '../../normalized.ts';
import { type AggregateDates, dateValues } from './dates.ts';
import { Documents } from './documents.ts';
import type { Entity } from './entities.ts';
import type { Graph } from './graph.ts';
import type { HcaBundle } from './read-bundle.ts';
import { Rows, type Sets } from './rows.ts';
import { nearestSamples } from './samples.ts';
import { sampleRoleOf } from './schemas.ts';
import { Surroundings } from './surroundings.ts';

/** What emitting the outer entities of one bundle needs. */
export class Emission {
  readonly builder: NormalizedBundleBuilder;
  readonly bundle: HcaBundle;
  readonly graph: Graph;
  readonly surroundings: Surroundings;
  /** nearest samples upstream, by entity */
  readonly samples: readonly (readonly number[])[];
  readonly rows: Rows;
  readonly documents: Documents;
  readonly #projects: number;
  readonly #sampleSets = new Map<readonly number[], Sets>();

  constructor(builder: NormalizedBundleBuilder, bundle: HcaBundle) {
    this.builder = builder;
    this.bundle = bundle;
    this.graph = bundle.graph;
    this.surroundings = new Surroundings(this.graph);
    this.samples = nearestSamples(this.graph);
    this.rows = new Rows(builder, this.graph, this.samples);
    this.documents = new Documents(builder, this.graph, bundle.contents, bundle.uuid);
    this.#projects = builder.set([this.rows.row(bundle.project)]);
  }

  /** Emits an outer entity that is an entity of the bundle's. */
  emit(type: string, { id, submitted, updated }: Entity, sets: Sets, aggregate?: AggregateDates): void {
    this.emitDated(type, id, submitted, updated, sets, aggregate);
  }

  emitDated(
    type: string,
    id: string,
    submitted: string,
    updated: string | null,
    sets: Sets,
    aggregate?: AggregateDates,
  ): void {
    const dates = this.builder.row('dates', id, dateValues(submitted, updated, aggregate));
    this.builder.entity(type, id, { ...sets, projects: this.#projects, dates: this.builder.set([dates]) });
  }

  /** Sets of samples, together and by kind. */
  sampleSets(samples: readonly number[]): Sets {
    const known = this.#sampleSets.get(samples);
    if (known !== undefined) return known;
    const byKind = Map.groupBy(samples, (number) => sampleRoleOf.get(this.graph.entity(number).schema) as string);
    const sets = this.rows.sets(new Map([['samples', samples], ...byKind]));
    this.#sampleSets.set(samples, sets);
    return sets;
  }

  samplesOf(number: number): readonly number[] {
    return this.samples[number] as readonly number[];
  }

  /** Numbers of the entities that pass a test. */
  numbers(test: (entity: Entity) => boolean): number[] {
    return this.graph.entities.flatMap((entity, number) => (test(entity) ? [number] : []));
  }
}

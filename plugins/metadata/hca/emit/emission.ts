import type { NormalizedBundleBuilder } from '../../../../core/model/normalized.ts';
import type { HcaBundle } from '../read/bundle.ts';
import type { Entity } from '../read/entities.ts';
import type { Graph } from '../read/graph.ts';
import { sampleRoleOf } from '../read/schemas.ts';
import { type AggregateDates, dateValues } from '../walk/dates.ts';
import { nearestSamples } from '../walk/samples.ts';
import { Surroundings } from '../walk/surroundings.ts';
import { Documents } from './documents.ts';
import { Rows, type Sets } from './rows.ts';

/** What has dates of its own: an entity, or the bundle. */
type Dated = Pick<Entity, 'id' | 'submitted' | 'updated'> & { readonly aggregate?: AggregateDates };

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

  /**
   * Emits an outer entity, with its dates and the project.
   *
   * @param parts of its sets; of a role that several have, the last counts. Not spread: that takes three times as long
   */
  emit(type: string, dated: Dated, ...parts: readonly Sets[]): void {
    const { id, submitted, updated, aggregate } = dated;
    const dates = this.builder.set([this.builder.row('dates', id, dateValues(submitted, updated, aggregate))]);
    this.builder.entity(type, id, Object.assign({ projects: this.#projects, dates }, ...parts));
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
    const { entities } = this.graph;
    const passed: number[] = [];
    for (let number = 0; number < entities.length; number++) {
      if (test(entities[number] as Entity)) passed.push(number);
    }
    return passed;
  }
}

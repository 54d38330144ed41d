import type { Entity, Fields } from './scene.ts';

/** What a process made of what, by which protocols. */
export interface Step {
  readonly process: Entity;
  readonly inputs: readonly Entity[];
  readonly outputs: readonly Entity[];
  readonly protocols: readonly Entity[];
}

/** Files that supplement an entity without being made from it. */
export interface Supplement {
  readonly entity: Entity;
  readonly files: readonly Entity[];
}

/** The entities of one bundle and how they came to be, before links are written in a dialect. */
export class BundleGraph {
  readonly #entities = new Map<string, Entity>();
  readonly #stitched = new Set<string>();
  readonly steps: Step[] = [];
  readonly supplements: Supplement[] = [];

  add(...entities: readonly Entity[]): void {
    for (const entity of entities) if (!this.#entities.has(entity.id)) this.#entities.set(entity.id, entity);
  }

  step(step: Step): void {
    this.add(step.process, ...step.inputs, ...step.outputs, ...step.protocols);
    this.steps.push(step);
  }

  supplement(supplement: Supplement): void {
    this.add(supplement.entity, ...supplement.files);
    this.supplements.push(supplement);
  }

  /** Marks what is there so far, but the project, as pulled in from upstream bundles. */
  stitch(): void {
    for (const { id, type } of this.#entities.values()) if (type !== 'project') this.#stitched.add(id);
  }

  /** An id that no entity of the bundle has: links of upstream bundles are stitched in too. */
  stitchAbsent(id: string): void {
    this.#stitched.add(id);
  }

  get stitched(): readonly string[] {
    return [...this.#stitched];
  }

  /** The bundle's `manifest` and `metadata`, by `<schema name>/<document id>`. */
  documents(): { readonly manifest: Fields; readonly metadata: Fields } {
    const manifest: Record<string, Fields> = {};
    const metadata: Record<string, Fields> = {};
    for (const entity of this.#entities.values()) {
      const key = `${entity.type}/${entity.id}`;
      metadata[key] = entity.document;
      if (entity.manifest !== undefined) manifest[key] = entity.manifest;
    }
    return { manifest, metadata };
  }
}

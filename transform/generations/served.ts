import { z } from 'zod';
import { layoutHash } from '../../core/documents/document-layout.ts';
import { mappingOf } from '../sink/answers.ts';
import { type Generation, type GenerationsOf, listGenerations, swapGenerations } from './indices.ts';
import { shardsOf, wantedShards } from './spread.ts';

/** The layout of a generation beside that of this code: a service of this code reads either. */
export type LayoutAge = 'former' | 'current' | 'later';

/** Shards of an index: those that there are, and those that the settings ask for, which takes a reindex. */
export interface Shards {
  readonly serving: number;
  readonly wanted: number;
}

/** What a worker's status shows of the generation that serves; null where none does. */
export interface ServedState {
  readonly generation: number | null;
  readonly layout: LayoutAge | null;
  readonly shards: Shards | null;
}

/** The generation that the service reads. */
export class Served {
  readonly #of: GenerationsOf;
  #number: number | null = null;
  #layout: LayoutAge | null = null;
  #shards: Shards | null = null;

  constructor(of: GenerationsOf) {
    this.#of = of;
  }

  /** null where none serves */
  get number(): number | null {
    return this.#number;
  }

  /** As the status of a worker shows it. */
  get state(): ServedState {
    return { generation: this.#number, layout: this.#layout, shards: this.#shards };
  }

  /** Finds out which one it is. @returns all generations */
  async look(): Promise<readonly Generation[]> {
    const found = await listGenerations(this.#of);
    const serving = found.find(({ serves }) => serves);
    this.#layout = serving === undefined ? null : await layoutAge(this.#of, serving);
    this.#shards = serving === undefined ? null : await this.#spread(serving.number);
    this.#number = serving?.number ?? null;
    return found;
  }

  /** Lets another one serve, whose layout is that of this code. */
  async change(to: number): Promise<void> {
    const before = (await listGenerations(this.#of)).find(({ serves }) => serves) ?? null;
    if (before?.number !== to) await swapGenerations(this.#of, before, to);
    this.#shards = await this.#spread(to);
    this.#number = to;
    this.#layout = 'current';
  }

  async #spread(generation: number): Promise<Shards> {
    return { serving: await shardsOf(this.#of, generation), wanted: wantedShards(this.#of) };
  }
}

const made = z.looseObject({ hash: z.string(), pluginVersion: z.int() });

/** Indices that don't describe their layout are from before such descriptions. */
async function layoutAge({ cluster, plugin }: GenerationsOf, { indices }: Generation): Promise<LayoutAge> {
  const [index = ''] = indices;
  const told = made.safeParse((await mappingOf(cluster, index))._meta).data;
  if (told?.hash === layoutHash(plugin)) return 'current';
  return told !== undefined && told.pluginVersion > plugin.version ? 'later' : 'former';
}

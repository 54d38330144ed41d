import { LazuliError } from '../../core/config/errors.ts';

/** A generation that has lost indices is of no use. */
export class GenerationGone extends LazuliError {
  readonly generation: number;

  constructor(generation: number) {
    super('index_unavailable', `An index of generation ${generation} was deleted`, {
      remedy: 'A build starts over by itself; a generation that was kept can not serve any more.',
    });
    this.generation = generation;
  }
}

/** There is no such generation to go back to. */
export function notKept(generation: number | undefined, kept: readonly number[]): LazuliError {
  const which =
    generation === undefined ? 'There is no generation to go back to' : `Generation ${generation} is not kept current`;
  const others = kept.length === 0 ? '' : `; kept are ${kept.join(', ')}`;
  return new LazuliError('conflict', `${which}${others}.`, {
    remedy: 'Choose a generation that is kept, or build a fresh one with `lazuli reindex`.',
  });
}

/** There is no such generation to compare with the store. */
export function notCurrent(generation: number | null): LazuliError {
  const message =
    generation === null ? 'No current generation serves.' : `Generation ${generation} is not kept current.`;
  return new LazuliError('conflict', message, { remedy: '`lazuli generation list` shows which are current.' });
}

export function noGeneration(catalog: string, generation: number): LazuliError {
  return new LazuliError('not_found', `${catalog} has no generation ${generation}.`, {
    remedy: '`lazuli generation list` shows which there are.',
  });
}

/** A generation that can't be dropped. */
export function needed(generation: number, serves: boolean): LazuliError {
  return new LazuliError('conflict', `Generation ${generation} ${serves ? 'serves' : 'is being built'}.`, {
    remedy: 'Let another one serve first.',
  });
}

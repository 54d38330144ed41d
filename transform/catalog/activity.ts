import type { Pause } from '../sink/pause.ts';
import type { CatalogContext } from './context.ts';

/** What the worker of a catalog is doing. */
export type CatalogState = 'starting' | 'idle' | 'loading' | 'rebuilding' | 'paused' | 'stopped';

/** What the worker of a catalog is doing, and why it stands still if it does: the stages note it, the status shows it. */
export class Activity {
  readonly #context: CatalogContext;
  #state: CatalogState = 'starting';
  #pause: Pause | null = null;

  constructor(context: CatalogContext) {
    this.#context = context;
  }

  get state(): CatalogState {
    return this.#state;
  }

  /** Null while work goes on. */
  get pause(): Pause | null {
    return this.#pause;
  }

  note(state: Exclude<CatalogState, 'paused'>): void {
    this.#state = state;
  }

  /** @param pause null: work goes on */
  notePause(pause: Pause | null): void {
    const { logger, catalog } = this.#context;
    if (pause?.reason !== this.#pause?.reason) {
      if (pause) logger.warn({ catalog, reason: pause.reason }, 'paused');
      else logger.info({ catalog }, 'going on');
    }
    this.#pause = pause;
  }
}

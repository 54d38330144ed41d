import type { Settings } from '../core/config/settings.ts';
import type { Repository } from '../core/model/repository.ts';
import { systemClock } from '../core/runtime/clock.ts';
import { inTime } from '../core/runtime/deadline.ts';
import type { Clock } from '../core/runtime/ports.ts';
import { openRepository } from '../plugins/registry.ts';

const freshMillis = 10_000;
const answerMillis = 20_000;

/** Knows which sources catalogs have, as of some seconds ago. */
export class CatalogSources {
  readonly #settings: Pick<Settings, 'catalogs' | 'plugins'>;
  readonly #clock: Clock;
  readonly #repositories = new Map<string, Promise<Repository>>();
  readonly #known = new Map<string, { readonly at: number; readonly ids: Promise<ReadonlySet<string>> }>();

  constructor(settings: Pick<Settings, 'catalogs' | 'plugins'>, clock: Clock = systemClock) {
    this.#settings = settings;
    this.#clock = clock;
  }

  /** None where there is no such catalog. @throws LazuliError where its repository can't tell */
  of(catalog: string): Promise<ReadonlySet<string>> {
    const now = this.#clock.now();
    const known = this.#known.get(catalog);
    if (known !== undefined && Math.abs(now - known.at) < freshMillis) return known.ids;
    const ids = this.#ask(catalog);
    this.#known.set(catalog, { at: now, ids });
    ids.catch(() => this.#known.delete(catalog));
    return ids;
  }

  async #ask(catalog: string): Promise<ReadonlySet<string>> {
    const settings = this.#settings.catalogs[catalog];
    if (settings === undefined) return new Set();
    const opening = this.#repositories.get(catalog) ?? openRepository(settings, this.#settings);
    this.#repositories.set(catalog, opening);
    opening.catch(() => this.#repositories.delete(catalog));
    const repository = await opening;
    const late = () => new Error(`The repository of ${catalog} has not answered within ${answerMillis} ms`);
    const sources = await inTime({ clock: this.#clock, millis: answerMillis, late }, (signal) =>
      repository.listSources(signal),
    );
    return new Set(sources.map(({ id }) => id));
  }
}

import { jsonOrNothing } from '../../core/config/text.ts';
import type { Logger } from '../../core/runtime/logger.ts';
import { type Manifest, manifestKey, manifestSchema } from '../../core/staged/layout.ts';
import { Standings } from '../../core/staged/standings.ts';
import type { OpenCatalog, OpenCatalogs } from '../catalogs.ts';
import { type StageAgainPorts, stageAgain } from './stage-again.ts';

/** Between looks: transform waits for it after an upgrade only. */
const restMillis = 60_000;

/**
 * Has outdated batches staged again by the present versions of their plug-ins, one after the other, while new ones are
 * staged. What can't be done now is tried again.
 */
export class OutdatedBatches {
  readonly #catalogs: OpenCatalogs;
  readonly #ports: StageAgainPorts;
  readonly #logger: Logger;
  readonly #stop = new AbortController();
  readonly #standings: ReadonlyMap<string, Standings>;
  /** batches that are of the present version, or of a later one; or that can't be read */
  readonly #current = new Set<string>();

  constructor(catalogs: OpenCatalogs, ports: StageAgainPorts, logger: Logger) {
    this.#catalogs = catalogs;
    this.#ports = ports;
    this.#logger = logger;
    this.#standings = new Map([...catalogs.keys()].map((name) => [name, new Standings(ports.store, name)]));
  }

  /** Works until stopped. */
  async run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      await this.stageAll().catch((error: unknown) => {
        this.#logger.warn({ err: error }, 'staged batches can not be looked through now');
      });
      await this.#ports.clock.sleep(restMillis, this.#stop.signal).catch(() => undefined);
    }
  }

  stop(): void {
    this.#stop.abort();
  }

  /** One look at all batches. @throws LazuliError `staging_unavailable` */
  async stageAll(): Promise<void> {
    for (const catalog of this.#catalogs.values()) {
      const { live = [] } = (await this.#standings.get(catalog.name)?.read()) ?? {};
      for (const batch of live) {
        if (this.#stop.signal.aborted) return;
        if (this.#current.has(batch)) continue;
        await this.#stage(catalog, batch).catch((error: unknown) => {
          this.#logger.warn({ err: error, batch }, 'a batch of an earlier plug-in can not be staged again now');
        });
      }
    }
  }

  async #stage(catalog: OpenCatalog, batch: string): Promise<void> {
    const manifest = await this.#manifest(catalog.name, batch);
    if (manifest !== null && isOutdated(manifest, catalog)) {
      const refused = await stageAgain(manifest, catalog, this.#ports);
      const { bundles } = manifest;
      this.#logger.info({ catalog: catalog.name, batch, bundles: bundles.length, refused }, 'normalized again');
    }
    this.#current.add(batch);
  }

  /** @returns null for one that can't be read: transform reports it when it loads the batch */
  async #manifest(catalog: string, batch: string): Promise<Manifest | null> {
    const bytes = await this.#ports.store.get(manifestKey(catalog, batch));
    return bytes === null ? null : (manifestSchema.safeParse(jsonOrNothing(bytes)).data ?? null);
  }
}

/** What a later version has staged stays as it is: this one may be on its way out. */
function isOutdated({ plugin }: Manifest, catalog: OpenCatalog): boolean {
  return plugin.name === catalog.plugin.name && plugin.version < catalog.plugin.version;
}

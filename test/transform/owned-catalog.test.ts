import { expect } from 'chai';
import { LazuliError } from '../../core/config/errors.ts';
import type { CatalogProgress } from '../../core/control/catalog-status.ts';
import { noLogger } from '../../core/runtime/logger.ts';
import { OwnedCatalog, type Taken } from '../../transform/owner/owned-catalog.ts';
import { until } from '../rigs/until.ts';

const superseded = new LazuliError('superseded', 'Another worker owns this catalog');

/** A catalog whose takings over end as they are told to: by an error, or idle until it is stopped. */
class Rig {
  readonly log: string[] = [];
  readonly slept: number[] = [];
  readonly catalog: OwnedCatalog<Taken>;
  readonly #ends: (Error | 'idle' | 'does not open')[];
  #state: CatalogProgress['state'] = 'starting';

  constructor(ends: (Error | 'idle' | 'does not open')[], alone = false) {
    this.#ends = ends;
    const clock = { now: () => 7, sleep: async (millis: number, signal?: AbortSignal) => this.#sleep(millis, signal) };
    this.catalog = new OwnedCatalog({ catalog: 'c', alone, clock, logger: noLogger, open: async () => this.#open() });
  }

  async #sleep(millis: number, signal?: AbortSignal): Promise<void> {
    this.slept.push(millis);
    if (millis < 100_000) return;
    await new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
  }

  #open(): Taken {
    const end = this.#ends.shift() ?? 'idle';
    this.log.push('open');
    if (end === 'does not open') throw new Error('no store');
    const stopped = Promise.withResolvers<void>();
    const run = async () => {
      if (end !== 'idle') throw end;
      this.#state = 'idle';
      await stopped.promise;
    };
    const progress = () => ({ state: this.#state }) as CatalogProgress;
    const owner = {
      ...{ run, stop: () => stopped.resolve(), load: async () => 5, isWritten: (commit: number) => commit < 5 },
      get progress() {
        return progress();
      },
    };
    return { owner, before: 1, store: { close: async () => void this.log.push('close') } };
  }
}

describe('A catalog of a worker with several', () => {
  it('is taken over again where it fails or does not open, says why, and then is as any other', async () => {
    const { catalog, log, slept } = new Rig(['does not open', new Error('its SQL is wrong'), 'idle']);
    await catalog.take();
    const reason = 'it failed, and is taken over again: no store';
    expect(catalog.failure).to.deep.equal({ code: 'unexpected', reason, since: 7 });
    const running = catalog.run();
    await until(async () => catalog.failure === null);
    expect(log).to.deep.equal(['open', 'open', 'close', 'open']);
    expect(slept.every((millis) => millis <= 4_000)).to.equal(true);
    catalog.stop();
    await running;
  });

  it('holds nobody up while it fails: what is staged is found when it is taken over again', async () => {
    const { catalog } = new Rig(['does not open', 'idle']);
    await catalog.take();
    expect(await catalog.load(['batch'])).to.equal(0);
    expect(catalog.isWritten(9)).to.equal(true);
    const running = catalog.run();
    await until(async () => catalog.failure === null);
    expect(await catalog.load(['batch'])).to.equal(5);
    expect(catalog.isWritten(9)).to.equal(false);
    catalog.stop();
    await running;
  });

  it('is left to another worker that has it', async () => {
    const { catalog, log } = new Rig([superseded]);
    await catalog.take();
    const running = catalog.run();
    await until(async () => catalog.failure !== null);
    expect(catalog.failure?.reason).to.equal('it was let go of: Another worker owns this catalog');
    catalog.stop();
    await running;
    expect(log).to.deep.equal(['open', 'close']);
  });

  it('ends the worker by what it must not survive where it has no other', async () => {
    const { catalog } = new Rig([superseded], true);
    await catalog.take();
    const error = await catalog.run().catch((thrown: unknown) => thrown);
    expect(error).to.equal(superseded);
  });
});

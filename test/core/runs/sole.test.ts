import { expect } from 'chai';
import { Sole } from '../../../core/runs/sole.ts';
import { systemClock } from '../../../core/runtime/clock.ts';
import { noLogger } from '../../../core/runtime/logger.ts';
import type { Records } from '../../../core/runtime/ports.ts';
import { FolderStore } from '../../../core/storage/folder.ts';
import { temporaryFolder } from '../../rigs/streams/recording.ts';
import { until } from '../../rigs/until.ts';

const beatMillis = 10;

/** A worker that notes when it works. */
class Worker {
  readonly #sole: Sole;
  readonly #running: Promise<void>;
  working = 0;
  terms = 0;

  constructor(worker: string, records: Records) {
    this.#sole = new Sole({ name: 'duty', worker, records, clock: systemClock, logger: noLogger, beatMillis });
    this.#running = this.#sole.run((signal) => this.#work(signal));
  }

  async stop(): Promise<void> {
    this.#sole.stop();
    await this.#running;
  }

  async #work(signal: AbortSignal): Promise<void> {
    this.working++;
    this.terms++;
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    this.working--;
  }
}

describe('Work that one of several workers does', () => {
  let folder: AsyncDisposable & { readonly path: string };
  let records: FolderStore;
  beforeEach(async () => {
    folder = await temporaryFolder();
    records = new FolderStore(folder.path);
    await records.prepare();
  });
  afterEach(() => folder[Symbol.asyncDispose]());

  const holders = (workers: readonly Worker[]) => workers.reduce((sum, { working }) => sum + working, 0);

  it('is done by one of them; by another one, soon, when that one stops', async () => {
    const workers = ['a', 'b', 'c'].map((name) => new Worker(name, records));
    for (let left = workers; left.length > 0; ) {
      await until(() => holders(left) === 1);
      const holder = left.find(({ working }) => working === 1);
      await holder?.stop();
      expect(holder?.working).to.equal(0);
      left = left.filter((worker) => worker !== holder);
    }
    expect(workers.map(({ terms }) => terms)).to.deep.equal([1, 1, 1]);
  });

  it('goes to another one when a worker gives no sign of life; that one finds out, and stops', async () => {
    const frozen = { is: false, records };
    const held = new Worker('a', whileNot(frozen));
    await until(() => held.working === 1);
    const other = new Worker('b', records);
    frozen.is = true;
    await until(() => other.working === 1);
    expect(held.working).to.equal(1);
    frozen.is = false;
    await until(() => held.working === 0);
    expect(other.working).to.equal(1);
    await Promise.all([held.stop(), other.stop()]);
  });

  it('goes on in the term that a worker of the same name has left behind only after it is given up', async () => {
    const key = '_leases/duty/00000007.json';
    await records.put(key, Buffer.from(JSON.stringify({ worker: 'a', beat: 3, over: false })));
    const worker = new Worker('a', records);
    await until(() => worker.working === 1);
    await until(async () => (await keys(records)).join() === '_leases/duty/00000008.json');
    await worker.stop();
  });
});

async function keys(records: Records): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const key of records.list('_leases/duty/')) found.push(key);
  return found;
}

/** Records that nobody answers for while the process is frozen. */
function whileNot(frozen: { readonly is: boolean; readonly records: Records }): Records {
  const awake = () => until(() => !frozen.is);
  const { records } = frozen;
  return {
    put: async (key, value) => awake().then(() => records.put(key, value)),
    putIfAbsent: async (key, value) => awake().then(() => records.putIfAbsent(key, value)),
    get: async (key) => awake().then(() => records.get(key)),
    delete: async (key) => awake().then(() => records.delete(key)),
    async *list(prefix) {
      await awake();
      yield* records.list(prefix);
    },
  };
}

import { expect } from 'chai';
import type { Repository } from '../../core/model/repository.ts';
import { prepare } from '../../ingest/fetch.ts';
import { inOrder } from '../../ingest/in-order.ts';
import { encodeNotification } from '../../ingest/notification.ts';
import { fqid, ToyRepository, toyCatalogs } from '../rigs/models/toy.ts';
import { timeless } from './time.ts';

/** A repository that answers nothing until it is told that nobody waits. */
class SilentRepository implements Repository {
  readonly #toys = new ToyRepository();
  asked = 0;
  /** why requests were ended */
  readonly ended: unknown[] = [];

  fetchBundle: Repository['fetchBundle'] = (_fqid, _maxBytes, signal) => {
    this.asked++;
    const ended = Promise.withResolvers<never>();
    signal?.addEventListener('abort', () => {
      this.ended.push(signal.reason);
      ended.reject(signal.reason);
    });
    return ended.promise;
  };
  listSources = () => this.#toys.listSources();
  listBundles = () => this.#toys.listBundles();
  accessibleSources = () => this.#toys.accessibleSources();
}

const record = (n: number) => {
  const { uuid, version, source } = fqid(n);
  const notification = { bundle_fqid: { uuid, version, source } };
  const data = encodeNotification({ action: 'add', catalog: 'toys', number: 0, notification });
  return { sequenceNumber: String(n), partitionKey: uuid, data, arrived: 0 };
};

describe('A bundle that the repository does not give', () => {
  it('is not asked for any longer once it is too late', async () => {
    const repository = new SilentRepository();
    const ports = { catalogs: toyCatalogs(repository), clock: { now: () => 0, sleep: async () => {} }, maxBytes: 9 };
    const prepared = await prepare(record(1), ports, new AbortController().signal);
    expect(prepared).to.have.property('error').that.includes({ code: 'repository_unavailable' });
    expect(prepared).to.have.property('error').with.property('message').that.contains('within 300 s');
    expect(repository.ended).to.have.length(1);
  });

  it('is not asked for any longer when nobody takes it any more', async () => {
    const repository = new SilentRepository();
    const ports = { catalogs: toyCatalogs(repository), clock: timeless(() => 0), maxBytes: 9 };
    const records = [1, 2, 3].map(record);
    const work = async (one: (typeof records)[number], signal: AbortSignal) => {
      if (one.sequenceNumber === '1') return null;
      return prepare(one, ports, signal);
    };
    for await (const _ of inOrder(records, work, () => 0, { items: 3, size: 9 })) break;
    await new Promise((resolve) => setImmediate(resolve));
    expect([repository.asked, repository.ended.length]).to.deep.equal([2, 2]);
  });
});

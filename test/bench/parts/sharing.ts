import type { BucketReport } from '../../../core/control/building.ts';
import { buildingControl } from '../../../core/control/building.ts';
import { serve } from '../../../core/control/serve.ts';
import { operatorsApp } from '../../../core/http/operators-app.ts';
import { listen } from '../../../core/http/server.ts';
import { noLogger } from '../../../core/runtime/logger.ts';
import { Sharing } from '../../../transform/building/sharing.ts';
import { Documents } from '../../../transform/computing/documents.ts';
import { Copies } from '../../../transform/copies/copies.ts';
import { Generations } from '../../../transform/generations/generations.ts';
import { createGeneration } from '../../../transform/generations/indices.ts';
import { SnapshotPublisher } from '../../../transform/snapshots/publisher.ts';
import { Commits } from '../../../transform/store/commits.ts';
import type { Opened } from './opening.ts';

/** What a build by builders came to, once each of them had built a bucket: what comes before is start-up. */
export interface SharedBuild {
  readonly documents: number;
  readonly seconds: number;
  /** of this process, meanwhile */
  readonly cpu: number;
}

const cpuSeconds = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

/** The owner's part of a build by builders: hands buckets out at a port, and notes what comes. */
export class SharedOwner {
  readonly #sharing: Sharing;
  readonly #all = Promise.withResolvers<SharedBuild>();
  #documents = 0;
  #begun: { readonly at: number; readonly cpu: number } | null = null;
  /** that have built a bucket */
  readonly #working = new Set<string>();
  /** one after the other, as between two steps */
  #noting: Promise<void> = Promise.resolve();

  private constructor({ context }: Opened, generation: number, commits: Commits, generations: Generations) {
    const { store, plugin, limits } = context;
    const snapshots = new SnapshotPublisher(context);
    const documents = new Documents(store, plugin, limits);
    const copies = new Copies(context, commits, { number: null });
    const parts = { context, commits, generations, documents, snapshots, copies };
    this.#sharing = new Sharing(parts, generation, new AbortController().signal, ({ documents: n }) => {
      this.#documents += n;
    });
  }

  /** @param options `builders`: how many will ask; `inOpenSearch`: whether documents go there */
  static async start(
    opened: Opened,
    generation: number,
    { builders, inOpenSearch }: { readonly builders: number; readonly inOpenSearch: boolean },
  ) {
    const { context } = opened;
    const commits = new Commits(context.store);
    await commits.read();
    const generations = new Generations(context);
    await context.store.transaction(async () => {
      await generations.plan.make();
      await context.store.run('DELETE FROM outbox'); // what was loaded and not written yet is part of the plan
    });
    const owner = new SharedOwner(opened, generation, commits, generations);
    const sharing = owner.#sharing;
    sharing.handout.fill(await generations.plan.remaining());
    await sharing.share(1, async () => (inOpenSearch ? createGeneration(context, generation) : undefined));
    const operations = serve(buildingControl, {
      builders: async () => ({ wanted: 1 }),
      takeBucket: async ({ builder, held, wants }) => ({
        item: wants ? sharing.take(builder) : null,
        lost: held.filter((of) => !sharing.keep(of, builder)),
      }),
      reportBucket: async (report: BucketReport) => {
        owner.#noting = owner.#noting.then(() => sharing.note(report)).then(() => owner.#note(report, builders));
        await owner.#noting;
        return { of: report.of };
      },
    });
    const app = operatorsApp(
      { title: 'owner', description: 'hands buckets out', operations },
      {
        ...{ logger: noLogger, urlBytes: 1000, hosts: new Set<string>() },
      },
    );
    const server = await listen(app, { host: '127.0.0.1', port: 0, urlBytes: 1000 });
    const built = async (): Promise<SharedBuild> => {
      const result = await owner.#all.promise;
      await sharing.end();
      await server.stop();
      return result;
    };
    return { port: Number(new URL(server.url).port), built };
  }

  #note({ builder }: BucketReport, wanted: number): void {
    const [at, cpu] = [performance.now(), cpuSeconds()];
    this.#working.add(builder);
    if (this.#begun === null) {
      this.#documents = 0;
      if (this.#working.size === wanted) this.#begun = { at, cpu };
    }
    if (!this.#sharing.handout.isDone) return;
    const begun = this.#begun;
    if (begun === null) this.#all.reject(new Error('There are too few buckets for so many builders'));
    else this.#all.resolve({ documents: this.#documents, seconds: (at - begun.at) / 1000, cpu: cpu - begun.cpu });
  }
}

import type { CatalogContext } from '../../../transform/catalog/context.ts';
import { Documents } from '../../../transform/computing/documents.ts';
import { BuildPlan } from '../../../transform/generations/plan.ts';
import type { Store } from '../../../transform/store/store.ts';

/** What a rebuild without a sink came to. */
export interface Built {
  readonly documents: number;
  readonly bytes: number;
  readonly buckets: number;
}

/** Seconds by kind of statement. */
export type StatementTimes = Readonly<Record<string, number>>;

/** Builds every document and drops it. */
export async function build({
  store,
  plugin,
  limits,
  deployment,
  catalog,
}: CatalogContext): Promise<Built & { statements: StatementTimes }> {
  const timed = timeStatements(store);
  const documents = new Documents(store, plugin, limits);
  await documents.prepare();
  const plan = new BuildPlan(store, limits.bucketLinks);
  await store.transaction(async () => {
    await plan.make();
    await store.run('DELETE FROM outbox'); // what was loaded and not written yet is part of the plan
  });
  const buckets = await plan.remaining();
  let [built, bytes] = [0, 0];
  for (const bucket of buckets) {
    await plan.want(bucket.number);
    await documents.compute(bucket.bundles);
    const bodies = await documents.bodies({ deployment, catalog, generation: 1, version: 1 });
    built += bucket.documents;
    for (const body of bodies) bytes += body.bytes.length;
  }
  await plan.drop();
  if (built > 0 && bytes === 0) throw new Error('No document was built');
  return { documents: built, bytes, buckets: buckets.length, statements: timed() };
}

/** From now on, until the function that it returns is called, counts what each kind of statement takes. */
function timeStatements(store: Store): () => StatementTimes {
  const seconds: Record<string, number> = {};
  const timed =
    <T>(work: (sql: string) => Promise<T>) =>
    async (sql: string): Promise<T> => {
      const started = performance.now();
      try {
        return await work(sql);
      } finally {
        const kind = kindOf(sql);
        seconds[kind] = (seconds[kind] ?? 0) + (performance.now() - started) / 1000;
      }
    };
  const { run, rows } = store;
  store.run = timed(run.bind(store));
  store.rows = timed(rows.bind(store));
  return () => {
    store.run = run;
    store.rows = rows;
    return seconds;
  };
}

/** Pure. By what a statement makes. */
export function kindOf(sql: string): string {
  const [, made] = /\bTABLE\s+(?:main\.)?"?(\w+)/.exec(sql.slice(0, 200)) ?? [];
  if (made !== undefined) return made;
  return sql.startsWith('SELECT encode(') ? 'bulk bodies' : sql.slice(0, 40).replaceAll(/\s+/g, ' ');
}

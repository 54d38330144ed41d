import type { Store } from '../../../transform/store/store.ts';

/** What of statements is replaced by something wrong. */
export interface Mutation {
  readonly from: string | RegExp;
  readonly to: string;
}

/** As long as it is in effect. */
export interface Mutated extends Disposable {
  /** how many were changed */
  readonly statements: number;
}

/** Has a store run wrong statements from now on, or all stores if it is their prototype. */
export function mutate(store: Pick<Store, 'run'>, { from, to }: Mutation): Mutated {
  const { run } = store;
  const count = {
    statements: 0,
    [Symbol.dispose]: () => {
      store.run = run;
    },
  };
  store.run = function (this: Store, sql: string): Promise<void> {
    const mutated = sql.replaceAll(from, to);
    if (mutated !== sql) count.statements++;
    return run.call(this, mutated);
  };
  return count;
}

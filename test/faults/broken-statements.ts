import { basename } from 'node:path';
import { Store } from '../../transform/store/store.ts';

/** What is wrong with the statements of a catalog from now on. */
export interface BrokenStatements {
  readonly catalog: string;
  readonly from: string;
  readonly to: string;
}

/** Has the statements of stores that this process opens be broken whenever that is said. @returns says so; null: they are right again */
export function breakableStatements(): (broken: BrokenStatements | null) => void {
  let broken: BrokenStatements | null = null;
  const open = Store.open;
  Store.open = async (file, plugin, limits) => {
    const store = await open.call(Store, file, plugin, limits);
    const run = store.run.bind(store);
    const isMeant = ({ catalog }: BrokenStatements): boolean => basename(file) === `${catalog}.duckdb`;
    store.run = (sql) => run(broken !== null && isMeant(broken) ? sql.replaceAll(broken.from, broken.to) : sql);
    return store;
  };
  return (now) => {
    broken = now;
  };
}

import { LazuliError } from '../../core/config/errors.ts';
import type { HealthCheck } from '../../core/health/health.ts';
import type { Catalog, Catalogs } from '../catalogs.ts';
import type { Serving } from './serving.ts';

/** `declared`: as this version of the service declares it; `other`: read all the same; null: nothing serves. */
type Layout = 'declared' | 'other' | 'unknown' | null;

/** Checks have a time limit of their own. */
const { signal } = new AbortController();

/** Whether the service can read the indices that serve, and by catalog what layout they have. */
export function layoutsCheck(serving: Serving, { byName }: Catalogs): HealthCheck {
  return async () => {
    const layouts = await Promise.all(
      [...byName.values()].map(async (catalog) => [catalog.name, await layoutOf(serving, catalog)] as const),
    );
    const unread = layouts.filter(([, layout]) => layout === 'unknown').map(([name]) => name);
    const told = { catalogs: Object.fromEntries(layouts) };
    if (unread.length === 0) return { up: true, ...told };
    return { up: false, error: `This version of the service can't read what serves of ${unread.join(', ')}`, ...told };
  };
}

async function layoutOf(serving: Serving, catalog: Catalog): Promise<Layout> {
  const entities = [...catalog.indexed.values()];
  try {
    return await serving.withAll(signal, catalog, entities, async (readings) =>
      readings.every((reading, i) => reading?.entity === entities[i]) ? 'declared' : 'other',
    );
  } catch (error) {
    if (!(error instanceof LazuliError)) throw error;
    if (error.code === 'layout_unknown') return 'unknown';
    if (error.code === 'not_found') return null;
    throw error;
  }
}

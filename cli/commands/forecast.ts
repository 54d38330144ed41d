import type { Settings } from '../../config/settings.ts';
import type { Run } from '../../streams/run.ts';
import { json, type Output, table } from '../output.ts';
import { type ForecastState, forecastRun, listRuns } from '../pipeline/workers.ts';
import { seconds } from '../up/progress.ts';

/** `lazuli reindex --dry-run`: what a reindex would do and change. */
export async function sayForecast(settings: Settings, catalog: string, asJson: boolean, output: Output): Promise<void> {
  const found = await forecastRun(settings, catalog);
  const millis = estimate(found, await listRuns(settings, catalog));
  output.out(asJson ? json({ catalog, ...found, estimatedMillis: millis }) : described(catalog, found, millis));
}

/** Milliseconds at the rate of the last run that succeeded; null where there was none. */
export function estimate({ documents }: Pick<ForecastState, 'documents'>, runs: readonly Run[]): number | null {
  const last = runs.find(({ state, rate }) => state === 'succeeded' && rate !== null);
  return last?.rate ? Math.round((documents * 1000) / last.rate) : null;
}

/** A forecast for people. */
export function described(
  catalog: string,
  { generation, types, ...all }: ForecastState,
  millis: number | null,
): string {
  const time = millis === null ? 'nobody knows how long, as no run has succeeded yet' : `about ${seconds(millis)}`;
  const { documents, sampled } = all;
  const since = generation === null ? 'no generation serves' : `compared with generation ${generation}, which serves`;
  const counts = types.map(({ entityType, before, after, vanished, appeared }) => [
    ...[entityType, before, after, vanished, appeared],
  ]);
  const bySource = types.flatMap(({ entityType, sources }) =>
    Object.entries(sources).map(([source, count]) => [source, entityType, count]),
  );
  return [
    `a reindex of ${catalog} would write ${documents} documents: ${time}`,
    since,
    table(['documents', 'now', 'then', 'vanish', 'appear'], counts),
    ...(sampled === null ? [] : [`of ${sampled.documents} that were computed to try, ${sampled.changed} would change`]),
    ...(bySource.length === 0 ? [] : [table(['source', 'documents', 'count'], bySource)]),
  ].join('\n');
}

import type { Settings } from '../../core/config/settings.ts';
import { isRestricted } from '../../core/config/sources.ts';
import type { Forecast } from '../../core/control/forecast.ts';
import { ownerOf } from '../../core/control/workers.ts';
import type { Run, RunOptions } from '../../core/runs/run.ts';
import { type Output, printResult, table } from '../output.ts';
import { compareWithRepository, type SourceDifference } from '../pipeline/difference.ts';
import { costs, dollarsOf, estimatedSources } from '../pipeline/estimates.ts';
import { seconds } from '../up/progress.ts';

interface WhatIf {
  readonly wanted: RunOptions;
  readonly asJson: boolean;
}

/** `--dry-run` of `lazuli reindex` and `lazuli recompute`: what they would do and change. */
export async function sayWhatIf(settings: Settings, catalog: string, { wanted, asJson }: WhatIf, output: Output) {
  if (wanted.from === 'staged') return sayForecast(settings, catalog, { wanted, asJson }, output);
  const estimates = await estimatedSources(settings, catalog, wanted);
  if (dollarsOf(estimates) > 0) {
    const toPay = [
      ...costs(catalog, estimates),
      'bundles are not compared with those that are staged: to list them costs as much',
    ];
    printResult(output, asJson, { catalog, estimates }, toPay);
    return;
  }
  const sources = await compareWithRepository(settings, catalog, wanted);
  const shown = [...compared(catalog, sources), ...(estimates.length === 0 ? [] : costs(catalog, estimates))];
  printResult(output, asJson, { catalog, sources, ...(estimates.length === 0 ? {} : { estimates }) }, shown);
}

async function sayForecast(settings: Settings, catalog: string, { wanted, asJson }: WhatIf, output: Output) {
  const { source, prefix } = wanted;
  const owner = ownerOf(settings, catalog);
  const found = await owner.forecast({ catalog, source, prefix });
  const millis = estimate(found, await owner.runs({ catalog }));
  printResult(
    output,
    asJson,
    { catalog, ...found, estimatedMillis: millis },
    described(catalog, found, millis, isRestricted(wanted)),
  );
}

/** What a reindex from the repository would change, for people. */
export function compared(catalog: string, sources: readonly SourceDifference[]): readonly string[] {
  const rows = sources.map(({ source, listed, staged, missing, other, gone }) => [
    ...[source, listed, staged, missing, other, gone],
  ]);
  const total = sources.reduce((sum, { listed }) => sum + listed, 0);
  return [
    `a reindex of ${catalog} from the repository would fetch ${total} bundles`,
    ...table(['source', 'listed', 'staged', 'new', 'other version', 'gone'], rows),
  ];
}

/** Milliseconds at the rate of the last run that succeeded; null where there was none. */
export function estimate({ documents }: Pick<Forecast, 'documents'>, runs: readonly Run[]): number | null {
  const last = runs.find(({ state, rate }) => state === 'succeeded' && rate !== null);
  return last?.rate ? Math.round((documents * 1000) / last.rate) : null;
}

/** A forecast for people. */
export function described(
  catalog: string,
  { generation, types, ...all }: Forecast,
  millis: number | null,
  restricted = false,
): readonly string[] {
  const time = millis === null ? 'nobody knows how long, as no run has succeeded yet' : `about ${seconds(millis)}`;
  const what = restricted ? `recomputing documents of ${catalog}` : `a reindex of ${catalog}`;
  const { documents, sampled } = all;
  const since = generation === null ? 'no generation serves' : `compared with generation ${generation}, which serves`;
  const counts = types.map(({ entityType, before, after, vanished, appeared }) => [
    ...[entityType, before, after, vanished, appeared],
  ]);
  const bySource = types.flatMap(({ entityType, sources }) =>
    Object.entries(sources).map(([source, count]) => [source, entityType, count]),
  );
  return [
    `${what} would write ${documents} documents: ${time}`,
    since,
    ...table(['documents', 'now', 'then', 'vanish', 'appear'], counts),
    ...(sampled === null ? [] : [`of ${sampled.documents} that were computed to try, ${sampled.changed} would change`]),
    ...(bySource.length === 0 ? [] : table(['source', 'documents', 'count'], bySource)),
  ];
}

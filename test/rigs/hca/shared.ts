import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Bundle } from '../../../core/model/bundle.ts';
import { parseVerbatim } from '../../../core/model/json.ts';
import { shared } from '../shared.ts';

const root = resolve(import.meta.dirname, '../../../../shared');

/** A data model of which there are samples and recordings. */
export type Recorded = 'hca' | 'anvil';

export { isSharedPresent as hasShared } from '../shared.ts';

/** Skips the test or suite, saying so, where the shared material is absent. */
export function needsShared(test: Mocha.Context, model: Recorded = 'hca'): void {
  shared(test, `expected/${model}`);
}

interface Samples {
  readonly source: Bundle['fqid']['source'];
  readonly drs_domain?: string;
  readonly bundles: readonly { readonly file: string; readonly uuid: string; readonly version: string }[];
}

/** The sample bundles, parsed one at a time. */
export function* sampleBundles(model: Recorded = 'hca'): Generator<Bundle> {
  const folder = join(root, 'samples', model);
  const samples = JSON.parse(readFileSync(join(folder, 'bundles.json'), 'utf8')) as Samples;
  const { source, drs_domain } = samples;
  for (const { file, uuid, version } of samples.bundles) {
    yield {
      fqid: { source, uuid, version },
      contents: parseVerbatim(readFileSync(join(folder, file), 'utf8')),
      repository: drs_domain === undefined ? {} : { drs_domain },
    };
  }
}

/** A line of the expected replicas. */
export interface RecordedReplica {
  readonly document: {
    readonly entity_id: string;
    readonly replica_type: string;
    readonly contents: unknown;
    readonly hub_ids: readonly string[];
  };
}

/** What is expected of the sample bundles, line by line. */
export function* expected<T>(file: string, model: Recorded = 'hca'): Generator<T> {
  for (const line of gunzipSync(readFileSync(join(root, 'expected', model, file)))
    .toString('utf8')
    .split('\n')) {
    if (line !== '') yield JSON.parse(line) as T;
  }
}

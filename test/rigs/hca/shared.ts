import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Bundle } from '../../../core/model/bundle.ts';
import { parseVerbatim } from '../../../core/model/json.ts';
import { shared } from '../shared.ts';

const root = resolve(import.meta.dirname, '../../../../shared');

export { isSharedPresent as hasShared } from '../shared.ts';

/** Skips the test or suite, saying so, where the shared material is absent. */
export function needsShared(test: Mocha.Context): void {
  shared(test, 'expected/hca');
}

interface Samples {
  readonly source: Bundle['fqid']['source'];
  readonly drs_domain: string;
  readonly bundles: readonly { readonly file: string; readonly uuid: string; readonly version: string }[];
}

/** The sample bundles, parsed one at a time. */
export function* sampleBundles(): Generator<Bundle> {
  const folder = join(root, 'samples/hca');
  const samples = JSON.parse(readFileSync(join(folder, 'bundles.json'), 'utf8')) as Samples;
  for (const { file, uuid, version } of samples.bundles) {
    yield {
      fqid: { source: samples.source, uuid, version },
      contents: parseVerbatim(readFileSync(join(folder, file), 'utf8')),
      repository: { drs_domain: samples.drs_domain },
    };
  }
}

/** What is expected of the sample bundles, line by line. */
export function* expected<T>(file: string): Generator<T> {
  for (const line of gunzipSync(readFileSync(join(root, 'expected/hca', file)))
    .toString('utf8')
    .split('\n')) {
    if (line !== '') yield JSON.parse(line) as T;
  }
}

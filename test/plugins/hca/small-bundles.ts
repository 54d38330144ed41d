import type { Bundle } from '../../../core/model/bundle.ts';
import { parseVerbatim } from '../../../core/model/json.ts';
import { hasShared, sampleBundles } from '../../rigs/hca/shared.ts';
import { generateBundles } from '../../rigs/models/generated.ts';

const maxCharacters = 70_000;

/** Bundles that are quick to change and to normalize: generated ones, and samples where they are present. */
export function smallBundles(): readonly Bundle[] {
  const samples = hasShared() ? [...sampleBundles()].filter(isSmall) : [];
  return [...samples, ...generated()];
}

function generated(): Bundle[] {
  const bundles = [...generateBundles({ seed: 'mutants', bundles: 60, size: 'small', versions: 0, deletions: 0 })];
  return bundles.map(({ fqid, text }) => ({
    fqid,
    contents: parseVerbatim(text),
    repository: { drs_domain: 'drs.test' },
  }));
}

const isSmall = ({ contents }: Bundle): boolean => JSON.stringify(contents).length < maxCharacters;

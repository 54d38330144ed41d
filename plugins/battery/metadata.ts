import { isDeepStrictEqual } from 'node:util';
import { LazuliError } from '../../core/config/errors.ts';
import type { Bundle } from '../../core/model/bundle.ts';
import { entityIds } from '../../core/model/entity-ids.ts';
import { parseVerbatim } from '../../core/model/json.ts';
import type { Json, MetadataPlugin } from '../../core/model/metadata.ts';
import type { NormalizedBundle } from '../../core/model/normalized.ts';
import { type Finding, told } from './finding.ts';
import { type Mutation, mutate } from './mutation.ts';

const pure = 'Let `normalize` depend on its argument alone, and change nothing of it: no clock, no chance, no state.';
/** Wrong ids of one bundle that it names. */
const maxTold = 3;

/** What is wrong with what a metadata plug-in makes of a sample bundle. Pure, as `normalize` has to be. */
export function* normalizeFindings(plugin: MetadataPlugin, bundle: Bundle): Generator<Finding> {
  const where = `bundle ${bundle.fqid.uuid}`;
  const untouched = copyOf(bundle.contents);
  try {
    const first = plugin.normalize(bundle);
    if (!isDeepStrictEqual(bundle.contents, untouched))
      yield { where, what: 'is changed by `normalize`', remedy: pure };
    if (!isDeepStrictEqual(plugin.normalize({ ...bundle, contents: untouched }), first))
      yield { where, what: 'gives other rows the second time', remedy: pure };
    yield* idFindings(plugin, first, where);
  } catch (thrown) {
    yield { where, what: `is refused: ${told(thrown)}`, remedy: 'Correct the bundle, or `normalize`.' };
  }
}

/** With numbers as they stand in the text, which `structuredClone` doesn't keep. */
const copyOf = (contents: Json): Json => parseVerbatim(JSON.stringify(contents));

/** Whoever lists an entity can't ask for it by an id that the API refuses. */
function* idFindings(
  { entityTypes }: MetadataPlugin,
  { entities }: NormalizedBundle,
  where: string,
): Generator<Finding> {
  for (const [type, declared] of Object.entries(entityTypes)) {
    if (declared.served === undefined) continue;
    const ids = entityIds(declared);
    const wrong = entities.filter((entity) => entity.type === type && !ids.fits(entity.id));
    for (const { id } of wrong.slice(0, maxTold))
      yield {
        where: `${where}, ${type}/${id}`,
        what: 'has an id by which the API does not give it',
        remedy: `Give it ${ids.areUuids ? 'a UUID in lower case, or declare `id` of the entity type' : `one that matches ${ids.pattern}`}.`,
      };
  }
}

/**
 * What is wrong with what a metadata plug-in makes of a bundle that was changed at random: it refuses it by a LazuliError
 * that names the place and what to do, or makes rows of it, and does nothing else.
 */
export function* brokenFindings(
  plugin: MetadataPlugin,
  bundle: Bundle,
  mutations: readonly Mutation[],
): Generator<Finding> {
  const contents = copyOf(bundle.contents);
  for (const one of mutations) mutate(contents, one);
  try {
    plugin.normalize({ ...bundle, contents });
  } catch (thrown) {
    const where = `bundle ${bundle.fqid.uuid}, with ${JSON.stringify(mutations).slice(0, 300)}`;
    if (!(thrown instanceof LazuliError))
      yield {
        where,
        what: `throws ${told(thrown)}`,
        remedy: 'Throw a LazuliError `bundle_invalid` that says what is wrong.',
      };
    else if (thrown.code !== 'bundle_invalid' || thrown.place.entity === undefined || thrown.remedy === undefined)
      yield {
        where,
        what: `throws ${thrown.code} without a place or a remedy: ${told(thrown)}`,
        remedy: 'Throw `bundle_invalid` with `place.entity` and a remedy.',
      };
  }
}

/** Sensitive places that no sample bundle has: what is meant to be hidden may be called otherwise. */
export function* sensitiveFindings({ sensitive = [] }: MetadataPlugin, samples: readonly Json[]): Generator<Finding> {
  for (const pointer of sensitive) {
    const steps = pointer
      .split('/')
      .slice(1)
      .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
    if (samples.some((sample) => isThere(sample, steps))) continue;
    yield {
      where: pointer,
      what: 'is declared sensitive, and no sample bundle has it',
      remedy: 'Correct the pointer, or add a bundle that has it.',
    };
  }
}

function isThere(value: Json, [step, ...rest]: readonly string[]): boolean {
  if (step === undefined) return true;
  if (typeof value !== 'object' || value === null) return false;
  const members = value as Readonly<Record<string, Json>>;
  if (step === '*') return Object.values(members).some((member) => isThere(member, rest));
  return Object.hasOwn(members, step) && isThere(members[step] as Json, rest);
}

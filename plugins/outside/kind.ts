import type { Authentication } from '../../core/model/authentication.ts';
import type { Repository } from '../../core/model/repository.ts';
import type { Kind, Kinds } from '../contract.ts';
import { refused } from './entry.ts';
import type { OutsidePlugin } from './load.ts';

type Members = Readonly<Record<string, 'object' | 'function'>>;

const declarations = { tables: 'object', roles: 'object', entityTypes: 'object' } as const;
/** What a plug-in of each kind has. */
const members: Readonly<Record<Kind, Members>> = {
  metadata: { ...declarations, normalize: 'function', present: 'function' },
  repository: { open: 'function' },
  authentication: { open: 'function' },
};
const ofRepository = ['listSources', 'listBundles', 'fetchBundle', 'accessibleSources'] as const;
/** What opening one gives. */
const opened = {
  repository: Object.fromEntries(ofRepository.map((name) => [name, 'function'])) as Members,
  authentication: { identify: 'function' },
} as const satisfies Readonly<Record<string, Members>>;

/**
 * A plug-in as one of its kind: that it has the members of the contract is checked here, what metadata plug-ins declare
 * elsewhere.
 *
 * @throws LazuliError `configuration_invalid`
 */
export function expectKind<K extends Kind>(kind: K, { name, folder, plugin }: OutsidePlugin): Kinds[K] {
  const missing = missingOf(plugin, members[kind]);
  if (missing.length === 0) return plugin as Kinds[K];
  throw refused(
    `'${name}' of ${folder} is exported as a ${kind} plug-in, but has no ${missing.join(', no ')}`,
    `Export it under its own kind, or give it what a ${kind} plug-in has (docs/plug-ins.md).`,
  );
}

/** What a plug-in has opened, if it is what the contract says. @throws LazuliError `configuration_invalid` */
export function expectOpened<T extends Repository | Authentication>(
  kind: keyof typeof opened,
  name: string,
  given: T,
): T {
  const missing = missingOf(given, opened[kind]);
  if (missing.length === 0) return given;
  throw refused(`What the ${kind} plug-in '${name}' opens has no ${missing.join(', no ')}`, 'Correct the plug-in.');
}

function missingOf(given: unknown, wanted: Members): readonly string[] {
  return Object.entries(wanted).flatMap(([name, type]) => {
    const value: unknown = Object(given)[name];
    const isThere = typeof value === type && value !== null && !Array.isArray(value);
    return isThere ? [] : [`${type} \`${name}\``];
  });
}

import { LazuliError } from '../core/config/errors.ts';
import type { MetadataPlugin } from '../core/model/metadata.ts';
import { tableProblems } from './declared/columns.ts';
import { allEntityTypeProblems } from './declared/entity-types.ts';
import { manifestShapeProblems } from './declared/manifests.ts';
import { pluginNamePattern } from './declared/names.ts';
import { ownNameProblems } from './declared/own-names.ts';
import { allRoleProblems } from './declared/roles.ts';
import { summaryProblems } from './declared/summary.ts';
import { useProblems } from './declared/uses.ts';

/** What is declared of which, and so checked one after the other. */
const checks = [
  identityProblems,
  tableProblems,
  allRoleProblems,
  allEntityTypeProblems,
  useProblems,
  ownNameProblems,
  summaryProblems,
  manifestShapeProblems,
];
/** Problems that are shown. */
const maxTold = 20;

/**
 * Checks what the types of the contract can't say: that names can be names and refer to something, that what is declared
 * of a field goes with its type, and that bounds are kept. Declarations that pass can be staged, aggregated, indexed and
 * searched.
 *
 * @throws LazuliError `configuration_invalid` naming everything that is wrong; what depends on that isn't looked at
 */
export function checkDeclarations(plugin: MetadataPlugin): void {
  for (const check of checks) {
    const problems = [...check(plugin)];
    if (problems.length === 0) continue;
    const told = problems.slice(0, maxTold).join('; ');
    const more = problems.length > maxTold ? `; and ${problems.length - maxTold} more` : '';
    throw new LazuliError('configuration_invalid', `Metadata plug-in '${plugin.name}': ${told}${more}`, {
      remedy: 'Correct its declarations; docs/plug-ins.md describes them.',
    });
  }
}

function* identityProblems({ name, version, normalize, present }: MetadataPlugin): Generator<string> {
  if (!pluginNamePattern.test(name)) yield "its name isn't 1 to 64 characters of a-z, 0-9 and _, a letter first";
  if (!Number.isInteger(version) || version < 0 || version >= 2 ** 31)
    yield `its version is ${version}: choose a whole number from 0 to 2,147,483,647`;
  for (const [member, value] of Object.entries({ normalize, present }))
    if (typeof value !== 'function') yield `\`${member}\` is no function`;
}

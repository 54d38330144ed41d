import { indexBody } from '../../core/documents/index-layout.ts';
import { type GenerationsOf, indexOf } from '../generations/indices.ts';
import { mappingOf } from '../sink/answers.ts';

/**
 * Where the mappings of a generation aren't those that are generated, as `<entity type>: <path>`. A field that isn't
 * mapped as declared is found, sorted and counted in another way, though all documents are there.
 *
 * @throws LazuliError `index_unavailable`
 */
export async function mappingDifferences(of: GenerationsOf, generation: number): Promise<readonly string[]> {
  const types = Object.keys(of.plugin.entityTypes);
  const found = await Promise.all(
    types.map(async (entityType) => {
      const index = indexOf(of, entityType, generation);
      const actual = leaves(await mappingOf(of.cluster, index));
      const expected = leaves(indexBody(of.plugin, entityType, {}).mappings);
      const paths = [...new Set([...expected.keys(), ...actual.keys()])].filter((path) => !path.startsWith(formerPath));
      return paths.filter((path) => expected.get(path) !== actual.get(path)).map((path) => `${entityType}: ${path}`);
    }),
  );
  return found.flat();
}

/** Indices that former versions made have it: a field that no document has. */
const formerPath = 'properties._build.';

/** Values that aren't objects, as text, by their paths; OpenSearch reports some numbers and booleans as texts. */
function leaves(value: unknown, path = ''): ReadonlyMap<string, string> {
  if (typeof value !== 'object' || value === null) return new Map([[path, String(value)]]);
  const members = Object.entries(value).flatMap(([name, member]) => [
    ...leaves(member, path === '' ? name : `${path}.${name}`),
  ]);
  return new Map(members);
}

import { isFileType } from '../hca/entity-types.ts';
import { type KeySearch, Keys, type Needed, type RowsByKey } from './rows-by-key.ts';

const contents = [{ table: 'links', columns: ['project_id', 'content'], column: 'links_id', match: 'is' }] as const;
const makers = [{ table: 'links', columns: ['links_id'], column: 'content', match: 'makes' }] as const;

/**
 * Goes from subgraphs to those that make what they take from elsewhere, all of a round by two queries
 * (specification, repository-plugins 5). Uuids of bundles are ids of links.
 */
export const hcaKeys: KeySearch = async (uuids, rows) => {
  const keys = new Keys();
  const taken = new Set<string>();
  for (let round = [...new Set(uuids)]; round.length > 0; ) {
    for (const id of round) keys.add('links', id);
    const before = new Set(taken);
    for (const { values } of await rows.find(contents, round)) name(values, keys, taken);
    round = await makersOf(
      [...taken].filter((id) => !before.has(id)),
      rows,
      keys,
    );
  }
  const needed = new Map<string, Needed>();
  for (const [table, ids] of keys.tables) needed.set(table, { column: `${table}_id`, ids });
  return needed;
};

async function makersOf(files: readonly string[], rows: RowsByKey, keys: Keys): Promise<string[]> {
  if (files.length === 0) return [];
  const found = (await rows.find(makers, files)).map(({ values: [id] }) => String(id));
  return [...new Set(found)].filter((id) => !keys.of('links').has(id));
}

/** @param taken gets ids of files that the subgraph doesn't make itself */
function name([project, content]: readonly unknown[], keys: Keys, taken: Set<string>): void {
  if (typeof project === 'string') keys.add('project', project);
  const inputs: Thing[] = [];
  const own = new Set<string>();
  for (const link of listIn(membersOf(typeof content === 'string' ? parsed(content) : null), 'links')) {
    const members = membersOf(link);
    const process = { type: textIn(members, 'process_type'), id: textIn(members, 'process_id') };
    const named = { protocol: 'protocols', input: 'inputs', output: 'outputs', file: 'files' } as const;
    const [protocols, used, made, files] = Object.entries(named).map(([kind, list]) => thingsIn(members, list, kind));
    inputs.push(...(used ?? []));
    for (const one of [...(made ?? []), ...(files ?? [])]) own.add(JSON.stringify([one.type, one.id]));
    for (const { type, id } of [process, ...(protocols ?? []), ...(used ?? []), ...(made ?? []), ...(files ?? [])])
      if (type !== null && id !== null) keys.add(type, id);
  }
  for (const { type, id } of inputs)
    if (type !== null && id !== null && isFileType(type) && !own.has(JSON.stringify([type, id]))) taken.add(id);
}

interface Thing {
  readonly type: string | null;
  readonly id: string | null;
}

type Members = Readonly<Record<string, unknown>>;

function thingsIn(members: Members, list: string, kind: string): readonly Thing[] {
  return listIn(members, list)
    .map(membersOf)
    .map((one) => ({ type: textIn(one, `${kind}_type`), id: textIn(one, `${kind}_id`) }));
}

/** What is no JSON names nothing: its bundle has a problem then. */
function parsed(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    return null;
  }
}

const membersOf = (value: unknown): Members => (typeof value === 'object' && value !== null ? (value as Members) : {});

function listIn(members: Members, name: string): readonly unknown[] {
  const value = Object.hasOwn(members, name) ? members[name] : undefined;
  return Array.isArray(value) ? value : [];
}

/** As DuckDB reads members of another kind, so that both ways find the same. */
function textIn(members: Members, name: string): string | null {
  const value = Object.hasOwn(members, name) ? members[name] : null;
  if (value === null) return null;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

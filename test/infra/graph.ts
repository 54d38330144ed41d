import type { Recorded, Recording } from './recording.ts';

/** A concern of the program with what it consists of. */
export interface Concern {
  readonly title: string;
  /** kinds of resources with their numbers, in the order in which they are made */
  readonly kinds: readonly (readonly [kind: string, count: number])[];
  /** titles of the concerns that its resources refer to */
  readonly uses: readonly string[];
}

/** The concerns of a stack, each after those that it uses. */
export function concernsOf(recording: Recording): readonly Concern[] {
  const components = recording.resources.filter(({ type }) => type.startsWith('lazuli:'));
  const resources = recording.resources.filter(({ type }) => type.startsWith('aws:'));
  const titles = new Map(components.map(({ name, type }) => [name, type.replace('lazuli:infra:', '')]));
  const titleOf = ({ parent }: Recorded): string => titles.get(parent ?? '') ?? '';
  const uses = new Map([...titles.values()].map((title) => [title, new Set<string>()]));
  for (const resource of resources) {
    for (const used of resources.filter((other) => refersTo(resource, other))) {
      if (titleOf(used) !== titleOf(resource)) uses.get(titleOf(resource))?.add(titleOf(used));
    }
  }
  return [...titles.values()].map((title) => {
    const kinds = Map.groupBy(
      resources.filter((resource) => titleOf(resource) === title),
      ({ type }) => type.split(':').at(-1) ?? '',
    );
    const counted = [...kinds].map(([kind, members]) => [kind, members.length] as const);
    return { title, kinds: counted.sort(([a], [b]) => (a < b ? -1 : 1)), uses: [...(uses.get(title) ?? [])].sort() };
  });
}

/** Whether the id, ARN or password of one is in what the other was asked to be. */
function refersTo({ inputs }: Recorded, { state }: Recorded): boolean {
  const text = JSON.stringify(inputs);
  return [state.id, state.arn, state.endpoint].some(
    (value) => typeof value === 'string' && new RegExp(`${RegExp.escape(value)}(?![\\w-])`).test(text),
  );
}

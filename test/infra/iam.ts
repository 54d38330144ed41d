import type { Statement } from './policies.ts';

/** What IAM decides about. Keys of the context that a request doesn't have are missing. */
export interface Asked {
  readonly action: string;
  readonly resource: string;
  readonly context?: Readonly<Record<string, readonly string[]>>;
}

/** Whether a pattern of IAM covers a text, which may be a pattern itself. */
export const covers = (pattern: string, text: string): boolean =>
  new RegExp(`^${pattern.split('*').map(RegExp.escape).join('.*')}$`, 's').test(text);

/** Whether statements that only allow let somebody do something, as far as the conditions go that they have here. */
export const allows = (statements: readonly Statement[], { action, resource, context = {} }: Asked): boolean =>
  statements.some(
    ({ Effect, Action, Resource, Condition = {} }) =>
      Effect === 'Allow' &&
      Action.some((pattern) => covers(pattern, action)) &&
      Resource.some((pattern) => covers(pattern, resource)) &&
      Object.entries(Condition).every(([operator, keys]) => holds(operator, keys as Keys, context)),
  );

type Keys = Readonly<Record<string, string | readonly string[]>>;

function holds(operator: string, keys: Keys, context: NonNullable<Asked['context']>): boolean {
  return Object.entries(keys).every(([key, wanted]) => {
    const values = context[key];
    const patterns = [wanted].flat();
    if (operator === 'Null') return (values === undefined) === (wanted === 'true');
    const [all, comparison] = operator.startsWith('ForAllValues:')
      ? [true, operator.replace('ForAllValues:', '')]
      : [false, operator];
    const matches = { StringEquals: (a: string, b: string) => a === b, StringLike: covers }[comparison];
    if (matches === undefined) throw new Error(`Nothing here knows the operator ${operator}`);
    // Nothing is among all.
    if (values === undefined) return all;
    return values.every((value) => patterns.some((pattern) => matches(pattern, value)));
  });
}

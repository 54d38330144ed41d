import type { Recorded } from './recording.ts';

/** A statement of a policy, parsed. */
export interface Statement {
  readonly Effect: string;
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Principal?: '*' | Readonly<Record<string, string>>;
  readonly Condition?: Readonly<Record<string, unknown>>;
}

const members = ['policy', 'assumeRolePolicy', 'policyDocument', 'accessPolicies'];

/** Every policy of a resource, parsed. */
export const policiesOf = ({ inputs }: Recorded): readonly Statement[] =>
  members.flatMap((member) => {
    const text = inputs[member];
    return typeof text === 'string' ? (JSON.parse(text) as { Statement: Statement[] }).Statement : [];
  });

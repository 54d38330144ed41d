import * as pulumi from '@pulumi/pulumi';
import { deploy } from '../../infra/deployment.ts';
import { answerOf, type Inputs, stateOf } from './made.ts';
import type { StackFile } from './stack-files.ts';

/** A resource as the program asked for it, all values known. */
export interface Recorded {
  readonly type: string;
  readonly name: string;
  readonly inputs: Inputs;
  /** what other resources may refer to */
  readonly state: Inputs;
  readonly provider: string;
  readonly custom: boolean;
  readonly parent: string | null;
  readonly protect: boolean;
  readonly retain: boolean;
  /** names of those that it says it depends on, beside those that its inputs tell */
  readonly dependsOn: readonly string[];
}

export interface Recording {
  readonly name: string;
  readonly resources: readonly Recorded[];
  readonly outputs: Inputs;
  of(type: string): readonly Recorded[];
}

/** What only the options of a resource say. */
interface Options {
  readonly parent: string | null;
  readonly protect: boolean;
  readonly retain: boolean;
  readonly dependsOn: readonly string[];
}

/** Runs a program for a stack, by default that of a deployment, against mocks: nothing is made, everything is recorded. */
export async function record(
  { name, input }: StackFile,
  program: (name: string, input: unknown) => pulumi.Inputs = deploy,
): Promise<Recording> {
  const made = new Map<string, Omit<Recorded, keyof Options>>();
  const options = new Map<string, Options>();
  await pulumi.runtime.setMocks(
    {
      newResource({ type, name: resource, inputs, provider = '', custom = false }) {
        const state = stateOf(type, resource, inputs);
        made.set(`${type} ${resource}`, { type, name: resource, inputs, state, provider, custom });
        return { id: String(state.id), state };
      },
      call: ({ token, inputs }) => answerOf(token, inputs),
    },
    'lazuli',
    name,
  );
  const outputs = await pulumi.runtime.runInPulumiStack(async () => {
    pulumi.runtime.registerStackTransformation(({ type, name: resource, opts }) => {
      const { parent, protect = false, dependsOn } = opts;
      const retain = 'retainOnDelete' in opts && opts.retainOnDelete === true;
      const before = Array.isArray(dependsOn) ? dependsOn.flatMap((one) => nameOf(one as pulumi.Resource) ?? []) : [];
      options.set(`${type} ${resource}`, { parent: nameOf(parent), protect, retain, dependsOn: before });
      return undefined;
    });
    return program(name, input);
  });
  await pulumi.runtime.disconnect();
  const known = { parent: null, protect: false, retain: false, dependsOn: [] };
  const resources = [...made].map(([key, resource]) => ({ ...resource, ...(options.get(key) ?? known) }));
  return {
    name,
    resources,
    outputs: await resolved(outputs),
    of: (type) => resources.filter((resource) => resource.type === type),
  };
}

const nameOf = (resource: pulumi.Resource | undefined): string | null =>
  resource === undefined ? null : ((resource as { __name?: string }).__name ?? null);

/** Values of outputs, however deep. */
function resolved(outputs: pulumi.Inputs | undefined): Promise<Inputs> {
  return new Promise((resolve) => pulumi.output(outputs ?? {}).apply((known) => resolve(known)));
}

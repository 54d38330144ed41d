import { z } from 'zod';
import { asked } from './commands.ts';

/** What the smoke test takes of a stack's outputs. */
const outputsSchema = z.object({
  image: z.string(),
  queryUrl: z.url(),
  indexerUrl: z.url(),
  services: z.object({
    cluster: z.string(),
    /** ARNs by the names of services */
    taskDefinitions: z.record(z.string(), z.string()),
  }),
});

export type SmokeOutputs = z.output<typeof outputsSchema>;

/** @throws SmokeFailure */
export const outputsOf = (stack: string): Promise<SmokeOutputs> =>
  asked(outputsSchema, 'pulumi', ['stack', 'output', '--json', '--stack', stack]);

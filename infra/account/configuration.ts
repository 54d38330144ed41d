import { z } from 'zod';
import { stackNamePattern, stackSchema } from '../configuration.ts';

const { account, owner, billing } = stackSchema.shape;

/** What the object `lazuli-account:account` of the account's file may say. */
export const accountSchema = z.strictObject({
  /** guards against another account */
  account,
  region: z.string().default('us-east-1'),
  owner,
  billing,
  /** of GitHub: nobody else's pipeline may take a role */
  repository: z.string().regex(/^[\w.-]+\/[\w.-]+$/, '<owner>/<repository>'),
  /** those that the pipeline deploys to this account; their environments are `<stack>` and `<stack>-preview` */
  stacks: z.array(z.string().regex(stackNamePattern)).min(1).max(10),
  /** where Pulumi keeps the state of the stacks, and the key of its secrets */
  state: z.strictObject({
    bucket: z.string().regex(/^[a-z0-9.-]{3,63}$/),
    key: z.string().regex(/^arn:aws:kms:[a-z0-9-]+:\d{12}:key\/[\w-]+$/, 'the ARN of a key'),
  }),
  /** name of the repository of images that the pipeline pushes to; absent: it pushes none here */
  images: z
    .string()
    .regex(/^[a-z0-9._/-]{2,256}$/)
    .optional(),
});

export type AccountConfiguration = z.output<typeof accountSchema>;

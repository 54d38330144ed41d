import { LazuliError } from '../core/config/errors.ts';

/** Longest names that AWS takes. */
const limits = { bucket: 63, role: 64, domain: 28, balancer: 32, targets: 32, stream: 128, delivery: 64, other: 255 };

/** Names of a stack's resources in AWS: unique in an account, and those of buckets in the world. */
export interface Names {
  readonly stack: string;
  /** `lazuli-<stack>-<what>`, or `lazuli-<stack>` */
  of(kind: keyof typeof limits, what?: string): string;
  bucket(what: string): string;
}

/** @throws LazuliError `configuration_invalid` where AWS would refuse a name */
export function namesOf(stack: string, account: string, region: string): Names {
  const of: Names['of'] = (kind, what) => {
    const name = what === undefined ? `lazuli-${stack}` : `lazuli-${stack}-${what}`;
    if (name.length <= limits[kind]) return name;
    throw new LazuliError('configuration_invalid', `'${name}' is too long for AWS: ${limits[kind]} characters`, {
      remedy: 'Choose a shorter name for the stack, or for the catalog that the name mentions.',
    });
  };
  return { stack, of, bucket: (what) => of('bucket', `${what}-${account}-${region}`) };
}

import type { BundleFqid } from '../../../plugins/metadata.ts';
import type { InnerEntities } from '../../difference.ts';

/** What one staged copy of a bundle version says about its entities, in natural JSON. */
export interface Addition {
  readonly fqid: BundleFqid;
  readonly normalizerVersion: number;
  readonly contentHash: string;
  readonly contributions: readonly Contribution[];
}

export interface Contribution {
  readonly type: string;
  readonly id: string;
  readonly contents: InnerEntities;
}

import { LazuliError } from '../../../../core/config/errors.ts';

/** A source that can't be used as it is. @param spec of the source, or name of its snapshot */
export const unusable = (spec: string, why: string): LazuliError =>
  new LazuliError('repository_unavailable', `Source ${spec} can't be used: ${why}`, {
    remedy:
      'Correct the source, or make the indexer account a member of the group that may read it; `lazuli tdr check` looks at all. Ingest goes on by itself.',
  });

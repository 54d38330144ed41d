import { LazuliError } from '../../core/config/errors.ts';
import type { SourceRef } from '../../core/config/sources.ts';
import type { BundleFqid } from '../../core/model/bundle.ts';
import type { Repository } from '../../core/model/repository.ts';
import type { Outcome } from './finding.ts';

/** All bundles that a repository lists. */
export async function listed(
  repository: Repository,
  source: SourceRef,
  prefix: string,
  signal: AbortSignal,
): Promise<readonly BundleFqid[]> {
  const found: BundleFqid[] = [];
  for await (const fqid of repository.listBundles(source, prefix, signal)) found.push(fqid);
  return found;
}

/** What tells versions of bundles apart. */
export const nameOf = ({ source, uuid, version }: BundleFqid): string => JSON.stringify([source.id, uuid, version]);

/** The code of the error of a try, for people. */
export function codeOf(outcome: Outcome<unknown>): string {
  if ('value' in outcome) return 'no error';
  return outcome.thrown instanceof LazuliError ? outcome.thrown.code : String(outcome.thrown);
}

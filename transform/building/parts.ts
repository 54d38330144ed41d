import type { CatalogContext } from '../catalog/context.ts';
import type { Documents } from '../computing/documents.ts';
import type { Copies } from '../copies/copies.ts';
import type { Generations } from '../generations/generations.ts';
import type { SnapshotPublisher } from '../snapshots/publisher.ts';
import type { Commits } from '../store/commits.ts';

/** What a build is made with. */
export interface BuildParts {
  readonly context: CatalogContext;
  readonly commits: Commits;
  readonly generations: Generations;
  readonly documents: Documents;
  readonly snapshots: SnapshotPublisher;
  readonly copies: Pick<Copies, 'hold' | 'letGo'>;
}

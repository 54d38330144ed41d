import { Restagings } from '../../core/runs/restaging.ts';
import { Builder } from '../building/builder.ts';
import { Activity } from '../catalog/activity.ts';
import type { CatalogContext } from '../catalog/context.ts';
import { Upkeep } from '../compaction/upkeep.ts';
import { Documents } from '../computing/documents.ts';
import { Copies } from '../copies/copies.ts';
import { Emitter } from '../emitting/emitter.ts';
import { Generations } from '../generations/generations.ts';
import { Loading } from '../loading/loading.ts';
import { StagedBatches } from '../loading/staged-batches.ts';
import { StagedCheck } from '../loading/staged-check.ts';
import { Restaged } from '../restaging/restaged.ts';
import { Recomputation } from '../runs/recomputation.ts';
import { Runs } from '../runs/runs.ts';
import { SnapshotPublisher } from '../snapshots/publisher.ts';
import { Commits } from '../store/commits.ts';
import { Verifier } from '../verification/verifier.ts';

/** What does the work on a catalog, stage by stage. */
export interface Stages {
  readonly activity: Activity;
  readonly commits: Commits;
  readonly generations: Generations;
  readonly documents: Documents;
  readonly snapshots: SnapshotPublisher;
  readonly emitter: Emitter;
  readonly verifier: Verifier;
  readonly builder: Builder;
  readonly loading: Loading;
  readonly stagedCheck: StagedCheck;
  readonly upkeep: Upkeep;
  readonly runs: Runs;
  readonly copies: Copies;
}

/**
 * The stages of a catalog, from the bottom up: each is given those that it builds on, and knows no others. What one finds
 * out that concerns one above it, it returns.
 *
 * @param stop ends all writing before its time
 */
export function stagesOf(context: CatalogContext, stop: AbortSignal): Stages {
  const { store, plugin, limits, objects, catalog } = context;
  const activity = new Activity(context);
  const commits = new Commits(store);
  const generations = new Generations(context);
  const documents = new Documents(store, plugin, limits);
  const snapshots = new SnapshotPublisher(context);
  const emitter = new Emitter(context, commits, generations, documents, snapshots, activity, stop);
  const verifier = new Verifier(context, documents, generations, snapshots, emitter);
  const copies = new Copies(context, commits, generations.served);
  const parts = { context, commits, generations, documents, snapshots, copies };
  const builder = new Builder(parts, emitter, verifier, stop);
  const loading = new Loading(context, new StagedBatches(context), commits, activity);
  const restagings = new Restagings(objects, catalog);
  const stagedCheck = new StagedCheck(context, loading);
  const upkeep = new Upkeep(context, loading, restagings);
  const restaged = new Restaged(context, loading, restagings);
  const recomputation = new Recomputation(context, commits, generations, emitter, verifier);
  const runs = new Runs(context, generations, builder, loading, restaged, recomputation);
  return {
    activity,
    commits,
    generations,
    documents,
    snapshots,
    emitter,
    verifier,
    builder,
    loading,
    stagedCheck,
    upkeep,
    runs,
    copies,
  };
}

import type { CatalogFacts } from '../../core/runs/facts.ts';
import type { Stages } from './stages.ts';

/** What decides whether all is well. @param willBuild whether a generation is about to be built, as far as anybody knows */
export function factsOf({ generations, runs, stagedCheck }: Stages, willBuild: boolean): CatalogFacts {
  return {
    generation: generations.served.number,
    isCurrent: generations.serves,
    isBuilding: runs.running || willBuild,
    absent: generations.absent,
    unconfirmed: runs.unconfirmed,
    staged: stagedCheck.known,
  };
}

import type { Entity, Values } from './entities.ts';
import { earliest, latest } from './timestamps.ts';

/** Dates over all entities that a bundle doesn't borrow; null where there are none. */
export interface AggregateDates {
  readonly submitted: string | null;
  readonly updated: string | null;
  readonly modified: string | null;
}

const none: AggregateDates = { submitted: null, updated: null, modified: null };

/** First submission, last update, last of both (specification, plugin-hca 4.5). */
export function aggregateDates(entities: readonly Entity[]): AggregateDates {
  return entities.reduce<AggregateDates>(
    (dates, { stitched, submitted, updated }) =>
      stitched
        ? dates
        : {
            submitted: earliest(dates.submitted, submitted),
            updated: latest(dates.updated, updated),
            modified: latest(dates.modified, latest(submitted, updated)),
          },
    none,
  );
}

/** The row of an outer entity's dates. */
export function dateValues(submitted: string, updated: string | null, aggregate = none): Values {
  return {
    submission_date: submitted,
    update_date: updated,
    last_modified_date: latest(submitted, updated),
    aggregate_submission_date: aggregate.submitted,
    aggregate_update_date: aggregate.updated,
    aggregate_last_modified_date: aggregate.modified,
  };
}

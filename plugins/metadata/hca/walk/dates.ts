import type { Entity, Values } from '../read/entities.ts';
import { earliest, latest } from '../read/timestamps.ts';

/** Dates over all entities that a bundle doesn't borrow; null where there are none. */
export interface AggregateDates {
  readonly submitted: string | null;
  readonly updated: string | null;
  readonly modified: string | null;
}

const none: AggregateDates = { submitted: null, updated: null, modified: null };

/** First submission, last update, last of both (specification, plugin-hca 4.5). */
export function aggregateDates(entities: readonly Entity[]): AggregateDates {
  const dates: { -readonly [date in keyof AggregateDates]: AggregateDates[date] } = { ...none };
  for (const { stitched, submitted, updated } of entities) {
    if (stitched) continue;
    dates.submitted = earliest(dates.submitted, submitted);
    dates.updated = latest(dates.updated, updated);
    dates.modified = latest(dates.modified, latest(submitted, updated));
  }
  return dates;
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

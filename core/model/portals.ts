import type { Json } from './json.ts';

/** A portal that data browsers can lead to (specification, service-api 5). Further members are shown as they are. */
export interface Portal {
  readonly integrations: readonly Integration[];
  readonly [member: string]: Json;
}

/** Something that a portal can do with entities of some type. */
export interface Integration {
  readonly entity_type: string;
  readonly integration_type: string;
  /** the only entities that it can be done with; absent: all */
  readonly entity_ids?: readonly string[];
  readonly [member: string]: Json;
}

import type { Integration, Portal } from '../core/model/portals.ts';

/** Which integrations are asked for. */
export interface IntegrationsQuery {
  readonly entity_type: string;
  readonly integration_type: string;
  /** absent: whatever the entity; empty: those for all entities only */
  readonly entityIds: ReadonlySet<string> | undefined;
}

/** Portals with their integrations reduced to those asked for; without any a portal is left out. Pure. */
export function integrationsOf(portals: readonly Portal[], query: IntegrationsQuery): readonly Portal[] {
  return portals.flatMap((portal) => {
    const integrations = portal.integrations.filter((integration) => matches(integration, query));
    return integrations.length === 0 ? [] : [{ ...portal, integrations }];
  });
}

function matches(integration: Integration, { entity_type, integration_type, entityIds }: IntegrationsQuery): boolean {
  if (integration.entity_type !== entity_type || integration.integration_type !== integration_type) return false;
  const { entity_ids: ids } = integration;
  return entityIds === undefined || ids === undefined || ids.some((id) => entityIds.has(id));
}

/** Ids separated by commas, with blanks around them. */
export function parseIds(text: string | undefined): ReadonlySet<string> | undefined {
  if (text === undefined) return undefined;
  return new Set(text.split(',').flatMap((id) => id.trim() || []));
}

/**
 * How the metadata of a time was written. Portals hold bundles of all times side by side
 * (specification, plugin-hca 2.1–2.3).
 */
export interface Dialect {
  readonly linksVersion: string;
  /** `flat`: source → destination; `process`: one element a process; `typed`: that, with a link type */
  readonly links: 'flat' | 'process' | 'typed';
  /** fields stand in `content`, provenance in `hca_ingest` with names in camel case */
  readonly wrapped: boolean;
  /** the older of two names of a property */
  readonly old: boolean;
  readonly schemaHost: string;
}

const current = { wrapped: false, schemaHost: 'schema.humancellatlas.org' } as const;

export const dialects: readonly Dialect[] = [
  { ...current, linksVersion: '3.0.0', links: 'typed', old: false },
  { ...current, linksVersion: '2.1.1', links: 'typed', old: false },
  { ...current, linksVersion: '1.1.5', links: 'process', old: true },
  { ...current, linksVersion: '1.0.0', links: 'flat', old: true, wrapped: true },
  {
    ...current,
    linksVersion: '3.1.0',
    links: 'typed',
    old: false,
    schemaHost: 'schema.staging.data.humancellatlas.org',
  },
  {
    ...current,
    linksVersion: '1.1.3',
    links: 'process',
    old: true,
    schemaHost: 'schema.staging.data.humancellatlas.org',
  },
];

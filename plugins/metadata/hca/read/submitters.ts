/** Who made a data file, which tells generated matrices from contributed ones (specification, plugin-hca 4.6). */
export interface Submitter {
  readonly id: string;
  readonly title: string;
  readonly category: 'internal' | 'external';
}

const external = (id: string, title: string): Submitter => ({ id, title, category: 'external' });
const internal = (id: string, title: string): Submitter => ({ id, title, category: 'internal' });

/** Submitter of analyses that say nothing of who submitted them. */
export const dcp2Analysis = internal('e67aaabe-93ea-564a-aa66-31bc0857b707', 'DCP/2 Analysis');

const submitters: readonly Submitter[] = [
  external('b7525d8e-8c7a-5fec-911a-323e5c3a79f7', 'ArrayExpress'),
  external('f180f1c3-9073-54a9-9bab-633008c307cc', 'Contributor'),
  external('21b9424e-4043-5e80-85d0-1f0449430b57', 'GEO'),
  external('656db407-02f1-547c-9840-6908c4f09ce8', 'HCA Release'),
  external('099feafe-ab42-5fb1-bff5-dbbe5ea61a0d', 'SCEA'),
  external('3d76d2d3-51f4-5b17-85c8-f3549a7ab716', 'SCP'),
  external('31ad7d2c-7262-54aa-92df-7f16418f3b84', 'LungMAP'),
  external('bd24572b-a535-5ff8-b167-0e43d7f0d4b0', 'Zenodo'),
  external('210ca4c7-f6f6-5a0d-8b1c-88ab5349a8f3', 'Publication'),
  dcp2Analysis,
  internal('8d59f7a5-6245-5e42-9bc0-a53dd8a10f28', 'DCP/2 Ingest'),
  internal('c9efbb15-c50c-5796-8d15-35e9e1219dc5', 'DCP/1 Matrix Service'),
];

export const submitterById: ReadonlyMap<string, Submitter> = new Map(submitters.map((one) => [one.id, one]));
export const submitterByTitle: ReadonlyMap<string, Submitter> = new Map(submitters.map((one) => [one.title, one]));

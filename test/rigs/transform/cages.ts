import type { BundleFqid } from '../../../core/model/bundle.ts';
import type { Document, Json } from '../../../core/model/metadata.ts';
import type { ZooBundle } from '../models/zoo.ts';
import type { TestCatalog } from './computed.ts';
import { type TestNotification, testSource } from './staging.ts';

export const otherSource = { id: 'source-2', spec: 'test:2:/0' };

/** An animal with nothing special about it. */
export const animal = {
  name: 'Ada',
  legs: 4,
  tame: true,
  foods: ['hay'],
  sightings: { north: 1 },
  tags: [],
  passport: { number: '1' },
  secret: 'none',
  food_grams: 10,
  rank: 1,
  speed: 1.5,
  mass: 1,
  mood: 'calm',
  ranges: [1, 2],
  role: 'pet',
  element: ['air'],
  grp: 1,
  surroundings: 'straw',
  field: 'green',
};

export interface Caged {
  readonly id: string | null;
  readonly values?: Readonly<Record<string, unknown>>;
}

export interface CageBundle extends Partial<BundleFqid> {
  readonly version: string;
  /** animals by id of the cage */
  readonly cages?: Readonly<Record<string, readonly Caged[]>>;
}

/** Adds a bundle that says which animals live in which cages. */
export function add({ cages = {}, ...fqid }: CageBundle): TestNotification {
  const rows: ZooBundle['rows'][number][] = [];
  const entities = Object.entries(cages).map(([id, animals]) => {
    const members = animals.map((one) => rows.push(row(one)) - 1);
    return { type: 'cages', id, roles: { animals: members, herds: members, everyone: members } };
  });
  return { action: 'add', fqid: named(fqid), contents: { rows, entities } as unknown as Json };
}

export function remove(fqid: CageBundle, number = 1): TestNotification {
  return { action: 'delete', number, fqid: named(fqid) };
}

/** Takes deletions up to a number back. */
export function restore(fqid: CageBundle, number = 1): TestNotification {
  return { action: 'restore', number, fqid: named(fqid) };
}

export function named({ source = testSource, uuid = 'bundle', version }: CageBundle): BundleFqid {
  return { source, uuid, version };
}

function row({ id, values }: Caged): ZooBundle['rows'][number] {
  return { table: 'animals', id, values: { ...animal, ...values } };
}

/** The essence of a document: names of its animals, its bundles' versions, and its contributions. */
export type Summary = readonly [animals: readonly Json[], versions: readonly string[], contributions: number];

/** Documents of cages, by id. */
export async function cages(catalog: TestCatalog): Promise<Record<string, Summary>> {
  const documents = [...(await catalog.documents()).values()].filter(({ contents }) => contents.herds !== undefined);
  return Object.fromEntries(documents.map((document) => [document.entity_id, summary(document)]));
}

function summary({ contents, bundles, num_contributions }: Document): Summary {
  const [all] = contents.animals ?? [];
  return [(all?.name ?? []) as readonly Json[], bundles.map(({ version }) => version), num_contributions];
}

import fc from 'fast-check';
import { haltable } from '../../core/runs/halts.ts';
import type { Action } from '../../core/staged/layout.ts';
import { compactionPoints, ingestPoints, loadingPoints, rebuildPoints, removalPoints } from '../rigs/faults/deaths.ts';
import type { Subject } from '../rigs/models/orchard.ts';
import type { StreamFault } from './kinesis.ts';
import type { Reach } from './life.ts';
import { type Damage, damages, type ObjectFault } from './objects.ts';
import { type RequestKind, type SearchFault, untruths } from './search.ts';

/** What somebody notifies of. */
export interface Told extends Subject {
  readonly action: Action;
  /** what the repository calls the source when it gives this copy: of equal versions everything that is stored decides */
  readonly spec: number;
}

/** What a transform worker finds when it starts after its end: its store, none, or one from before. */
export type StoreAfter = 'same' | 'lost' | 'older';
export type Role = 'ingest' | 'transform';

/** Something that happens. Each makes sense whatever happened before, so that any of them can be left out. */
export type Step =
  | { readonly kind: 'notify'; readonly told: readonly Told[] }
  | { readonly kind: 'stream fails'; readonly fault: StreamFault }
  | { readonly kind: 'objects fail'; readonly fault: ObjectFault; readonly times: number }
  | {
      readonly kind: 'search fails';
      readonly of: RequestKind;
      readonly fault: SearchFault;
      readonly times: number;
    }
  | { readonly kind: 'repository fails'; readonly code: 'repository_unavailable' | 'bundle_missing' }
  | {
      readonly kind: 'die at';
      readonly role: Role;
      readonly point: string;
      readonly hits: number;
      readonly store: StoreAfter;
    }
  | { readonly kind: 'kill'; readonly role: Role; readonly store: StoreAfter }
  | { readonly kind: 'kill starting'; readonly role: Role; readonly asks: number; readonly store: StoreAfter }
  | { readonly kind: 'disk full'; readonly statements: number }
  | { readonly kind: 'damage'; readonly of: 'table' | 'manifest'; readonly how: Damage; readonly which: number }
  | { readonly kind: 'clock'; readonly role: Role; readonly ahead: number }
  | { readonly kind: 'hold'; readonly at: Reach }
  | { readonly kind: 'release' }
  | { readonly kind: 'take over'; readonly store: StoreAfter }
  | { readonly kind: 'pause' | 'resume'; readonly stage: (typeof haltable)[number] }
  | { readonly kind: 'export' }
  | { readonly kind: 'operate'; readonly what: Operation }
  | { readonly kind: 'remove source'; readonly source: number }
  | { readonly kind: 'wait'; readonly millis: number };

/** What an operator may want of a transform worker. */
export const operations = [
  ...(['reindex', 'start run', 'cancel run', 'resume run'] as const),
  ...(['roll back', 'drop generation', 'verify', 'replay', 'redrive'] as const),
];
export type Operation = (typeof operations)[number];

/** How many schedules share a catalog, its indices and its faults at a time; each has bundles of its own. */
export const worldsAtOnce = 4;

/** Several schedules in one: steps, each of one of them, with the time that passes after it. */
export type Schedules = readonly { readonly world: number; readonly step: Step; readonly after: number }[];

/** Few, so that they meet: a schedule tells of about five. */
const subject = { source: fc.constantFrom(0, 0, 0, 1), bundle: fc.nat(1), version: fc.nat(2) };
const told: fc.Arbitrary<Told> = fc.record({
  action: fc.constantFrom('add', 'add', 'add', 'delete', 'restore'),
  ...subject,
  spec: fc.constantFrom(0, 0, 1),
});
const store = fc.constantFrom<StoreAfter>('same', 'same', 'same', 'same', 'lost', 'older');
const times = fc.integer({ min: 1, max: 3 });
const searchFault = fc.oneof(
  fc.record({ kind: fc.constant('answered' as const), status: fc.constantFrom(429, 503) }),
  fc.record({ kind: fc.constant('cut' as const), when: fc.constantFrom('before' as const, 'after' as const) }),
  fc.record({ kind: fc.constant('items' as const), status: fc.constantFrom(429, 503, 400) }),
  fc.record({ kind: fc.constant('stalled' as const), when: fc.constantFrom('before' as const, 'after' as const) }),
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('untrue' as const),
      when: fc.constantFrom('before' as const, 'after' as const),
      how: fc.constantFrom(...untruths),
    }),
  },
);
const kind = <K extends Step['kind']>(name: K): fc.Arbitrary<K> => fc.constant(name);
const transformPoints = [...loadingPoints, ...loadingPoints, ...rebuildPoints, ...compactionPoints, ...removalPoints];
const dying = (role: Role, points: readonly string[]) =>
  fc.record({
    kind: kind('die at'),
    role: fc.constant(role),
    point: fc.constantFrom(...points),
    hits: fc.constantFrom(1, 1, 2),
    store,
  });

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 16,
    arbitrary: fc.record({ kind: kind('notify'), told: fc.array(told, { minLength: 1, maxLength: 6, size: 'max' }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: kind('stream fails'),
      fault: fc.constantFrom<StreamFault>('some entries refused', 'answer lost', 'unreachable', 'iterator expired'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: kind('objects fail'),
      fault: fc.record({
        of: fc.constantFrom<ObjectFault['of']>('get', 'put', 'list', 'delete'),
        when: fc.constantFrom<ObjectFault['when']>('before', 'after'),
      }),
      times,
    }),
  },
  {
    weight: 7,
    arbitrary: fc.record({
      kind: kind('search fails'),
      of: fc.constantFrom<RequestKind>('bulk', 'bulk', 'search', 'swap'),
      fault: searchFault,
      times,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: kind('repository fails'),
      code: fc.constantFrom('repository_unavailable' as const, 'bundle_missing' as const),
    }),
  },
  { weight: 5, arbitrary: dying('ingest', ingestPoints) },
  { weight: 8, arbitrary: dying('transform', transformPoints) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: kind('kill'),
      role: fc.constantFrom<Role>('ingest', 'transform', 'transform'),
      store,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: kind('kill starting'),
      role: fc.constantFrom<Role>('ingest', 'transform', 'transform', 'transform'),
      asks: fc.integer({ min: 1, max: 60 }),
      store,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: kind('disk full'), statements: fc.integer({ min: 1, max: 20 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: kind('damage'),
      of: fc.constantFrom('table' as const, 'table' as const, 'manifest' as const),
      how: fc.constantFrom(...damages),
      which: fc.nat(99),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: kind('clock'),
      role: fc.constantFrom<Role>('ingest', 'transform'),
      ahead: fc.constantFrom(-3_600_000, -2_000, 0, 3_600_000),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: kind('hold'),
      at: fc.constantFrom<Reach>('bulk', 'bulk', 'search', 'object'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: kind('release') }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('take over'), store }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom('pause' as const, 'resume' as const),
      stage: fc.constantFrom(...haltable),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ kind: kind('operate'), what: fc.constantFrom<Operation>(...operations) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: kind('export') }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('remove source'), source: subject.source }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('wait'), millis: fc.constantFrom(5_000, 70_000) }) },
);

const moment = { world: fc.nat(worldsAtOnce - 1), after: fc.constantFrom(0, 0, 100, 1_500, 4_000) };

/**
 * At the end: a worker dies of something that nothing touches any more, or OpenSearch refuses a document that nothing but its
 * dead letter names. What is left undone for good would be hidden by whatever is notified of later, or by a start.
 */
const lastFault: fc.Arbitrary<Step> = fc.oneof(
  dying('transform', loadingPoints),
  fc.constant<Step>({ kind: 'search fails', of: 'bulk', fault: { kind: 'items', status: 400 }, times: 1 }),
);
const last: fc.Arbitrary<Schedules> = fc
  .record({ ...moment, fault: lastFault, told: fc.array(told, { minLength: 1, maxLength: 3 }) })
  .map(({ world, after, fault, told }) => [
    { world, step: fault, after: 0 },
    { world, step: { kind: 'notify', told }, after },
  ]);

/** Long enough for several things to be under way at a time. Any step can be left out to find those that matter. */
export const schedules: fc.Arbitrary<Schedules> = fc
  .tuple(
    fc.array(fc.record({ ...moment, step }), { minLength: 1, maxLength: 36, size: 'max' }),
    fc.array(last, { maxLength: 3 }),
  )
  .map(([steps, lasts]) => [...steps, ...lasts.flat()]);

/** One line a step. */
export function printed(all: Schedules): string {
  const lines = all.map(({ world, step, after }) => `${world}: ${line(step)}, then ${after} ms`);
  return lines.map((text, i) => `${String(i + 1).padStart(4)}. ${text}`).join('\n');
}

function line({ kind, ...rest }: Step): string {
  if ('told' in rest)
    return `${kind} ${rest.told.map((one) => `${one.action} ${one.bundle}.${one.version} of ${one.source}${"'".repeat(one.spec)}`).join(', ')}`;
  const words = Object.values(rest).map((value) =>
    typeof value === 'object' ? Object.values(value).join(' ') : value,
  );
  return [kind, ...words].join(' ');
}

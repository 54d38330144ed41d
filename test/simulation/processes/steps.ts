import fc from 'fast-check';
import {
  compactionPoints,
  exportPoints,
  ingestPoints,
  loadingPoints,
  rebuildPoints,
  snapshotPoints,
} from '../../rigs/faults/deaths.ts';
import { ofNobody } from '../../rigs/http/untrue.ts';
import { type Damage, damages } from '../objects.ts';

export const roles = ['ingest', 'transform', 'export'] as const;
export type Role = (typeof roles)[number];

/** Requests to OpenSearch of one kind, by method and path. */
export const asked = {
  bulk: /POST \/_bulk/,
  search: /_m?search/,
  documents: /_mget/,
  aliases: /_aliases?/,
  refresh: /_refresh/,
  mapping: /_mapping/,
} as const;
export type Asked = keyof typeof asked;

/** What becomes of an answer, or of its request. */
export type AnswerFault =
  | { readonly kind: 'untrue'; readonly how: string; readonly when: 'before' | 'after' }
  | { readonly kind: 'partial' }
  | { readonly kind: 'items'; readonly status: 429 | 503 }
  | { readonly kind: 'cut'; readonly when: 'before' | 'after' }
  | { readonly kind: 'stall'; readonly after: 'headers' | 'half' };

/** Something that happens to processes. */
export type Step =
  | { readonly kind: 'notify'; readonly count: number; readonly again: number }
  | { readonly kind: 'kill'; readonly role: Role }
  | { readonly kind: 'die at'; readonly role: Role; readonly point: string; readonly hit: number }
  | { readonly kind: 'search fails'; readonly asked: Asked; readonly fault: AnswerFault; readonly times: number }
  | {
      readonly kind: 'stream fails';
      readonly operation: 'GetRecords' | 'PutRecords';
      readonly when: 'before' | 'after';
    }
  | { readonly kind: 'damage'; readonly how: Damage; readonly which: number }
  | { readonly kind: 'export' }
  | { readonly kind: 'operate'; readonly what: 'reindex' | 'rollback' }
  | { readonly kind: 'wait'; readonly millis: number };
export type Steps = readonly Step[];

const kind = <K extends Step['kind']>(name: K): fc.Arbitrary<K> => fc.constant(name);
const when = fc.constantFrom('before' as const, 'after' as const);
const dying = (role: Role, points: readonly string[]): fc.Arbitrary<Step> =>
  fc.record({
    kind: kind('die at'),
    role: fc.constant(role),
    point: fc.constantFrom(...points),
    hit: fc.constantFrom(1, 1, 2),
  });

/** A stall takes a minute, as who asks gives up then: there are few. */
const answerFault: fc.Arbitrary<AnswerFault> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('untrue' as const),
      how: fc.constantFrom(...Object.keys(ofNobody)),
      when,
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('partial' as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('items' as const), status: fc.constantFrom(429 as const, 503 as const) }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('cut' as const), when }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('stall' as const),
      after: fc.constantFrom('headers' as const, 'half' as const),
    }),
  },
);

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: kind('notify'), count: fc.integer({ min: 1, max: 6 }), again: fc.nat(3) }),
  },
  { weight: 3, arbitrary: fc.record({ kind: kind('kill'), role: fc.constantFrom(...roles) }) },
  { weight: 2, arbitrary: dying('ingest', ingestPoints) },
  {
    weight: 3,
    arbitrary: dying('transform', [...loadingPoints, ...rebuildPoints, ...compactionPoints, ...snapshotPoints]),
  },
  { weight: 1, arbitrary: dying('export', exportPoints) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: kind('search fails'),
      asked: fc.constantFrom(...(Object.keys(asked) as Asked[])),
      fault: answerFault,
      times: fc.integer({ min: 1, max: 3 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: kind('stream fails'),
      operation: fc.constantFrom('GetRecords' as const, 'PutRecords' as const),
      when,
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: kind('damage'), how: fc.constantFrom(...damages), which: fc.nat(99) }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('export') }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: kind('operate'), what: fc.constantFrom('reindex' as const, 'rollback' as const) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: kind('wait'), millis: fc.constantFrom(100, 700, 2_500) }) },
);

/** Any step can be left out. */
export const schedules: fc.Arbitrary<Steps> = fc.array(step, { minLength: 3, maxLength: 14, size: 'max' });

/** One line a step. */
export function printed(steps: Steps): string {
  return steps
    .map(({ kind, ...rest }, i) => `${String(i + 1).padStart(4)}. ${kind} ${JSON.stringify(rest)}`)
    .join('\n');
}

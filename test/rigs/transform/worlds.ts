import fc from 'fast-check';
import type { BundleFqid } from '../../../core/model/bundle.ts';
import type { Json, MetadataPlugin } from '../../../core/model/metadata.ts';
import type { Action } from '../../../core/staged/layout.ts';
import { attributesText } from '../../../ingest/bundle-key.ts';
import { columnValue, idText } from '../../transform/values.ts';
import { contribution } from '../hca/contribution.ts';
import type { ZooBundle } from '../models/zoo.ts';
import type { Addition } from './reducer.ts';
import { contentHashOf, type TestNotification } from './staging.ts';

/** Something that happens to a bundle in a world of few bundles, versions, sources and entities. */
export interface Happening {
  readonly action: Action;
  /** of a deletion or a restore */
  readonly number: number;
  readonly fqid: BundleFqid;
  readonly contents: ZooBundle;
  /** what the repository says beside the bundle */
  readonly attributes: Readonly<Record<string, string>>;
  /** staged with others of that number */
  readonly batch: number;
}

export type World = readonly Happening[];

/** Batches that a world's happenings come in. */
export const batches = [0, 1, 2] as const;

const ids = ['source-1', 'source-2', '\ufeff\u{10000}\u0000'];
/** A repository may call a source otherwise later. U+FFFF is before what two surrogates stand for. */
const specs = ['test:/0', 'test:/0', 'test:\ufeff3:/0', 'test:\uffff:', 'test:\u{1f600}:'];
const domains = fc.constantFrom('', 'a.example', '\uffff', '\u{1f600}');

/** All in which two copies of a version may differ besides their contents, and where they come. */
const circumstances = fc.record({
  spec: fc.constantFrom(...specs),
  attributes: fc.dictionary(fc.constantFrom('drs_domain', 'region'), domains, { maxKeys: 2, noNullPrototype: true }),
  batch: fc.constantFrom(...batches),
});

/** Worlds of bundles as a plug-in may normalize them: any rows, any relations. */
export function worlds(plugin: MetadataPlugin): fc.Arbitrary<World> {
  const happening = fc.record({
    action: fc.constantFrom<Action>('add', 'add', 'add', 'add', 'delete', 'restore'),
    number: fc.constantFrom(1, 2),
    fqid: fc.record({
      id: fc.constantFrom(...ids),
      uuid: fc.constantFrom('bundle-a', 'bundle-b', 'bundle-c'),
      // In the order of text, as everywhere: 10 comes before 9.
      // And U+FFFF before what two surrogates stand for.
      version: fc.constantFrom('10', '9', '9.1', '\uffff', '\u{1f600}', '\ufeff9'),
    }),
    contents: bundles(plugin),
    circumstances,
  });
  const twin = fc.record({ of: fc.nat(), circumstances });
  return fc
    .tuple(fc.array(happening, { minLength: 1, maxLength: 6 }), fc.array(twin, { maxLength: 3 }))
    .map(([happenings, twins]) => {
      const first = happenings.map(({ fqid: { id, ...bundle }, circumstances: { spec, ...rest }, ...what }) => {
        return { ...what, ...rest, fqid: { source: { id, spec }, ...bundle } };
      });
      return [...first, ...twins.map(({ of, circumstances: other }) => twinOf(first[of % first.length], other))];
    });
}

/** The same bundle as it comes where the repository says other things beside it. */
function twinOf(
  happening: Happening | undefined,
  { spec, ...rest }: Pick<Happening, 'attributes' | 'batch'> & { readonly spec: string },
): Happening {
  if (happening === undefined) throw new TypeError('A world is never empty');
  const { fqid, ...what } = happening;
  return { ...what, ...rest, fqid: { ...fqid, source: { id: fqid.source.id, spec } } };
}

function bundles(plugin: MetadataPlugin): fc.Arbitrary<ZooBundle> {
  const row = fc.oneof(...Object.keys(plugin.tables).map((table) => rows(plugin, table)));
  return fc
    .record({
      rows: fc.array(row, { maxLength: 5 }),
      entities: fc.uniqueArray(entities(plugin), { maxLength: 3, selector: ({ type, id }) => `${type}/${id}` }),
    })
    .map((bundle) => related(plugin, bundle));
}

function rows(plugin: MetadataPlugin, table: string): fc.Arbitrary<ZooBundle['rows'][number]> {
  const columns = Object.entries(plugin.tables[table]?.columns ?? {});
  const values = fc.record(Object.fromEntries(columns.map(([name, column]) => [name, columnValue(column)])));
  const present = fc.array(fc.boolean(), { minLength: columns.length, maxLength: columns.length });
  return fc
    .record({ id: fc.option(idText, { freq: 5 }), values, present })
    .map(({ id, values: all, present: kept }) => {
      const isKept = (i: number): boolean => columns[i]?.[1].optional !== true || kept[i] === true;
      return { table, id, values: Object.fromEntries(Object.entries(all).filter((_, i) => isKept(i))) };
    });
}

function entities(plugin: MetadataPlugin): fc.Arbitrary<ZooBundle['entities'][number]> {
  return fc.constantFrom(...Object.keys(plugin.entityTypes)).chain((type) => {
    const shown = Object.entries(plugin.entityTypes[type]?.roles ?? {}).filter(([, shape]) => shape !== 'hidden');
    const sets = shown.map(([role]) => [role, fc.array(fc.nat(99), { maxLength: 4 })] as const);
    return fc.record({ type: fc.constant(type), id: idText, roles: fc.record(Object.fromEntries(sets)) });
  });
}

/** Any number stands for one of the rows that a role may have. */
function related(plugin: MetadataPlugin, bundle: ZooBundle): ZooBundle {
  const fitting = (role: string): readonly number[] =>
    bundle.rows.flatMap(({ table }, i) => (Object.hasOwn(plugin.roles[role]?.tables ?? {}, table) ? [i] : []));
  const pick = ([role, numbers]: [string, readonly number[]]): [string, readonly number[]] => {
    const candidates = fitting(role);
    return [role, candidates.length === 0 ? [] : numbers.map((n) => candidates[n % candidates.length] as number)];
  };
  const chosen = bundle.entities.map(({ type, id, roles }) => {
    return { type, id, roles: Object.fromEntries(Object.entries(roles).map(pick)) };
  });
  return { rows: bundle.rows, entities: chosen };
}

/**
 * Many worlds as one. Where none touches another, one load and one computation do for all; where they
 * have the same entities, these belong to very many bundles.
 */
export function united(all: readonly World[], { entities: which }: { entities: 'apart' | 'shared' }): World {
  const idOf = (id: string, world: number): string => (which === 'apart' ? `${world} ${id}` : id);
  return all.flatMap((world, i) =>
    world.map(({ fqid, contents, ...rest }) => ({
      ...rest,
      fqid: { ...fqid, uuid: `${i}-${fqid.uuid}` },
      contents: { ...contents, entities: contents.entities.map((entity) => ({ ...entity, id: idOf(entity.id, i) })) },
    })),
  );
}

/** Which of the united worlds an entity `<type>/<id>` belongs to. */
export function worldOf(name: string): number {
  return Number(/^[^/]*\/(\d+) /.exec(name)?.[1]);
}

export function notification({ action, number, fqid, contents, attributes }: Happening): TestNotification {
  return action === 'add'
    ? { action, fqid, contents: contents as unknown as Json, attributes }
    : { action, number, fqid };
}

/** What the reference reducer takes: every addition with its contributions in natural JSON. */
export function reducible(plugin: MetadataPlugin, world: World) {
  const additions = world.filter(({ action }) => action === 'add').map((happening) => addition(plugin, happening));
  const masks = {
    deletions: world.filter(({ action }) => action === 'delete'),
    restores: world.filter(({ action }) => action === 'restore'),
  };
  return { additions, masks };
}

function addition(plugin: MetadataPlugin, { fqid, contents, attributes }: Happening): Addition {
  const json = contents as unknown as Json;
  const bundle = plugin.normalize({ fqid, contents: json, repository: {} });
  return {
    fqid,
    normalizerVersion: plugin.version,
    contentHash: contentHashOf(json),
    attributes: attributesText(attributes),
    contributions: bundle.entities.map((entity) => ({
      type: entity.type,
      id: entity.id,
      contents: contribution(plugin, bundle, entity, new Set()),
    })),
  };
}

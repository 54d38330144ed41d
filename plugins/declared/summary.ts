import { numbers, plain } from '../../core/model/columns.ts';
import { fieldCalled } from '../../core/model/computed.ts';
import type { ColumnType, MetadataPlugin } from '../../core/model/metadata.ts';
import { type GroupMember, type Measure, measuresOf, sumsOf } from '../../core/model/summary.ts';

const kinds: readonly Measure['measure'][] = ['documents', 'distinct', 'sum', 'terms', 'groups'];
const told: readonly GroupMember[] = ['term', 'term in a list', 'documents'];

/** What is wrong with the summary of a plug-in, whose entity types have been checked. */
export function* summaryProblems(plugin: MetadataPlugin): Generator<string> {
  for (const measure of measuresOf(plugin.summary ?? null)) {
    if (!kinds.includes(measure.measure))
      yield `the summary measures '${measure.measure}': there are ${kinds.join(', ')}`;
    else if (!Object.hasOwn(plugin.entityTypes, measure.of))
      yield `the summary counts documents of ${measure.of}, which is no entity type`;
    else yield* measureProblems(plugin, measure);
  }
}

type Wanted = 'text' | 'number' | 'value';
const types: Readonly<Record<Wanted, readonly ColumnType[]>> = { text: ['string'], number: numbers, value: plain };
const does = { text: 'lists the values of', number: 'sums up', value: 'counts the values of' } as const;
const are = { text: 'not strings', number: 'no numbers', value: 'neither text nor numbers' } as const;

function* measureProblems(plugin: MetadataPlugin, measure: Measure): Generator<string> {
  for (const [field, wanted] of fieldsOf(measure)) {
    const type = fieldCalled(plugin, measure.of, field)?.type;
    if (type === undefined) yield `the summary reads '${field}', which documents of ${measure.of} don't have`;
    else if (!types[wanted].includes(type)) yield `the summary ${does[wanted]} '${field}', which are ${are[wanted]}`;
  }
  if (measure.measure !== 'groups') return;
  for (const [name, member] of Object.entries(measure.members))
    if (typeof member === 'string' && !told.includes(member))
      yield `the summary tells '${member}' of groups as '${name}': there are ${told.join(', ')}, and sums`;
}

/** Fields that a measure reads, and as what. */
function fieldsOf(measure: Measure): readonly (readonly [string, Wanted])[] {
  switch (measure.measure) {
    case 'documents':
      return [];
    case 'distinct':
      return [[measure.field, 'value']];
    case 'sum':
      return [[measure.field, 'number'], ...(measure.where ? [[measure.where.field, 'number'] as const] : [])];
    case 'terms':
      return [[measure.field, 'text']];
    case 'groups':
      return [[measure.field, 'text'], ...sumsOf(measure.members).map((field) => [field, 'number'] as const)];
  }
}

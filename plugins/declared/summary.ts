import { fieldCalled } from '../fields.ts';
import type { MetadataPlugin } from '../metadata.ts';
import { type Measure, measuresOf, sumsOf } from '../summary.ts';

/** What is wrong with the summary of a plug-in, whose entity types have been checked. */
export function* summaryProblems(plugin: MetadataPlugin): Generator<string> {
  for (const measure of measuresOf(plugin.summary ?? null)) {
    if (Object.hasOwn(plugin.entityTypes, measure.of)) yield* measureProblems(plugin, measure);
    else yield `the summary counts documents of ${measure.of}, which is no entity type`;
  }
}

type Wanted = 'text' | 'number' | 'value';
const types = {
  text: ['string'],
  number: ['int', 'float'],
  value: ['string', 'datetime', 'quantity', 'int', 'float', 'bool'],
} as const;
const does = { text: 'lists the values of', number: 'sums up', value: 'counts the values of' } as const;
const are = { text: 'not strings', number: 'no numbers', value: 'neither text nor numbers' } as const;

function* measureProblems(plugin: MetadataPlugin, measure: Measure): Generator<string> {
  for (const [field, wanted] of fieldsOf(measure)) {
    const type = fieldCalled(plugin, measure.of, field)?.type;
    if (type === undefined) yield `the summary reads '${field}', which documents of ${measure.of} don't have`;
    else if (!(types[wanted] as readonly string[]).includes(type))
      yield `the summary ${does[wanted]} '${field}', which are ${are[wanted]}`;
  }
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
    default:
      return [];
  }
}

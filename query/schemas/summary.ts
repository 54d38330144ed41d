import { z } from 'zod';
import type { GroupMember, Measure, SummaryShape } from '../../core/model/summary.ts';
import type { Catalogs } from '../catalogs.ts';
import { either, pascal } from './models.ts';

const count = z.int().min(0);
const term = z.string().nullable();

/** What summaries look like, from the declarations of the metadata plug-ins (specification, query-semantics 9). */
export function summarySchema({ byName }: Catalogs): z.ZodType {
  const plugins = new Map([...byName.values()].map(({ plugin }) => [plugin.name, plugin]));
  return either(
    [...plugins.values()].map(({ name, summary }) => schemaOf(summary ?? {}).meta({ id: `${pascal(name)}Summary` })),
  );
}

function schemaOf(shape: SummaryShape): z.ZodType {
  if (shape === null) return z.null();
  if (isList(shape)) return listOf(shape.map(schemaOf));
  if (typeof shape.measure === 'string') return measureSchema(shape as Measure);
  return z.object(
    Object.fromEntries(Object.entries(shape).map(([name, part]) => [name, schemaOf(part as SummaryShape)])),
  );
}

const isList = (shape: SummaryShape): shape is readonly SummaryShape[] => Array.isArray(shape);

function listOf(parts: readonly z.ZodType[]): z.ZodType {
  const [first, ...others] = parts;
  return first === undefined ? z.array(z.never()) : z.tuple([first, ...others]);
}

function measureSchema(measure: Measure): z.ZodType {
  switch (measure.measure) {
    case 'sum':
      return z.number();
    case 'terms':
      return z.array(term).meta({ description: 'The most frequent first.' });
    case 'groups': {
      const members = Object.entries(measure.members).map(([name, member]) => [name, memberSchema(member)]);
      return z.array(z.object(Object.fromEntries(members))).meta({ description: 'The most frequent first.' });
    }
    default:
      return count;
  }
}

function memberSchema(member: GroupMember): z.ZodType {
  if (member === 'term') return term;
  if (member === 'term in a list') return z.array(term);
  return member === 'documents' ? count : z.number();
}

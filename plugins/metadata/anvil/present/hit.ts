import { z } from 'zod';
import { type DocumentField, documentFields, showsList } from '../../../../core/model/fields.ts';
import { shownField } from '../../../../core/model/shown.ts';
import { entityTypes } from '../declared/entity-types.ts';
import { roles } from '../declared/roles.ts';
import { hidden, type Kind, tables } from '../declared/tables.ts';
import { fieldsShown } from './shown.ts';

/** What `present` gives for an entity type (specification, query-semantics 8), derived from the declarations. */
export function hit(entityType: string): z.ZodType {
  const fields = documentFields({ tables, roles, entityTypes }, entityType);
  const inner = Object.keys(roles).map((kind) => {
    const shown = fieldsShown(entityType, kind as Kind);
    const isShown = (name: string): boolean => (shown === null ? !hidden.has(name) : shown.includes(name));
    const own = fields.filter(({ role, name }) => role === kind && isShown(name));
    const entity = z.object(Object.fromEntries(own.map((field) => [field.name, fieldSchema(field)])));
    return [kind, z.array(shown === null ? entity.extend(ofItself(kind)) : entity)] as const;
  });
  const bundle = z.object({ bundle_uuid: z.string(), bundle_version: z.string() });
  return z.object({
    entryId: z.string(),
    sources: z.array(z.object({ source_spec: z.string(), source_id: z.string() })),
    bundles: z.array(entityType === 'bundles' ? bundle.extend(accessible) : bundle),
    ...Object.fromEntries(inner),
  });
}

const accessible = { accessible: z.boolean() };
const url = z.string().nullable().meta({ description: 'Where to download it.' });
const age = z
  .object({ gte: z.number().nullable(), lte: z.number().nullable() })
  .meta({ description: 'From and to, in the unit that another field has. Null where nobody knows.' });
/** As the table of the activity has it. */
const listOrText = z.union([z.array(z.string().nullable()), z.string(), z.null()]);

/** What is added to the entity that a document is about, or shown otherwise there. */
function ofItself(kind: string): z.ZodRawShape {
  if (kind === 'activities') return { ...accessible, assay_type: listOrText, data_modality: listOrText };
  return kind === 'files' ? { ...accessible, url, azul_url: url } : accessible;
}

function fieldSchema(field: DocumentField): z.ZodType {
  const schema = field.shownType !== 'range' ? shownField(field) : showsList(field) ? z.array(age) : age;
  return field.optional ? schema.optional() : schema;
}

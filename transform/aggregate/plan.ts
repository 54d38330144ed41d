import { type KnownLimits, knownLimits } from '../../core/documents/cuts.ts';
import { computedFields } from '../../core/model/computed.ts';
import { type DocumentField, documentFields, isCompleted } from '../../core/model/fields.ts';
import type { MetadataPlugin, Shape } from '../../core/model/metadata.ts';
import { entityTypeNumber } from '../store/schema.ts';

/**
 * What aggregation works on, derived from a plug-in's declarations: roles in a shape, numbered, and
 * their fields, numbered. A role that several entity types show in the same shape is planned once, so
 * that documents with the same surroundings share its result.
 */
export interface Plan {
  readonly roles: readonly PlannedRole[];
  readonly computed: readonly PlannedInput[];
  readonly entityTypes: readonly PlannedEntityType[];
  readonly known: KnownLimits;
}

export interface PlannedRole {
  readonly number: number;
  readonly name: string;
  readonly shape: Exclude<Shape, 'hidden'>;
  readonly omitEmpty: boolean;
  readonly groupBy: readonly string[];
  readonly fields: readonly PlannedField[];
  readonly tables: readonly string[];
  /** whether copies of its rows are put together, see `completedStatements` */
  readonly completed: boolean;
  /** numbers of the entity types that show it in this shape */
  readonly entityTypes: readonly number[];
}

export interface PlannedField {
  readonly number: number;
  readonly field: DocumentField;
}

/** A field of a role that is collapsed once for the whole document, for computed fields. */
export interface PlannedInput {
  /** as a field number, beyond those of all fields */
  readonly number: number;
  readonly field: DocumentField;
}

export interface PlannedEntityType {
  readonly number: number;
  readonly name: string;
  readonly computed: readonly PlannedComputed[];
}

/** A document's own field: an input, or, where that is null, another computed field; else it is 0, or null. */
export interface PlannedComputed {
  readonly name: string;
  readonly input: PlannedInput | null;
  readonly otherwise: string | null;
}

export function planOf(plugin: MetadataPlugin, known: KnownLimits = knownLimits): Plan {
  const roles = planRoles(plugin);
  const fields = roles.reduce((sum, role) => sum + role.fields.length, 0);
  const inputs = planInputs(plugin, fields);
  const entityTypes = Object.keys(plugin.entityTypes).map((name) => ({
    number: entityTypeNumber(plugin, name),
    name,
    computed: planComputed(plugin, name, inputs),
  }));
  return { roles, computed: [...inputs.values()], entityTypes, known };
}

function planRoles(plugin: MetadataPlugin): readonly PlannedRole[] {
  const planned = new Map<string, PlannedRole & { entityTypes: number[] }>();
  let fieldNumber = 0;
  for (const [entityType, { roles }] of Object.entries(plugin.entityTypes)) {
    for (const [name, shape] of Object.entries(roles)) {
      if (shape === 'hidden') continue;
      const key = `${name} ${shape}`;
      const known = planned.get(key);
      if (known) {
        known.entityTypes.push(entityTypeNumber(plugin, entityType));
        continue;
      }
      const fields = documentFields(plugin, entityType).filter(({ role }) => role === name);
      planned.set(key, {
        number: planned.size,
        name,
        shape,
        omitEmpty: plugin.roles[name]?.whenEmpty === 'omit',
        groupBy: plugin.roles[name]?.groupBy ?? [],
        fields: fields.map((field) => ({ number: fieldNumber++, field })),
        tables: Object.keys(plugin.roles[name]?.tables ?? {}),
        completed: isCompleted(plugin, name),
        entityTypes: [entityTypeNumber(plugin, entityType)],
      });
    }
  }
  return [...planned.values()];
}

/** Each once, however many entity types need it. */
function planInputs(plugin: MetadataPlugin, firstNumber: number): ReadonlyMap<string, PlannedInput> {
  const inputs = new Map<string, PlannedInput>();
  for (const entityType of Object.keys(plugin.entityTypes)) {
    for (const { input: field } of computedFields(plugin, entityType)) {
      if (field !== null && !inputs.has(field.path))
        inputs.set(field.path, { number: firstNumber + inputs.size, field });
    }
  }
  return inputs;
}

function planComputed(
  plugin: MetadataPlugin,
  entityType: string,
  inputs: ReadonlyMap<string, PlannedInput>,
): readonly PlannedComputed[] {
  return computedFields(plugin, entityType).map(({ name, input, otherwise }) => ({
    name,
    input: (input && inputs.get(input.path)) ?? null,
    otherwise,
  }));
}

/** A plan for those of its roles alone that have one of the numbers. */
export const withRoles = (plan: Plan, numbers: ReadonlySet<number>): Plan => ({
  ...plan,
  roles: plan.roles.filter(({ number }) => numbers.has(number)),
});

/** A plan for the roles alone that have one of the fields, or rows of which one of the computed inputs is made. */
export const withFields = (plan: Plan, numbers: ReadonlySet<number>): Plan => {
  const computed = plan.computed.filter(({ number }) => numbers.has(number));
  const isWanted = ({ name, fields }: PlannedRole): boolean =>
    fields.some(({ number }) => numbers.has(number)) || computed.some(({ field }) => field.role === name);
  return { ...plan, computed, roles: plan.roles.filter(isWanted) };
};

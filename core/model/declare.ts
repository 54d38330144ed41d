import type { AggregateOf, Column, ColumnType, collapses, computes, PlainType, Table } from './columns.ts';
import type { idColumn } from './fields.ts';
import type { Computed, EntityType, FieldUse, ProjectedField, Role, Shape } from './metadata.ts';
import type { replicasRole } from './normalized.ts';

/**
 * What declarations refer to, for the compiler. Each function gives back what it takes; a column, field, role or computed
 * field that isn't there, or is of a type that doesn't go with what is wanted of it, doesn't compile. Only names that the
 * compiler knows can be checked: write declarations in place, or with `as const satisfies Table`. What a plug-in is loaded
 * for checks the same and more (`plugins/declarations.ts`), for those who write no TypeScript.
 */
type Tables = Readonly<Record<string, Table>>;
type Roles = Readonly<Record<string, Role>>;
type EntityTypes = Readonly<Record<string, EntityType>>;
type Id = typeof idColumn;

/** Checks that tables are told apart and counted by columns and members that they have. */
export function declareTables<const T extends Tables>(tables: T & { readonly [N in keyof T]: CheckedTable<T[N]> }): T {
  return tables;
}

/** Checks that roles show tables and columns that there are, and group, collapse and name fields that they show. */
export function declareRoles<const T extends Tables, const R extends Roles>(
  _tables: T,
  roles: R & { readonly [N in keyof R]: CheckedRole<T, R[N]> },
): R {
  return roles;
}

/** Checks that entity types show roles that there are, and compute fields of columns whose type goes with that. */
export function declareEntityTypes<const T extends Tables, const R extends Roles, const E extends EntityTypes>(
  _of: { readonly tables: T; readonly roles: R },
  entityTypes: E & { readonly [N in keyof E]: CheckedEntityType<T, R, E[N]> },
): E {
  return entityTypes;
}

type CheckedTable<T extends Table> = {
  readonly columns: { readonly [C in keyof T['columns']]: CheckedColumn<T['columns'][C], T['columns']> };
};

type CheckedColumn<C extends Column, Columns> = C extends { readonly aggregate: infer A }
  ? { readonly aggregate: Refers<A, PlainNames<Columns>, C extends { readonly members: infer M } ? keyof M : string> }
  : unknown;

/** Names of columns by which rows can be told apart. */
type PlainNames<Columns> =
  | Id
  | {
      [C in keyof Columns]: Columns[C] extends { readonly type: PlainType; readonly list?: never } ? C : never;
    }[keyof Columns];

/** What an aggregate may refer to. */
type Refers<A, Names, Members> = (A extends { readonly distinctBy: readonly string[] }
  ? { readonly distinctBy: readonly Names[] }
  : unknown) &
  (A extends { readonly by: string } ? { readonly by: Members } : unknown);

/** Of a name that isn't there; what isn't known by name isn't checked. */
type NotThere<N> = string extends N ? unknown : never;

type CheckedRole<T extends Tables, R extends Role> = {
  readonly tables: {
    readonly [N in keyof R['tables']]: N extends keyof T ? CheckedProjection<T[N], R['tables'][N]> : NotThere<N>;
  };
  readonly groupBy?: readonly FieldOf<T, R>[];
  readonly collapsedOnly?: { readonly [F in keyof R['collapsedOnly']]: CheckedOnly<T, R, R['collapsedOnly'][F]> };
  readonly fields?: {
    readonly [F in keyof R['fields']]: F extends FieldOf<T, R> | keyof R['collapsedOnly'] ? FieldUse : NotThere<F>;
  };
};

type CheckedProjection<T extends Table, P> = P extends 'columns'
  ? 'columns'
  : {
      readonly [F in keyof P]: P[F] extends { readonly column: string }
        ? { readonly column: Id | keyof T['columns'] }
        : ProjectedField;
    };

/** Names of the fields that a role shows, but for those that exist collapsed only. */
type FieldOf<T extends Tables, R extends Role> =
  | Id
  | {
      [N in keyof R['tables']]: R['tables'][N] extends 'columns' ? ColumnName<T, N> : keyof R['tables'][N];
    }[keyof R['tables']];
type ColumnName<T extends Tables, N> = N extends keyof T ? keyof T[N]['columns'] : never;

/** What tables show under a field of a role: a column, a constant, or nothing. */
type ShownAs<T extends Tables, R extends Role, F> = {
  [N in keyof R['tables']]: N extends keyof T ? ShownBy<T[N], R['tables'][N], F> : never;
}[keyof R['tables']];
type ShownBy<T extends Table, P, F> = P extends 'columns'
  ? ColumnCalled<T, F>
  : F extends keyof P
    ? P[F] extends { readonly column: infer C }
      ? ColumnCalled<T, C>
      : Constant
    : F extends Id
      ? IdColumn
      : Missing;
type ColumnCalled<T extends Table, C> = C extends keyof T['columns']
  ? T['columns'][C]
  : C extends Id
    ? IdColumn
    : Missing;
type IdColumn = { readonly type: 'string' };
type Constant = 'a constant';
type Missing = 'nothing';

type CheckedOnly<T extends Tables, R extends Role, O> = O extends { readonly of: infer F; readonly aggregate: infer A }
  ? {
      readonly of: FieldOf<T, R>;
      readonly aggregate: CollapsingOf<Exclude<ShownAs<T, R, F>, Constant | Missing>> &
        Refers<A, FieldOf<T, R>, string>;
    }
  : unknown;
type CollapsingOf<C> = C extends { readonly type: infer K extends ColumnType }
  ? AggregateOf<K, C extends { readonly list: true } ? true : false>
  : never;

type CheckedEntityType<T extends Tables, R extends Roles, E extends EntityType> = {
  readonly roles: { readonly [N in keyof E['roles']]: N extends keyof R | typeof replicasRole ? Shape : NotThere<N> };
  readonly computed: { readonly [F in keyof E['computed']]: CheckedComputed<T, R, E, E['computed'][F]> };
};

type CheckedComputed<T extends Tables, R extends Roles, E extends EntityType, C extends Computed> = C extends {
  readonly kind: 'same';
}
  ? { readonly as: keyof E['computed'] }
  : C extends { readonly kind: infer K; readonly role: infer N }
    ? { readonly role: ShownRole<E> } & (N extends keyof R ? CheckedInput<T, R[N], K> : unknown) & {
          readonly otherwise?: keyof E['computed'];
        }
    : never;

type CheckedInput<T extends Tables, R extends Role, K> = K extends 'count'
  ? unknown
  : { readonly column: InputOf<T, R, K> };

/** Fields of which every table of a role shows a column of a type from which a kind can be computed. */
type InputOf<T extends Tables, R extends Role, K> = {
  [F in FieldOf<T, R>]: [ShownAs<T, R, F>] extends [ComputedFrom<K>] ? F : never;
}[FieldOf<T, R>];
type ComputedFrom<K> = K extends keyof typeof computes
  ? { readonly type: (typeof computes)[K][number]; readonly list?: never }
  : { readonly type: (typeof collapses)['unique_count']['types'][number] };

/** Roles that documents show. */
type ShownRole<E extends EntityType> = {
  [N in keyof E['roles']]: E['roles'][N] extends 'hidden' ? never : N;
}[keyof E['roles']];

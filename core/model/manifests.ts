/** What catalogs can be exported as. */
export type FormatName =
  | 'compact'
  | 'curl'
  | 'terra.bdbag'
  | 'terra.pfb'
  | 'verbatim.jsonl'
  | 'verbatim.pfb'
  | 'parquet';

/**
 * How the files of a catalog are exported (specification, manifests). What a plug-in declares; the core writes it. Columns of
 * tables are the fields that have a header (`FieldUse.manifest`), in the order of roles and their fields.
 */
export interface ManifestShape {
  /** whose documents are selected */
  readonly entityType: string;
  /** what catalogs can be exported as; the first is the default */
  readonly formats: readonly FormatName[];
  /** nothing by which data can be downloaded may be good for longer than an hour */
  readonly hourlyLinks?: true;
  /** headers of the first columns of tables, in this order */
  readonly envelope: Readonly<Partial<Record<EnvelopePath, string>>>;
  readonly file: FileShape;
  /** `<role>.<field>`: a table in which it has one value only is called by that */
  readonly calledBy?: string;
  /** `<role>.<field>` of ranges → that of the field that has their unit, which cells of text show behind them */
  readonly units?: Readonly<Record<string, string>>;
  readonly bag?: BagShape;
  readonly pfb?: PfbShape;
  /** tables of `verbatim.pfb` by the types of replicas, all of which it has; absent: they are what the replicas look like */
  readonly verbatim?: Readonly<Record<string, Readonly<Record<string, VerbatimColumn>>>>;
}

/** What every document has, as lists in pairs. */
export type EnvelopePath = 'sources.id' | 'sources.spec' | 'bundles.uuid' | 'bundles.version';

/** Where documents tell of the file that they are about: names of fields of one role, which they show as `single`. */
export interface FileShape {
  readonly role: string;
  readonly uuid: string;
  readonly version: string;
  readonly name: string;
  /** null where the file can't be downloaded */
  readonly location: string;
  /** header of the column with the URL of its download, behind that of `location` */
  readonly url: string;
  /** a list of objects that have the fields of a file: others that are downloaded with this one, and have no documents */
  readonly related?: string;
  /** of the file, in bytes */
  readonly size?: string;
  /** checksums in hexadecimal digits, by the names that DRS has for them, such as `sha-256` */
  readonly checksums?: Readonly<Record<string, string>>;
  /** versions are timestamps: nobody is looked for by another one */
  readonly versions?: 'timestamps';
}

/** A bag for Terra has a row for each bundle, and in it columns for each of its files, told apart by a *qualifier*. */
export interface BagShape {
  /** header of the first column */
  readonly id: string;
  /** the field of a file that is its qualifier */
  readonly qualifier: string;
  /** qualifiers, as the field has them, of which another field says more: what they are called, followed by `_` and its value */
  readonly refined: Readonly<Record<string, { readonly as: string; readonly by: string }>>;
}

/**
 * PFB for Terra has a table for each of these roles. Readers compare schemas as they stand, so the order of all that is
 * declared here is part of the format. Columns are lists, unless they are said to be scalars.
 */
export interface PfbShape {
  /**
   * Fields by role: of objects that are opaque only those that `objects` describes, and no counts. Null for a name that is no
   * role, and that files only tell of.
   */
  readonly tables: Readonly<Record<string, readonly string[] | null>>;
  /** `<role>.<field>` of those that have one value, beside what of the file is no list */
  readonly scalars: readonly string[];
  /** `<role>.<field>` of those that are UUIDs: never null */
  readonly uuids: readonly string[];
  /** members of objects that have none declared, by `<role>.<field>`, in their order; each is a list */
  readonly objects: Readonly<Record<string, Readonly<Record<string, PfbMember>>>>;
  /** the last columns of each table, by which Terra finds its rows where they came from */
  readonly handOver?: HandOver;
}

/** Names of columns: of ids, the same as those of inner entities, and of the id of their source. */
export interface HandOver {
  readonly rowIds: string;
  readonly source: string;
}

/** Of a table of `verbatim.pfb`. Elements of lists may always be null. */
export interface VerbatimColumn {
  readonly type: 'string' | 'long' | 'double' | 'boolean';
  readonly list?: true;
  /** may be null; of a list, be none */
  readonly nullable?: true;
}

/** `uuid` is a scalar that is never null. */
export type PfbMember = 'string' | 'long' | 'boolean' | 'uuid';

/** `<role>.<field>` of what exports read, whether or not it is a column of tables. */
export function fieldsRead({ file, calledBy, bag, units = {} }: ManifestShape): ReadonlySet<string> {
  const { role, uuid, version, name, location, related } = file;
  const refining = Object.values(bag?.refined ?? {}).map(({ by }) => by);
  const own = [uuid, version, name, location, related, bag?.qualifier, ...refining];
  const read = own.flatMap((field) => (field === undefined ? [] : [`${role}.${field}`]));
  const named = calledBy === undefined ? [] : [calledBy];
  return new Set([...read, ...named, ...Object.entries(units).flat()]);
}

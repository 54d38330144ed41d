import {
  type Bundle,
  type Document,
  declareEntityTypes,
  declareRoles,
  declareTables,
  type Json,
  LazuliError,
  type MetadataPlugin,
  type NormalizedBundle,
  NormalizedBundleBuilder,
  numberOf,
  type Plugins,
  type PresentContext,
  replicasRole,
  z,
} from 'lazuli/plugin';

const string = { type: 'string' } as const;
const strings = { type: 'string', list: true } as const;

/** Inner entities: what a bundle says about each kind of thing, and how its values collapse. */
const tables = declareTables({
  albums: { columns: { title: string, label: string } },
  performers: { columns: { name: string, instruments: strings } },
  ensembles: { columns: { name: string, members: { type: 'int', aggregate: { kind: 'max' } } } },
  tracks: {
    columns: {
      title: string,
      format: { type: 'string', aggregate: { kind: 'single' } },
      seconds: { type: 'int', aggregate: { kind: 'sum', distinctBy: ['document_id'] } },
      recorded: { type: 'datetime', optional: true, aggregate: { kind: 'min' } },
    },
  },
});

/** What documents say about their surroundings. */
const roles = declareRoles(tables, {
  albums: {
    tables: { albums: 'columns' },
    whenEmpty: 'list',
    fields: { title: { api: 'albumTitle' }, label: { api: 'label', facet: true } },
  },
  // One role unites two tables: an ensemble has no instruments of its own, a performer no members.
  artists: {
    tables: {
      performers: {
        name: { column: 'name' },
        kind: { constant: 'performer' },
        instruments: { column: 'instruments' },
      },
      ensembles: {
        name: { column: 'name' },
        kind: { constant: 'ensemble' },
        instruments: { constant: null, list: true },
        members: { column: 'members' },
      },
    },
    whenEmpty: 'list',
    fields: {
      name: { api: 'artistName', facet: true },
      kind: { api: 'artistKind', facet: true },
      instruments: { api: 'instrument', facet: true },
    },
  },
  // Tracks collapse into one element for each format.
  tracks: {
    tables: { tracks: 'columns' },
    groupBy: ['format'],
    collapsedOnly: { count: { of: 'format', aggregate: { kind: 'count', distinctBy: ['document_id'] } } },
    whenEmpty: 'omit',
    fields: { format: { api: 'format', facet: true }, recorded: { api: 'recorded' } },
  },
  [replicasRole]: { tables: {}, whenEmpty: 'omit' },
});

/** Ids are words, not UUIDs. */
const wordPattern = '[a-z][a-z0-9-]*';

/** What documents are about. */
const entityTypes = declareEntityTypes(
  { tables, roles },
  {
    albums: {
      roles: { albums: 'single', artists: 'collapsed', tracks: 'collapsed', [replicasRole]: 'hidden' },
      served: { sort: 'albumTitle', order: 'asc', maxPage: 100, access: 'public', showsBundles: true },
      computed: { total_seconds: { kind: 'sum', role: 'tracks', column: 'seconds', api: 'totalSeconds' } },
      id: wordPattern,
    },
    artists: {
      roles: { artists: 'single', albums: 'collapsed', tracks: 'collapsed' },
      served: { sort: 'artistName', order: 'asc', maxPage: 100, access: 'public', showsBundles: false },
      computed: {},
      id: wordPattern,
    },
  },
);

const id = z.string().regex(new RegExp(`^${wordPattern}$`));
/** Numbers that JavaScript would print otherwise come as their text. */
const whole = z.preprocess(numberOf, z.int().min(0));

/** A bundle: an album with who plays on it. */
const albumSchema = z.object({
  album: z.object({ id, title: z.string(), label: z.string().nullable() }),
  performers: z.array(z.object({ id, name: z.string(), instruments: z.array(z.string()) })),
  ensembles: z.array(z.object({ id, name: z.string(), members: whole })),
  tracks: z.array(
    z.object({
      id,
      title: z.string(),
      format: z.string(),
      seconds: whole,
      recorded: z.iso.date().optional(),
      artists: z.array(id),
    }),
  ),
});

/** @throws LazuliError `bundle_invalid` naming the field */
function parse(contents: Json) {
  const { data, error } = albumSchema.safeParse(contents);
  if (data !== undefined) return data;
  const [issue] = error.issues;
  throw invalid(issue?.message ?? 'It is no album', '', issue?.path.join('.') ?? '');
}

function invalid(message: string, entity: string, field: string): LazuliError {
  return new LazuliError('bundle_invalid', message, { place: { entity, field }, remedy: 'Correct the album.' });
}

/** Rows for inner entities; for each outer entity, which rows it has under which role. */
function normalize({ contents }: Bundle): NormalizedBundle {
  const { album, performers, ensembles, tracks } = parse(contents);
  const builder = new NormalizedBundleBuilder();
  const albumRow = builder.row('albums', album.id, { title: album.title, label: album.label });
  const artistRows = new Map<string, number>();
  for (const { id, ...values } of performers) artistRows.set(id, builder.row('performers', id, values));
  for (const { id, ...values } of ensembles) artistRows.set(id, builder.row('ensembles', id, values));
  const trackRows = new Map<string, number[]>([...artistRows.keys()].map((id) => [id, []]));
  for (const { id, artists, recorded, ...values } of tracks) {
    // A member that is undefined is absent, which is not the same as null.
    const moment = recorded === undefined ? undefined : `${recorded}T00:00:00.000000Z`;
    const row = builder.row('tracks', id, { ...values, recorded: moment });
    for (const artist of artists) {
      const own = trackRows.get(artist);
      if (own === undefined) throw invalid(`There is no artist ${artist}`, `tracks/${id}`, 'artists');
      own.push(row);
    }
  }
  const albums = builder.set([albumRow]);
  for (const [id, row] of artistRows) {
    builder.entity('artists', id, {
      artists: builder.set([row]),
      albums,
      tracks: builder.set(trackRows.get(id) ?? []),
    });
  }
  builder.entity('albums', album.id, {
    albums,
    artists: builder.set(artistRows.values()),
    tracks: builder.set([...trackRows.values()].flat()),
    [replicasRole]: builder.set([builder.document('', contents, 'album', album.id)]),
  });
  return builder.build();
}

/** A document as the API answers it: here, much as it is. */
function present({ entity_id: entryId, contents, ...rest }: Document, { entityType, baseUrl }: PresentContext) {
  const total = entityType === 'albums' ? { totalSeconds: rest.total_seconds } : {};
  return { entryId, url: `${baseUrl}/index/${entityType}/${entryId}`, ...contents, ...total };
}

/** A data model for albums of recorded music. */
export const model: MetadataPlugin = {
  name: 'recordings',
  version: 1,
  tables,
  roles,
  entityTypes,
  implicitHub: 'albums',
  normalize,
  present,
};

/** What Lazuli loads. */
export const plugins: Plugins = { contract: 1, metadata: [model] };

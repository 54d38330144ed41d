import type { GeneratedBundle } from '../../../../core/model/generator.ts';

type Members = Readonly<Record<string, unknown>>;

/** An entity of a generated bundle: its document, and its fields whether or not they are wrapped. */
export interface Seen {
  readonly type: string;
  readonly id: string;
  readonly json: Members;
  readonly fields: Members;
  readonly manifest: Members | undefined;
}

/** A generated bundle, parsed, with links of all forms as edges by entity id. */
export interface View {
  readonly bundle: GeneratedBundle;
  readonly seen: readonly Seen[];
  readonly linksVersion: string;
  readonly links: readonly Members[];
  readonly stitched: ReadonlySet<string>;
  readonly children: ReadonlyMap<string, readonly Seen[]>;
  readonly parents: ReadonlyMap<string, readonly Seen[]>;
}

export function view(bundle: GeneratedBundle): View {
  const json = JSON.parse(bundle.text) as {
    manifest: Record<string, Members>;
    metadata: Record<string, Members>;
    links: { schema_version: string; links: readonly Members[] };
    stitched: readonly string[];
  };
  const seen = Object.entries(json.metadata).map(([key, document]) => {
    const [type = '', id = ''] = key.split('/');
    return {
      type,
      id,
      json: document,
      fields: (document.content ?? document) as Members,
      manifest: json.manifest[key],
    };
  });
  const byId = new Map(seen.map((one) => [one.id, one]));
  const edges = json.links.links.flatMap(edgesOf);
  return {
    bundle,
    seen,
    linksVersion: json.links.schema_version,
    links: json.links.links,
    stitched: new Set(json.stitched),
    children: neighbours(edges, byId),
    parents: neighbours(
      edges.map(([from, to]) => [to, from]),
      byId,
    ),
  };
}

type Edge = readonly [string, string];

function edgesOf(link: Members): readonly Edge[] {
  if (link.source_id !== undefined) return [[String(link.source_id), String(link.destination_id)]];
  if (link.link_type === 'supplementary_file_link') return [];
  const process = String(link.process ?? link.process_id);
  const ids = (list: unknown, name: string): readonly string[] =>
    (list as readonly unknown[]).map((one) => (typeof one === 'string' ? one : String((one as Members)[name])));
  return [
    ...ids(link.inputs, 'input_id').map((id): Edge => [id, process]),
    ...ids(link.outputs, 'output_id').map((id): Edge => [process, id]),
    ...ids(link.protocols, 'protocol_id').map((id): Edge => [process, id]),
  ];
}

function neighbours(edges: readonly Edge[], byId: ReadonlyMap<string, Seen>): ReadonlyMap<string, readonly Seen[]> {
  const all = new Map<string, Seen[]>();
  for (const [from, to] of edges) {
    const target = byId.get(to);
    if (target === undefined || !byId.has(from)) throw new Error(`A link dangles: ${from} → ${to}`);
    const list = all.get(from);
    if (list === undefined) all.set(from, [target]);
    else list.push(target);
  }
  return all;
}

/** Everything that can be reached, each once; throws where the graph has a cycle. */
export function closure(next: ReadonlyMap<string, readonly Seen[]>, start: Seen): ReadonlySet<Seen> {
  const done = new Set<Seen>();
  const path = new Set<Seen>();
  const walk = (one: Seen): void => {
    if (path.has(one)) throw new Error(`${one.type}/${one.id} is its own ancestor`);
    path.add(one);
    for (const neighbour of next.get(one.id) ?? []) {
      if (done.has(neighbour)) continue;
      walk(neighbour);
      done.add(neighbour);
    }
    path.delete(one);
  };
  walk(start);
  return done;
}

/** All values at a path of member names; lists on the way, and at the end, are entered. */
export function pluck(value: unknown, path: string): readonly unknown[] {
  let values: readonly unknown[] = [value];
  for (const name of path.split('.')) {
    values = values.flatMap((one) => {
      if (typeof one !== 'object' || one === null || !(name in one)) return [];
      const member: unknown = (one as Members)[name];
      return Array.isArray(member) ? (member as readonly unknown[]) : [member];
    });
  }
  return values;
}

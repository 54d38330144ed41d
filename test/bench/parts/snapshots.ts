import { tdr } from '../../../plugins/repository/tdr/plugin.ts';
import { answer } from '../machine/part.ts';
import { Copying, specOf, type WorldName, writeWorld } from '../snapshots/written.ts';

/** Snapshots in a folder of exports. */
export type SnapshotsPart = {
  readonly write: (argument: { exports: string; world: WorldName; bundles: number }) => Promise<null>;
  /** Fetches all bundles, as a run from the repository does. */
  readonly assemble: (argument: { exports: string; world: WorldName; scratch: string }) => Promise<Assembled>;
  /** Before `copy`. */
  readonly prepare: (argument: { exports: string; world: WorldName; into: string }) => Promise<null>;
  readonly copy: (argument: null) => Promise<null>;
};

export interface Assembled {
  readonly bundles: number;
  readonly bytes: number;
}

const maxBytes = 2 ** 28;
let copying: Copying | undefined;
const never = new AbortController().signal;

const methods: SnapshotsPart = {
  async write({ exports, world, bundles }) {
    await writeWorld(exports, world, bundles);
    return null;
  },
  async assemble({ exports, world, scratch }) {
    const repository = await tdr.open({ exports, scratch }, [specOf(world)]);
    let [bundles, bytes] = [0, 0];
    for (const source of await repository.listSources(never)) {
      for await (const fqid of repository.listBundles(source, '', never)) {
        bytes += (await repository.fetchBundle(fqid, maxBytes, never)).bytes.length;
        bundles++;
      }
    }
    return { bundles, bytes };
  },
  async prepare({ exports, world, into }) {
    copying = await Copying.prepare(exports, world, into);
    return null;
  },
  async copy() {
    await copying?.copy();
    return null;
  },
};

export const run = (): void => answer(methods);

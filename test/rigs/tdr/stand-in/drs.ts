import { type Answer, type Asked, json, type Route } from './routes.ts';
import { caller, isAnswer, mayRead, type RepositorySnapshots, type StandInSnapshot } from './snapshots.ts';
import type { Storage } from './storage.ts';

const uuid = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
const first = new RegExp(`^v1_(${uuid})_(${uuid})$`);
const second = new RegExp(`^v2_(${uuid})$`);

const wrong = (status: number, msg: string): Answer => json(status, { msg, status_code: status });
const accessOf = ({ id, region = 'us-central1' }: StandInSnapshot): string => `gcp-${region}*${id}`;

/** Data files of snapshots (specification, tdr 2.3): each snapshot has any file that is asked for. */
export class DrsObjects {
  readonly #snapshots: RepositorySnapshots;
  readonly #storage: Storage;

  constructor(snapshots: RepositorySnapshots, storage: Storage) {
    this.#snapshots = snapshots;
    this.#storage = storage;
  }

  routes(): readonly Route[] {
    return [
      ['GET', /^\/ga4gh\/drs\/v1\/objects\/([^/]+)$/, (asked) => this.#object(asked)],
      ['GET', /^\/ga4gh\/drs\/v1\/objects\/([^/]+)\/access\/([^/]+)$/, (asked) => this.#access(asked)],
    ];
  }

  #found(asked: Asked): { readonly snapshot: StandInSnapshot; readonly file: string } | Answer {
    const id = decodeURIComponent(asked.parts[0] ?? '');
    const account = caller(asked);
    if (isAnswer(account)) return wrong(401, 'Unauthorized');
    const [, of, ofSnapshot] = first.exec(id) ?? [];
    const file = ofSnapshot ?? second.exec(id)?.[1];
    if (file === undefined) return wrong(400, `Invalid object id: ${id}`);
    const all = [...this.#snapshots.byId.values()];
    const snapshot = all.find((one) => (of === undefined ? one.globalFileIds === true : one.id === of));
    if (snapshot === undefined) return wrong(404, `No snapshot of ${id}`);
    return mayRead(account, snapshot) ? { snapshot, file } : wrong(403, 'forbidden');
  }

  #object(asked: Asked): Answer {
    const found = this.#found(asked);
    if (isAnswer(found)) return found;
    const { snapshot, file } = found;
    const [bucket, region] = [`${snapshot.project}-bucket`, snapshot.region ?? 'us-central1'];
    const https = `https://www.googleapis.com/storage/v1/b/${bucket}/o/${file}?userProject=p&alt=media`;
    return json(200, {
      ...{ id: asked.parts[0], name: file, size: contentOf(file).length, checksums: [], version: '0' },
      access_methods: [
        { type: 'gs', region, access_url: { url: `gs://${bucket}/${file}` }, access_id: accessOf(snapshot) },
        // The caller's own token comes back.
        {
          type: 'https',
          region,
          access_url: { url: https, headers: [`Authorization: ${asked.header('authorization')}`] },
        },
      ],
    });
  }

  #access(asked: Asked): Answer {
    const found = this.#found(asked);
    if (isAnswer(found)) return found;
    const { snapshot, file } = found;
    if (decodeURIComponent(asked.parts[1] ?? '') !== accessOf(snapshot)) return wrong(400, 'Not an access id of this');
    return json(200, { url: this.#storage.put(`${snapshot.project}-bucket/${file}`, contentOf(file), true) });
  }
}

const contentOf = (file: string): Buffer => Buffer.from(`content of ${file}`);

import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import type { Document, MetadataPlugin } from '../../core/model/metadata.ts';
import { oidc as plugin } from '../../plugins/authentication/oidc/plugin.ts';
import { canned } from '../../plugins/repository/canned/plugin.ts';
import { thing, things } from '../exports/formats/things.ts';
import { engines } from '../rigs/engines.ts';
import { type Exporting, startExporting } from '../rigs/exports/exporting.ts';
import { clients } from '../rigs/oidc/clients.ts';
import { audience } from '../rigs/oidc/configuration.ts';
import { type Oidc, startOidc } from '../rigs/oidc/provider.ts';
import { temporaryFolder } from '../rigs/streams/recording.ts';

const { files } = things.entityTypes;
const { fields = {} } = things.roles.files ?? {};
if (files === undefined || things.roles.files === undefined) throw new TypeError('Things have files');

/** Files that are listed, summed up, downloaded and exported. */
const listed: MetadataPlugin = {
  ...things,
  roles: {
    ...things.roles,
    files: { ...things.roles.files, fields: { ...fields, name: { ...fields.name, api: 'fileName', facet: true } } },
  },
  entityTypes: {
    files: {
      ...files,
      served: { sort: 'fileName', order: 'asc', maxPage: 100, access: 'by source', showsBundles: false },
    },
  },
  summary: { files: { measure: 'documents', of: 'files' } },
};

const source = (id: string) => ({ id, spec: `things:${id}:` });
const sources = ['open', 'lung', 'kidney'].map(source);

/** What is in which sources, under its name. */
export const held: Readonly<Record<string, readonly string[]>> = {
  open: ['open'],
  lung: ['lung'],
  kidney: ['kidney'],
  both: ['lung', 'kidney'],
};
export const names = Object.keys(held);
export const idOf = (name: string): string => `00000000-0000-4000-8000-00000000000${names.indexOf(name)}`;
const contentOf = (name: string): string => `bytes of ${name}`;
const sha256 = (name: string): string => createHash('sha256').update(contentOf(name)).digest('hex');

const documents = names.map((name) => {
  const id = idOf(name);
  const own = { document_id: id, uuid: id, name: `${name}.txt`, size: contentOf(name).length, sha256: sha256(name) };
  return thing({ ...own, drs_uri: null }, { sources: held[name]?.map(source) ?? [] }) as unknown as Document;
});

/** A service with managed access, at which people sign in. */
export interface Scene extends Exporting {
  readonly oidc: Oidc;
  readonly logged: readonly string[];
  readonly metrics: Registry;
  /** What a caller gets. @param token undefined: anonymous */
  ask(token: string | undefined, path: string, method?: string, body?: unknown): Promise<Got>;
  /** What a caller finds at each door: names of files, or the status where that is no success. */
  doors(token: string | undefined): Promise<Readonly<Record<string, readonly string[] | number>>>;
}

export interface Got {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: bodies are what the tests are about
  readonly json: any;
}

/** People of two groups, and of none; sources of both groups, and of everybody. */
export async function startScene(): Promise<Scene> {
  const folder = await temporaryFolder();
  const people = { ann: { groups: ['lung'] }, bea: { groups: ['lung'] }, bob: { groups: ['kidney'] } };
  const others = { cat: { groups: ['lung', 'kidney'] }, eve: { groups: [] } };
  const oidc = await startOidc({ people: { ...people, ...others } });
  const secretFile = join(folder.path, 'secret');
  writeFileSync(secretFile, clients.service.secret);
  writeFileSync(join(folder.path, 'bundles.json'), JSON.stringify({ sources, bundles: [] }));
  mkdirSync(join(folder.path, 'data'));
  for (const name of names) writeFileSync(join(folder.path, 'data', `${name}.txt`), contentOf(name));
  const introspection = { clientId: clients.service.id, secretFile };
  const authentication = await plugin.open({ issuer: oidc.issuer, audience, rememberSeconds: 0, introspection });
  const logged: string[] = [];
  const metrics = new Registry();
  const exporting = await startExporting({
    ...{ plugin: listed, documents: { files: documents }, sources, catalog: 'things' },
    opensearchUrl: await engines.opensearch(),
    repository: await canned.open({ folder: folder.path }, []),
    access: { sources: { 'things:lung:*': { groups: ['lung'] }, kidney: { groups: ['kidney'] } } },
    deps: {
      ...{ identify: authentication.identify, metrics },
      logger: pino({ level: 'trace' }, { write: (line: string) => void logged.push(line) }),
    },
  });
  const ask: Scene['ask'] = async (token, path, method = 'GET', body) => {
    const answer = await fetch(exporting.service.url + path, {
      ...{ method, redirect: 'manual' },
      headers: {
        ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    const isJson = answer.headers.get('Content-Type')?.startsWith('application/json') && text !== '';
    return { status: answer.status, headers: answer.headers, text, json: isJson ? JSON.parse(text) : undefined };
  };
  return Object.assign(exporting, {
    ...{ oidc, logged, metrics, ask },
    doors: (token: string | undefined) => allDoors(exporting, (path, method, body) => ask(token, path, method, body)),
    [Symbol.asyncDispose]: disposing(exporting[Symbol.asyncDispose], [oidc, folder]),
  });
}

const disposing = (end: () => PromiseLike<void>, others: readonly AsyncDisposable[]) => async (): Promise<void> => {
  await end();
  for (const other of others) await other[Symbol.asyncDispose]();
};

type Ask = (path: string, method?: string, body?: unknown) => Promise<Got>;

/** Every operation that depends on who calls. */
async function allDoors(scene: Exporting, ask: Ask): Promise<Readonly<Record<string, readonly string[] | number>>> {
  const nameOf = (id: string): string => names.find((name) => idOf(name) === id) ?? id;
  /** Names of what one answer lists. */
  const whole = async (got: Promise<Got>, ids: (json: Got['json']) => readonly string[]) => {
    const { status, json } = await got;
    return status === 200 ? ids(json).map(nameOf).sort() : status;
  };
  /** Names of what can be had one by one; a status other than that of what isn't there ends it. */
  const single = async (
    path: (name: string) => string,
    has: (got: Got, name: string) => boolean | Promise<boolean>,
    absent = 404,
  ) => {
    const found: string[] = [];
    for (const name of names) {
      const got = await ask(path(name));
      if (got.status === 401 || got.status === 503) return got.status;
      if (await has(got, name)) found.push(name);
      else expect(got.status, path(name)).to.equal(absent);
    }
    return found.sort();
  };
  const bytesAt = async (location: string, name: string) => (await (await fetch(location)).text()) === contentOf(name);
  const drs = '/ga4gh/drs/v1/objects';
  return {
    list: await whole(ask('/index/files'), ({ hits }) => hits.map(({ entity_id }: Document) => entity_id)),
    posted: await whole(ask('/index/files?size=9', 'POST', { filters: '{}' }), ({ hits }) =>
      hits.map(({ entity_id }: Document) => entity_id),
    ),
    facets: await whole(ask('/index/files?size=1'), ({ termFacets: { fileName } }) =>
      fileName.terms.map(({ term }: { term: string }) => idOf(term.replace('.txt', ''))),
    ),
    summary: await whole(ask('/index/summary'), ({ files: count }) => [`${count} files`]),
    single: await single(
      (name) => `/index/files/${idOf(name)}`,
      ({ status }) => status === 200,
    ),
    sources: await whole(ask('/repository/sources'), ({ sources: seen }) =>
      seen.map(({ sourceId }: { sourceId: string }) => sourceId),
    ),
    downloads: await single(
      (name) => `/repository/files/${idOf(name)}`,
      ({ status, headers }, name) => status === 302 && bytesAt(headers.get('Location') ?? '', name),
    ),
    scripted: await single(
      (name) => `/fetch/repository/files/${idOf(name)}`,
      ({ status, json }, name) => status === 200 && bytesAt(json.Location, name),
    ),
    checksums: await single(
      (name) => `/repository/files?sha256=${sha256(name)}`,
      ({ json }) => json.files.length === 1,
      200,
    ),
    drs: await single(
      (name) => `${drs}/${idOf(name)}`,
      ({ status }) => status === 200,
    ),
    access: await single(
      (name) => `${drs}/${idOf(name)}/access/https`,
      ({ status, json }, name) => status === 200 && bytesAt(json.url, name),
    ),
    bulk: await whole(ask(drs, 'POST', { bulk_object_ids: names.map(idOf) }), ({ resolved_drs_object: objects }) =>
      objects.map(({ id }: { id: string }) => id),
    ),
    ...(await manifestDoors(scene, ask)),
  };
}

/** The sources that the manifest is of which is queued for the caller. */
async function manifestDoors({ exports }: Exporting, ask: Ask) {
  const doors: Record<string, readonly string[] | number> = {};
  for (const path of ['/manifest/files', '/fetch/manifest/files']) {
    const { status, headers, json } = await ask(path, 'PUT');
    const location: string = json?.Location ?? headers.get('Location') ?? '';
    const claims = exports.tokens.parse(location.split('/').at(-1) ?? '', ['poll']);
    const job = claims === null ? null : await exports.jobs.get(claims.hash);
    doors[path] = job?.request.sources ?? status;
  }
  return doors;
}

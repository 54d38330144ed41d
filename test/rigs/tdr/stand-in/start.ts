import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeExport } from '../exports.ts';
import type { Account } from './account.ts';
import { Accounts } from './accounts.ts';
import { duosRoutes, registryRoutes, type Studies, samRoutes } from './companions.ts';
import { DrsObjects } from './drs.ts';
import { ExportJobs } from './exports.ts';
import { type Answer, type Asked, Faults, type Route } from './routes.ts';
import { RepositorySnapshots, type StandInSnapshot } from './snapshots.ts';
import { Storage } from './storage.ts';

export interface StandInParts {
  readonly accounts: readonly Account[];
  readonly snapshots: readonly StandInSnapshot[];
  readonly studies?: Studies;
  /** of compact identifiers: patterns of URLs, with `{$id}`, by prefix */
  readonly prefixes?: ReadonlyMap<string, string>;
}

/** A request that was made, and by whom. */
export interface Logged {
  readonly at: number;
  readonly method: string;
  readonly path: string;
  /** with its query */
  readonly url: string;
  /** e-mail; null without a token, `unknown` with a wrong one */
  readonly account: string | null;
}

/** The Terra Data Repository and what belongs to it, on this machine (specification, tdr 8). */
export interface StandIn {
  /** of the repository, of its DRS, and of the registry of compact identifiers */
  readonly url: string;
  readonly sam: string;
  readonly duos: string;
  readonly tokeninfo: string;
  /** where service accounts get tokens */
  readonly tokens: string;
  readonly storage: Storage;
  readonly accounts: Accounts;
  readonly snapshots: Map<string, StandInSnapshot>;
  readonly jobs: ExportJobs;
  readonly faults: Faults;
  readonly log: Logged[];
  /** @returns a DRS URI of a file of a snapshot */
  readonly drsUri: (snapshot: string, file: string) => string;
  readonly close: () => Promise<void>;
}

/** Starts it on free ports of the loopback interface. */
export async function startStandIn(parts: StandInParts): Promise<StandIn> {
  const folder = mkdtempSync(join(tmpdir(), 'lazuli-stand-in-'));
  for (const snapshot of parts.snapshots) await writeExport(folder, snapshot);
  const [faults, log, storage] = [new Faults(), [] as Logged[], new Storage()];
  const accounts = new Accounts(parts.accounts);
  const snapshots = new RepositorySnapshots(parts.snapshots, faults);
  const jobs = new ExportJobs(snapshots, storage, folder);
  const routes: readonly Route[] = [
    ...snapshots.routes(),
    ...jobs.routes(),
    ...new DrsObjects(snapshots, storage).routes(),
    ...accounts.routes(),
    ...samRoutes,
    ...duosRoutes(parts.studies ?? new Map()),
    ...registryRoutes(parts.prefixes ?? new Map()),
  ];
  const repository = await listening({ routes, accounts, faults, log });
  const objects = await listening({ routes: storage.routes(), accounts, faults, log });
  storage.url = objects.url;
  const { url } = repository;
  return {
    ...{ url, sam: `${url}/sam`, duos: `${url}/duos`, tokeninfo: `${url}/oauth2/v3/tokeninfo` },
    ...{ tokens: `${url}/oauth2/token`, storage, accounts, snapshots: snapshots.byId, jobs, faults, log },
    drsUri: (snapshot, file) => `drs://${new URL(url).host}/v1_${snapshot}_${file}`,
    close: async () => {
      for (const { server } of [repository, objects]) {
        server.closeAllConnections();
        await new Promise((done) => server.close(done));
      }
      rmSync(folder, { recursive: true });
    },
  };
}

interface Serving {
  readonly routes: readonly Route[];
  readonly accounts: Accounts;
  readonly faults: Faults;
  readonly log: Logged[];
}

async function listening(serving: Serving): Promise<{ readonly server: Server; readonly url: string }> {
  const server = createServer((request, response) => {
    serve(request, response, serving).catch((error: unknown) => response.destroy(error as Error));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

async function serve(request: IncomingMessage, response: ServerResponse, serving: Serving): Promise<void> {
  const { routes, accounts, faults, log } = serving;
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part);
  const { method = 'GET', url = '/', headers } = request;
  const { pathname: path, searchParams: query } = new URL(url, 'http://stand-in');
  const account = accounts.of(headers.authorization);
  const who = account === null || account === 'unknown' ? account : account.email;
  log.push({ at: Date.now(), method, path, url, account: who });
  const fault = faults.take(path, false);
  if (fault === 'hang') return;
  if (fault !== null && typeof fault === 'object') {
    const { status, retryAfter, body = { message: 'a fault' } } = fault;
    return send(response, { status, body, headers: retryAfter === undefined ? {} : { 'Retry-After': retryAfter } });
  }
  const route = routes.find(([own, pattern]) => own === method && pattern.test(path));
  const matched = route?.[1].exec(path)?.slice(1) ?? [];
  const asked: Asked = {
    ...{ method, path, query, account, body: Buffer.concat(parts), parts: matched },
    header: (name) => [headers[name]].flat()[0],
  };
  send(
    response,
    (await route?.[2](asked)) ?? { status: 404, body: { message: 'No such path' } },
    fault === 'truncated',
  );
}

function send(response: ServerResponse, { status, body, bytes, headers }: Answer, isTruncated = false): void {
  const content = bytes ?? Buffer.from(JSON.stringify(body));
  const type = bytes === undefined ? 'application/json' : 'application/octet-stream';
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': content.length, ...headers });
  if (!isTruncated) return void response.end(content);
  response.write(content.subarray(0, content.length / 2), () => response.destroy());
}

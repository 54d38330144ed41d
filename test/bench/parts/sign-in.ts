import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { importJWK, SignJWT } from 'jose';
import type { Authentication, Identity } from '../../../core/model/authentication.ts';
import type { Repository } from '../../../core/model/repository.ts';
import { cloneOnly, openAuthentication } from '../../../plugins/registry.ts';
import { CallerSources } from '../../../query/http/caller-sources.ts';
import { audience } from '../../rigs/oidc/configuration.ts';
import { type Oidc, startOidc } from '../../rigs/oidc/provider.ts';
import { answer } from '../machine/part.ts';

/** Callers with JWTs of a real provider, and what it costs to find out what each may see. */
export type SignInPart = {
  /** makes so many tokens, each of another caller */
  readonly make: (argument: { tokens: number }) => Promise<number>;
  /** each caller asks so often, in turn. @returns seconds of CPU of a request */
  readonly ask: (argument: { times: number }) => Promise<number>;
  /** megabytes of the heap that live */
  readonly heap: (argument: null) => Promise<number>;
};

/** of a catalog */
const sources = 500;
const groups = Array.from({ length: 20 }, (_, i) => `group ${i}`);
const patient = new AbortController().signal;

interface Service {
  readonly oidc: Oidc;
  readonly authentication: Authentication;
  readonly callers: CallerSources;
}

let service: Service | undefined;
let headers: string[] = [];
let made = 0;

async function opened(): Promise<Service> {
  if (service !== undefined) return service;
  const oidc = await startOidc({ people: {} });
  const options = { name: 'oidc', issuer: oidc.issuer, audience, rememberSeconds: 3_600 };
  const authentication = await openAuthentication(options, cloneOnly);
  service = { oidc, authentication, callers: new CallerSources({ repository: repositoryOf() }) };
  return service;
}

/** One that has to be asked; callers see a tenth of its sources. */
function repositoryOf(): Repository {
  const ids = Array.from({ length: sources }, (_, i) => `source ${i}`);
  const seen = new Set(ids.slice(0, sources / 10));
  return { accessibleSources: async () => new Set(seen) } as Partial<Repository> as Repository;
}

const methods: SignInPart = {
  async make({ tokens }) {
    const { oidc } = await opened();
    const key = await importJWK({ ...oidc.key }, oidc.key.alg);
    const exp = Math.floor(Date.now() / 1000) + 3_600;
    headers = [];
    for (let i = 0; i < tokens; i++) {
      const token = new SignJWT({ iss: oidc.issuer, aud: audience, sub: `caller ${made++}`, groups, exp });
      headers.push(`Bearer ${await token.setProtectedHeader({ alg: oidc.key.alg, kid: oidc.key.kid }).sign(key)}`);
    }
    return made;
  },
  async ask({ times }) {
    const { authentication, callers } = await opened();
    const before = process.cpuUsage();
    for (let i = 0; i < times; i++)
      for (const header of headers) {
        const identity: Identity = await authentication.identify(header, patient);
        await callers.of(identity);
      }
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1e6 / (times * headers.length);
  },
  async heap() {
    headers = [];
    setFlagsFromString('--expose-gc');
    const collect: () => void = runInNewContext('gc');
    collect();
    return process.memoryUsage().heapUsed / 1e6;
  },
};

export const run = (): void => answer(methods);

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import * as fc from 'fast-check';
import type { Authentication } from '../../core/model/authentication.ts';
import type { Document } from '../../core/model/metadata.ts';
import { oidc as plugin } from '../../plugins/authentication/oidc/plugin.ts';
import { canned } from '../../plugins/repository/canned/plugin.ts';
import { expedition, herbarium, sheet } from '../rigs/models/herbarium.ts';
import { audience } from '../rigs/oidc/configuration.ts';
import { type Oidc, startOidc } from '../rigs/oidc/provider.ts';
import { numRuns, seed } from '../rigs/property.ts';
import { type Service, startService, withFilters } from '../rigs/service/harness.ts';
import { type PlainFields, plainAnswer, plainList } from './plain-list.ts';

/** None is a part of another one: answers are searched for them. */
const sourceIds = ['source-north', '\ufeffsource-south', '\uffff', '\u{1f600}\u0000'];
const subjects = ['ann', 'bob', 'cat'];
const titles = ['t0', '\ufefft0', '\u{1f600}\u2028'];
const fields: Readonly<Record<string, PlainFields>> = {
  sheets: { title: ['sheets', 'title'], pressed: ['sheets', 'pressed'] },
  expeditions: { country: ['expeditions', 'country'] },
};

interface World {
  readonly sources: readonly { readonly id: string; readonly public?: boolean; readonly readers?: readonly string[] }[];
  /** by source: who is let in by the settings of the catalog; others are seen as the repository has it */
  readonly rules: Readonly<Record<string, readonly string[]>>;
  readonly documents: Readonly<Record<string, readonly Document[]>>;
}

const some = <T>(values: readonly T[], minLength = 0) => fc.subarray([...values], { minLength });
const visibility = fc.record({ public: fc.boolean(), readers: some(subjects) }, { requiredKeys: [] });
const inner = fc.record({ title: fc.constantFrom(...titles, null), pressed: fc.boolean() }, { requiredKeys: [] });
const worlds: fc.Arbitrary<World> = fc
  .record({
    rules: fc.dictionary(fc.constantFrom(...sourceIds), some(subjects, 1), { maxKeys: 2 }),
    visibilities: fc.array(visibility, { minLength: sourceIds.length, maxLength: sourceIds.length }),
    sheets: fc.array(fc.tuple(inner, some(sourceIds)), { maxLength: 12 }),
    expeditions: fc.array(fc.tuple(fc.constantFrom('c0', '\ufeffc0'), some(sourceIds, 1)), { maxLength: 6 }),
  })
  .map(({ rules, visibilities, sheets, expeditions }) => ({
    rules,
    sources: sourceIds.map((id, i) => ({ id, spec: `herbarium:${id}:`, ...visibilities[i] })),
    documents: {
      sheets: sheets.map(([given, of], i) => sheet(i + 1, given, of)),
      expeditions: expeditions.map(([country, of], i) => expedition(i + 101, { country }, of)),
    },
  }));
const caller = fc.constantFrom(undefined, ...subjects);
const asked = fc.record({
  caller,
  type: fc.constantFrom('sheets', 'expeditions'),
  titles: fc.option(some([...titles, null]), { nil: undefined }),
  sources: fc.option(some(sourceIds), { nil: undefined, freq: 3 }),
});

type Asked = typeof asked extends fc.Arbitrary<infer T> ? T : never;

/** What `bundles.json` and the settings say, told once more. */
function sees({ sources, rules }: World, subject: string | undefined): string[] {
  return sources
    .filter(({ id, public: isPublic, readers }) => {
      const letIn = Object.hasOwn(rules, id) ? rules[id] : undefined;
      if (letIn !== undefined && (subject === undefined || !letIn.includes(subject))) return false;
      if (isPublic ?? readers === undefined) return true;
      return subject !== undefined && (readers ?? []).includes(subject);
    })
    .map(({ id }) => id);
}

/** The group of a caller, by which rules name them. */
const groupOf = (subject: string): string => `group of ${subject}`;
/** by subject, of those who have signed in */
const tokens = new Map<string, string>();
const bearer = (subject: string | undefined): Record<string, string> =>
  subject === undefined ? {} : { Authorization: `Bearer ${tokens.get(subject)}` };

describe('what a caller may see', () => {
  let folder: string;
  let oidc: Oidc;
  let authentication: Authentication;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'lazuli-visibility-'));
    const people = subjects.map((subject) => [subject, { groups: [groupOf(subject)] }] as const);
    oidc = await startOidc({ people: Object.fromEntries(people) });
    for (const subject of subjects) tokens.set(subject, (await oidc.signIn(subject)).access_token);
    authentication = await plugin.open({ issuer: oidc.issuer, audience });
  });
  after(async () => {
    rmSync(folder, { recursive: true });
    await oidc[Symbol.asyncDispose]();
  });

  const serve = async (world: World): Promise<Service> => {
    writeFileSync(join(folder, 'bundles.json'), JSON.stringify({ sources: world.sources, bundles: [] }));
    const { identify } = authentication;
    const rules = Object.entries(world.rules).map(([id, letIn]) => [id, { groups: letIn.map(groupOf) }]);
    const access = { sources: Object.fromEntries(rules) };
    const repository = await canned.open({ folder }, []);
    return startService({ plugin: herbarium, documents: world.documents, repository, deps: { identify }, access });
  };

  it('is what a plain reference says, for any sources, documents, callers and filters', async () => {
    const requests = fc.array(asked, { minLength: 8, maxLength: 8 });
    const property = fc.asyncProperty(worlds, requests, async (world, all) => {
      await using service = await serve(world);
      await Promise.all(all.map((request) => expectPlain(service, world, request)));
    });
    await fc.assert(property, { numRuns: numRuns(100), seed: seed() });
  });

  it('needs a token that is valid: any other is refused, and never taken for anonymous', async () => {
    const property = fc.asyncProperty(fc.base64String({ minLength: 1 }), async (token) => {
      await using service = await serve({ sources: [{ id: 'source-north' }].map(withSpec), rules: {}, documents: {} });
      const { status, body, headers } = await service.get('/index/sheets', { Authorization: `Bearer ${token}x` });
      expect({ status, code: body.Code }).to.deep.equal({ status: 401, code: 'UnauthorizedError' });
      expect(headers.get('WWW-Authenticate')).to.equal('Bearer');
      expect(headers.get('Access-Control-Allow-Origin')).to.equal('*');
      expect(JSON.stringify(body)).not.to.include(`${token}x`);
    });
    await fc.assert(property, { numRuns: numRuns(40), seed: seed() });
  });
});

const withSpec = <T extends { id: string }>(source: T) => ({ ...source, spec: `herbarium:${source.id}:` });

async function expectPlain(
  service: Service,
  world: World,
  { caller: subject, type, titles: wanted, sources }: Asked,
): Promise<void> {
  const may = sees(world, subject);
  const isPublic = type === 'expeditions';
  const own = fields[type] ?? {};
  const filters: Record<string, readonly (string | null)[]> = wanted === undefined || isPublic ? {} : { title: wanted };
  const given = Object.fromEntries(Object.entries(filters).map(([name, is]) => [name, { is }]));
  const asks = sources === undefined ? given : { ...given, sourceId: { is: sources } };
  const { status, body } = await service.get(`/index/${type}${withFilters(asks, { size: '20' })}`, bearer(subject));
  if (!isPublic && sources?.some((id) => !may.includes(id))) {
    expect({ status, code: body.Code }).to.deep.equal({ status: 403, code: 'ForbiddenError' });
    return;
  }
  expect(status, JSON.stringify(body).slice(0, 500)).to.equal(200);
  const all = world.documents[type] ?? [];
  const of = all.filter((document) => sources === undefined || document.sources.some(({ id }) => sources.includes(id)));
  const expected = plainList(of, own, { sees: may, isPublic, filters });
  // Its own filter on sources is what the facet `accessible` ignores.
  const { accessible } = plainList(all, own, { sees: may, isPublic, filters }).facets;
  expect(plainAnswer(body, own)).to.deep.equal({ ...expected, facets: { ...expected.facets, accessible } });
  if (!isPublic) expectNoTrace(body, may);
  await expectEntities(service, type, all, isPublic, may, subject);
}

/** Of sources that the caller may not see nothing shows anywhere, not even an id. */
function expectNoTrace(body: unknown, may: readonly string[]): void {
  const hidden = sourceIds.filter((id) => !may.includes(id));
  const text = JSON.stringify(body);
  expect(hidden.filter((id) => text.includes(id))).to.deep.equal([]);
}

/** What is hidden is answered word for word as what isn't there. */
async function expectEntities(
  service: Service,
  type: string,
  all: readonly Document[],
  isPublic: boolean,
  may: readonly string[],
  subject: string | undefined,
): Promise<void> {
  for (const { entity_id, sources } of all.slice(0, 3)) {
    const { status, body } = await service.get(`/index/${type}/${entity_id}`, bearer(subject));
    const shows = isPublic || (sources.length > 0 && sources.every(({ id }) => may.includes(id)));
    expect(status).to.equal(shows ? 200 : 404);
    if (shows) continue;
    const nowhere = '00000000-0000-4000-8000-0000ffffffff';
    const absent = await service.get(`/index/${type}/${nowhere}`, bearer(subject));
    expect(body.Message.replaceAll(entity_id, '')).to.equal(absent.body.Message.replaceAll(nowhere, ''));
  }
}

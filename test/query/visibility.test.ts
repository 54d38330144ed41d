import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import * as fc from 'fast-check';
import type { Document } from '../../core/model/metadata.ts';
import { tokens } from '../../plugins/authentication/tokens/plugin.ts';
import { digestOf } from '../../plugins/authentication/tokens/token-file.ts';
import { canned } from '../../plugins/repository/canned/plugin.ts';
import { expedition, herbarium, sheet } from '../rigs/models/herbarium.ts';
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
  readonly documents: Readonly<Record<string, readonly Document[]>>;
}

const some = <T>(values: readonly T[], minLength = 0) => fc.subarray([...values], { minLength });
const visibility = fc.record({ public: fc.boolean(), readers: some(subjects) }, { requiredKeys: [] });
const inner = fc.record({ title: fc.constantFrom(...titles, null), pressed: fc.boolean() }, { requiredKeys: [] });
const worlds: fc.Arbitrary<World> = fc
  .record({
    visibilities: fc.array(visibility, { minLength: sourceIds.length, maxLength: sourceIds.length }),
    sheets: fc.array(fc.tuple(inner, some(sourceIds)), { maxLength: 12 }),
    expeditions: fc.array(fc.tuple(fc.constantFrom('c0', '\ufeffc0'), some(sourceIds, 1)), { maxLength: 6 }),
  })
  .map(({ visibilities, sheets, expeditions }) => ({
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

/** What `bundles.json` says, told once more. */
function sees({ sources }: World, subject: string | undefined): string[] {
  return sources
    .filter(({ public: isPublic, readers }) => {
      if (isPublic ?? readers === undefined) return true;
      return subject !== undefined && (readers ?? []).includes(subject);
    })
    .map(({ id }) => id);
}

const bearer = (subject: string | undefined): Record<string, string> =>
  subject === undefined ? {} : { Authorization: `Bearer token-of-${subject}` };

describe('what a caller may see', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'lazuli-visibility-'));
    const known = subjects.map((subject) => ({ subject, sha256: digestOf(`token-of-${subject}`).toString('hex') }));
    writeFileSync(join(folder, 'tokens.json'), JSON.stringify({ tokens: known }));
  });
  after(() => rmSync(folder, { recursive: true }));

  const serve = async (world: World): Promise<Service> => {
    writeFileSync(join(folder, 'bundles.json'), JSON.stringify({ sources: world.sources, bundles: [] }));
    const { identify } = await tokens.open({ file: join(folder, 'tokens.json') });
    const repository = await canned.open({ folder }, []);
    return startService({ plugin: herbarium, documents: world.documents, repository, deps: { identify } });
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
      await using service = await serve({ sources: [{ id: 'source-north' }].map(withSpec), documents: {} });
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

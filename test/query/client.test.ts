import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import openapiTypescript, { astToString } from 'openapi-typescript';
import ts from 'typescript';
import { clone } from '../../cli/clone.ts';
import { hca } from '../../plugins/metadata/hca/plugin.ts';
import { type Service, startService } from '../rigs/service/harness.ts';
import { generatedDocuments } from './generated.ts';

/** Lists the formats of the first files, page by page, as a browser of data would. */
const program = `
import createClient from 'openapi-fetch';
import type { components, paths } from './service.d.ts';

type Filters = components['schemas']['HcaFilters'];
const client = createClient<paths>({ baseUrl: process.argv[2] ?? '' });
const filters: Filters = { fileSize: { within: [[1, null]] }, organ: { is: ['brain', null] } };
const { data, error } = await client.GET('/index/{entity_type}', {
  params: { path: { entity_type: 'files' }, query: { filters: JSON.stringify(filters), size: 3, sort: 'fileName', order: 'desc' } },
});
if (error !== undefined) throw new Error(error.Message);
const total: number = data.pagination.total;
const organs: (string | null)[] = data.termFacets.organ.terms.map(({ term }) => term);
const sizes = data.hits.flatMap((hit) => ('files' in hit ? hit.files.map(({ size }) => size) : []));
const [one] = data.hits;
const found = await client.GET('/index/{entity_type}/{entity_id}', {
  params: { path: { entity_type: 'files', entity_id: one?.entryId ?? '' } },
});
const refused = await client.GET('/index/{entity_type}', { params: { path: { entity_type: 'files' }, query: { size: 0 } } });
const code: string | undefined = refused.error?.Code;
console.log(JSON.stringify({ total, organs, sizes, same: found.data?.entryId === one?.entryId, code }));
`;

/** What is wrong in that program with one part in place of another. */
const mistakes: readonly [what: string, part: string, other: string, message: RegExp][] = [
  [
    'an entity type',
    "entity_type: 'files' }, query: { filters",
    "entity_type: 'spiders' }, query: { filters",
    /"spiders"/,
  ],
  ['a field to sort by', "sort: 'fileName'", "sort: 'nosuch'", /"nosuch"/],
  ['a relation', '{ is: [', '{ contains: [', /contains/],
  ['a field to filter by', 'organ: {', 'organs: {', /organs/],
  ['a facet', 'termFacets.organ.', 'termFacets.organs.', /organs/],
  ['a path', "'/index/{entity_type}/{entity_id}'", "'/index/{entity_type}/{id}'", /\/\{id\}/],
  ['a type', 'const total: number', 'const total: string', /not assignable to type 'string'/],
];

describe('a TypeScript client generated from the OpenAPI document', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lazuli-client-'));
  let service: Service;
  before(async function () {
    this.timeout(180_000);
    const documents = await generatedDocuments(6);
    const sources = documents.files?.flatMap((file) => file.sources) ?? [];
    service = await startService({
      plugin: hca,
      catalog: 'hca',
      documents,
      sources,
      sees: () => sources.map(({ id }) => id),
    });
    symlinkSync(join(clone, 'node_modules'), join(folder, 'node_modules'));
    writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
    const document = (await service.get('/openapi')).body;
    writeFileSync(join(folder, 'service.d.ts'), astToString(await openapiTypescript(document)));
  });
  after(async () => {
    rmSync(folder, { recursive: true });
    await service[Symbol.asyncDispose]();
  });

  /** What the compiler says of a program. */
  function checked(text: string): readonly string[] {
    const file = join(folder, 'program.ts');
    writeFileSync(file, text);
    const compiled = ts.createProgram([file], {
      ...{ strict: true, noEmit: true, noUncheckedIndexedAccess: true, skipLibCheck: true },
      ...{ allowImportingTsExtensions: true, target: ts.ScriptTarget.ES2024, module: ts.ModuleKind.NodeNext },
      types: ['node'],
      typeRoots: [join(clone, 'node_modules/@types')],
    });
    return ts
      .getPreEmitDiagnostics(compiled)
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
  }

  it('fits the types of a program that browses, and works', async function () {
    this.timeout(60_000);
    expect(checked(program)).to.deep.equal([]);
    const run = promisify(execFile)(process.execPath, [join(folder, 'program.ts'), service.url]);
    const answer = JSON.parse((await run).stdout);
    expect(answer.total).to.be.above(0);
    expect(answer.organs).to.include('brain');
    expect(answer.sizes).to.have.length(Math.min(3, answer.total));
    expect(answer).to.include({ same: true, code: 'BadRequestError' });
  });

  for (const [what, part, other, message] of mistakes) {
    it(`shows a mistake in ${what}`, function () {
      this.timeout(60_000);
      expect(program).to.include(part);
      expect(checked(program.replace(part, other)).join('\n')).to.match(message);
    });
  }
});

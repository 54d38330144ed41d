import { expect } from 'chai';
import * as fc from 'fast-check';
import { hca } from '../../plugins/metadata/hca/plugin.ts';
import { needsShared } from '../rigs/hca/shared.ts';
import { numRuns, seed } from '../rigs/property.ts';
import { anyFilters } from '../rigs/reference/any-filters.ts';
import { facetsOf } from '../rigs/reference/facets.ts';
import { type Filters, filtered } from '../rigs/reference/filters.ts';
import { orderedIds } from '../rigs/reference/order.ts';
import { summaryOf } from '../rigs/reference/summary.ts';
import { withFilters } from '../rigs/service/harness.ts';
import { differing, fieldsOf, found, type HcaService, lists, startHcaService } from './hca-service.ts';

describe('Any filters on the sample bundles', function () {
  this.timeout(600_000);
  let service: HcaService;
  before(async function () {
    needsShared(this);
    service = await startHcaService(differing);
  });
  after(() => service?.[Symbol.asyncDispose]());

  for (const { type, maxPage } of lists) {
    it(`find those ${type}, and count those facets, that a plain reference gives; by POST as by GET`, async () => {
      const documents = service.documents[type] ?? [];
      const fields = fieldsOf(type);
      const request = fc.record({
        filters: anyFilters(documents, fields),
        sort: fc.constantFrom(...fields.byName.keys()),
        order: fc.constantFrom('asc' as const, 'desc' as const),
      });
      const property = fc.asyncProperty(request, async ({ filters, sort, order }) => {
        const parameters = { sort, order, size: String(maxPage) };
        const list = await found(service, `/index/${type}${withFilters(filters, parameters)}`);
        const field = fields.byName.get(sort);
        const expected = field && orderedIds(filtered(documents, filters, fields), field, order);
        expect(list.hits.map(({ entryId }: { entryId: string }) => entryId)).to.deep.equal(expected);
        const { accessible, ...facets } = list.termFacets;
        expect(facets).to.deep.equal(facetsOf(documents, filters, fields));
        expect(accessible.total).to.equal(expected?.length);
        const body = JSON.stringify({ filters: JSON.stringify(filters), ...parameters });
        expect((await service.send('POST', `/index/${type}`, body)).body).to.deep.equal(list);
      });
      await fc.assert(property, { numRuns: numRuns(400), seed: seed() });
    });
  }

  it('give the summary that a plain count over the documents gives', async () => {
    const samples = Object.values(service.documents).flat();
    const property = fc.asyncProperty(anyFilters(samples, fieldsOf('files')), async (filters: Filters) => {
      const matching = Object.entries(service.documents).map(([type, documents]) => [
        type,
        filtered(documents, filters, fieldsOf(type)),
      ]);
      expect(await found(service, `/index/summary${withFilters(filters)}`)).to.deep.equal(
        summaryOf(hca, Object.fromEntries(matching)),
      );
    });
    await fc.assert(property, { numRuns: numRuns(400), seed: seed() });
  });

  it('give a summary whose sums are those over the hits', async () => {
    const hits = async (type: string) =>
      (await found(service, `/index/${type}?size=${lists.find((list) => list.type === type)?.maxPage}`)).hits;
    const [summary, files, projects] = await Promise.all([
      found(service, '/index/summary'),
      hits('files'),
      hits('projects'),
    ]);
    const sum = (numbers: readonly (number | null)[]): number =>
      numbers.reduce<number>((total, one) => total + (one ?? 0), 0);
    const ofFiles = files.map((hit: { files: unknown[] }) => hit.files[0]) as {
      format: string;
      size: number;
      matrixCellCount: number | null;
    }[];
    expect(summary.fileCount).to.equal(files.length);
    expect(summary.totalFileSize).to.equal(sum(ofFiles.map(({ size }) => size)));
    const formats = [...Map.groupBy(ofFiles, ({ format }) => format)].map(([format, own]) => ({
      format,
      count: own.length,
      totalSize: sum(own.map(({ size }) => size)),
      matrixCellCount: sum(own.map(({ matrixCellCount }) => matrixCellCount)),
    }));
    expect(summary.fileTypeSummaries).to.have.deep.members(formats);
    expect(summary.projectCount).to.equal(projects.length);
    const cells = projects.map(
      (hit: {
        projects: { estimatedCellCount: number | null }[];
        cellSuspensions: { totalCells: number | null }[];
      }) => ({
        estimated: hit.projects[0]?.estimatedCellCount ?? 0,
        counted: sum(hit.cellSuspensions.map(({ totalCells }) => totalCells)),
      }),
    ) as { estimated: number; counted: number }[];
    const browserTotal = sum(
      summary.projects.map(
        (row: { projects: { estimatedCellCount: number | null }; cellSuspensions: { totalCells: number | null } }) =>
          row.projects.estimatedCellCount ?? row.cellSuspensions.totalCells,
      ),
    );
    expect(browserTotal).to.equal(sum(cells.map(({ estimated, counted }) => (estimated === 0 ? counted : estimated))));
    const laboratories = new Set(
      projects.flatMap((hit: { projects: { laboratory: string[] }[] }) => hit.projects[0]?.laboratory),
    );
    expect(summary.labCount).to.equal(laboratories.size);
  });
});

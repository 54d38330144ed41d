import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { LazuliError } from '../../../core/config/errors.ts';
import type { SourceRef } from '../../../core/config/sources.ts';
import { settle } from '../../../core/model/generator.ts';
import type { DataFile, Repository } from '../../../core/model/repository.ts';
import { listed } from '../../../plugins/battery/listed.ts';
import { repositoryFindings } from '../../../plugins/battery/repository.ts';
import { generator } from '../../../plugins/metadata/hca/generator/generate.ts';
import { DssRepository } from '../../../plugins/repository/dss/repository.ts';
import { type Account, newAccount } from '../../rigs/dss/accounts.ts';
import { type DepositedFile, deposit } from '../../rigs/dss/deposit.ts';
import { type Dss, startDss } from '../../rigs/dss/dss.ts';
import { breaksOff, type Fault, fails, losesHalf, losesLink, movedForEver } from '../../rigs/dss/faults.ts';
import { type BundleContents, filesOf } from '../../rigs/dss/hca-files.ts';
import { useCloud } from '../../rigs/storage/cloud.ts';
import { patient } from '../../signals.ts';
import { expectNone } from '../battery/findings.ts';

const version = '2018-10-18T150431.370880Z';
const withColons = '2018-10-18T15:04:31.370880Z';
const uuid = (start: string) => `${start}000000-0000-4000-8000-000000000000`;
const nobody = { subject: null };

/** A clock that doesn't wait. */
const hasty = () => {
  let now = Date.parse('2026-11-30T12:00:00Z');
  const sleep = async (millis: number, signal?: AbortSignal) => {
    signal?.throwIfAborted();
    now += millis;
  };
  return { now: () => now, sleep };
};

const document = (start: string, type: string, rest = ''): DepositedFile => ({
  ...{ name: `${type}_0.json`, uuid: uuid(start), version, type: 'application/json', indexed: true },
  content: new TextEncoder().encode(`{"describedBy": "https://schema.example/1.0.0/${type}"${rest}}`),
});

describe('Bundles of a data store', () => {
  const cloud = useCloud();
  let dss: Dss;
  let ann: Account;
  let source: SourceRef;
  const files = [document('f1', 'project', ', "number": 1e400'), document('f2', 'cell_line')];
  before(async () => {
    dss = await startDss(cloud(), { mostPerPage: 3, keptBytes: 2_000 });
    ann = dss.accounts.add(newAccount('ann'), true);
    for (const start of ['00', '0f', '10', 'a0', 'a1', 'ff', 'fe'])
      await deposit(dss, ann, { uuid: uuid(start), version }, files);
    await deposit(dss, ann, { uuid: uuid('a1'), version: version.replace('2018', '2019') }, files);
    [source = source] = await open().listSources(patient);
  });
  after(() => dss?.[Symbol.asyncDispose]());
  beforeEach(() => dss.faults.clear());

  function open(spec = `${dss.url}:/1`, drsDomain?: string): Repository {
    const bounds = { replica: 'aws', drsDomain, filesAtOnce: 4, requestsAtOnce: 64, clock: hasty() };
    return new DssRepository({ sources: [spec], ...bounds });
  }
  const fetched = (repository: Repository, start: string, maxBytes = 2 ** 24, at = withColons) =>
    repository.fetchBundle({ source, uuid: uuid(start), version: at }, maxBytes, patient);
  const told = (work: Promise<unknown>): Promise<string> =>
    work.then(
      () => 'no error',
      (error: unknown) => (error instanceof LazuliError ? `${error.code}: ${error.message}` : String(error)),
    );

  it('do what every repository must do', () => expectNone(repositoryFindings(open(), patient)));

  it('are listed page by page, those of the source only', async () => {
    const names = async (spec: string, prefix: string) =>
      (await listed(open(spec), source, prefix, patient)).map(
        ({ uuid: own, version: at }) => `${own.slice(0, 2)} ${at}`,
      );
    const all = ['00', '0f', '10', 'a0', 'a1', 'a1', 'fe', 'ff'];
    expect((await names(`${dss.url}:`, '')).map((name) => name.slice(0, 2))).to.deep.equal(all);
    expect(dss.faults.asked.length).to.equal(3);
    const later = withColons.replace('2018', '2019');
    expect(await names(`${dss.url}:a/1`, '')).to.deep.equal([`a0 ${withColons}`, `a1 ${withColons}`, `a1 ${later}`]);
    expect(await names(`${dss.url}:a/1`, 'a1')).to.deep.equal([`a1 ${withColons}`, `a1 ${later}`]);
    expect(await names(`${dss.url}:a/1`, 'f')).to.deep.equal([]);
    expect(await told(fetched(open(`${dss.url}:a/1`), 'ff'))).to.match(/^bundle_missing: .* begin with a only/);
  });

  it('are the documents of their files, as they stand there, in either notation of the version', async () => {
    const { bytes, attributes } = await fetched(open(`${dss.url}:`, 'data.example'), 'a0', 2 ** 20, version);
    const [project = '', line = ''] = files.map(({ content }) => new TextDecoder().decode(content));
    expect([new TextDecoder().decode(bytes), attributes]).to.deep.equal([
      `{"manifest":{},"metadata":{"project/${uuid('f1')}":${project},"cell_line/${uuid('f2')}":${line}},"stitched":[]}`,
      { drs_domain: 'data.example' },
    ]);
  });

  it('of the Human Cell Atlas come back as they were put', async () => {
    const [made] = generator.bundles(settle({ seed: 'store', bundles: 1, size: 'small', versions: 0, deletions: 0 }));
    const contents: BundleContents = JSON.parse(made?.text ?? '');
    await deposit(dss, ann, { uuid: uuid('b0'), version }, filesOf(contents, uuid('b1'), version));
    const { bytes } = await fetched(open(), 'b0');
    const { manifest, metadata, links }: BundleContents = JSON.parse(new TextDecoder().decode(bytes));
    expect({ metadata, links }).to.deep.equal({ metadata: contents.metadata, links: contents.links });
    expect(Object.keys(manifest).sort()).to.deep.equal(Object.keys(contents.manifest).sort());
    for (const [key, entry] of Object.entries(manifest)) {
      const { name, uuid: own, 'content-type': type } = contents.manifest[key] ?? {};
      expect(entry).to.include({ name, uuid: own, 'content-type': type, version: withColons, indexed: false });
      expect(entry.sha256).to.match(/^[0-9a-f]{64}$/);
    }
  });

  const moved = (to: string): Fault => movedForEver(`${to}/files/${uuid('f1')}?replica=aws&token=x`);
  const pageWithoutLink: Fault = (answer) => losesLink({ ...answer, status: 206 });
  const placed =
    (headers: Record<string, string>): Fault =>
    () => ({ status: 302, headers });
  const otherBundle: Fault = (answer) => ({
    ...answer,
    body: JSON.parse(JSON.stringify(answer.body).replaceAll(uuid('a0'), uuid('ff'))),
  });
  /** what is planned: faults with the requests that they befall, and how often they do */
  type Planned = readonly [path: RegExp, fault: () => Fault, times: number];
  const own = 'unavailable: The data store works, but';
  const faults: readonly [what: string, planned: readonly Planned[], outcome: RegExp][] = [
    ['a few errors', [[/./, () => fails(500, 'x'), 3]], /^no error$/],
    [
      'answers that break off',
      [
        [/bundles/, () => breaksOff, 1],
        [/files/, () => breaksOff, 2],
      ],
      /^no error$/,
    ],
    ['pages that lost their link', [[/bundles/, () => pageWithoutLink, 4]], /^no error$/],
    ['pages without a link for ever', [[/bundles\/a0/, () => pageWithoutLink, 99]], RegExp(`^${own} .* not where`)],
    ['errors for ever', [[/./, () => fails(503, 'read_only'), 99]], /^repository_unavailable: .* 503 read_only/],
    ['errors of one bundle for ever', [[/bundles\/a0/, () => fails(500, 'x'), 99]], RegExp(`^${own}`)],
    [
      'errors of one file for ever',
      [[/files\/f1/, () => fails(504, 'timed_out'), 99]],
      RegExp(`^${own} .* 504 timed_out`),
    ],
    [
      'a file that is never ready',
      [[/files\/f1/, () => moved(dss.url), 999]],
      /^unavailable: .* file project_0.json ready/,
    ],
    [
      'a file that is elsewhere',
      [[/files\/f1/, () => moved('http://127.0.0.2:1'), 99]],
      /refers to http:\/\/127.0.0.2:1/,
    ],
    ['a file without a place', [[/files\/f1/, () => placed({}), 99]], /^unavailable: .*302 without a place/],
    [
      'a content that others can read',
      [[/files/, () => placed({ Location: 'http://d.example/' }), 99]],
      /a file at http:\/\/d\./,
    ],
    ['a file that is gone', [[/files\/f1/, () => fails(404, 'not_found'), 1]], /^bundle_missing/],
    [
      'a bundle that nobody may have',
      [[/bundles\/a0/, () => fails(403, 'Forbidden'), 1]],
      /refuses the bundle: 403 Forbidden/,
    ],
    ['another bundle', [[/bundles\/a0/, () => otherBundle, 99]], /^unavailable: .*bundle ff/],
  ];
  for (const [what, planned, outcome] of faults)
    it(`are had in spite of, or refused for: ${what}`, async () => {
      for (const [path, fault, times] of planned) dss.faults.plan(path, fault(), times);
      expect(await told(fetched(open(), 'a0'))).to.match(outcome);
    });

  it('are listed as a whole, or not at all', async () => {
    const list = () => told(listed(open(), source, '', patient));
    dss.faults.plan(/bundles\/all/, losesHalf('bundles'), 2);
    dss.faults.plan(/bundles\/all/, losesLink);
    dss.faults.plan(/bundles\/all/, breaksOff);
    expect(await list()).to.equal('no error');
    dss.faults.plan(/bundles\/all/, losesLink, 99);
    expect(await list()).to.match(/^repository_unavailable: .*more, and not where/);
    dss.faults.clear();
    dss.faults.plan(
      /search_after/,
      (answer) => ({ ...answer, headers: { Link: `<${dss.url}/bundles/all?replica=aws>; rel="next"` } }),
      99,
    );
    expect(await list()).to.match(/^repository_unavailable: .*list with bundle 00.* after a1/);
    dss.faults.clear();
    dss.faults.plan(
      /bundles\/all/,
      (answer) => ({ ...answer, headers: { Link: '<https://elsewhere.example/v1/bundles/all>; rel="next"' } }),
      99,
    );
    expect(await list()).to.match(/^repository_unavailable: .*refers to https:\/\/elsewhere.example/);
  });

  it('whose contents are not what their manifests say are refused, and so is what is no document', async () => {
    const spoilt = async (start: string, file: DepositedFile, more = '') => {
      await deposit(dss, ann, { uuid: uuid(start), version }, [file]);
      if (more !== '') {
        const [key = ''] = (await dss.storage.keys(dss.checkout, 'blobs/')).filter((one) => one.includes(sumOf(file)));
        await dss.storage.put({ bucket: dss.checkout, key }, more);
      }
      return told(fetched(open(), start));
    };
    const sumOf = ({ content }: DepositedFile) => createHash('sha256').update(content).digest('hex');
    const short = document('c1', 'process', ', "n": 1');
    expect(await spoilt('c1', short, '{}')).to.match(/^bundle_invalid: File process_0.json has 2 bytes, not \d+/);
    const other = document('c2', 'process', ', "n": 2');
    expect(await spoilt('c2', other, '#'.repeat(other.content.length))).to.match(/^bundle_invalid: .* has SHA-256/);
    const text = (start: string, content: string) => ({ ...document(start, 'process'), content: Buffer.from(content) });
    expect(await spoilt('c3', text('c3', '[]'))).to.match(/^bundle_invalid: File process_0.json is no JSON object/);
    expect(await spoilt('c4', text('c4', '{"a":1,"a":2}'))).to.match(/^bundle_invalid: .*two members/);
    expect(await spoilt('c5', text('c5', '{}'))).to.match(/^bundle_invalid: .*describedBy/);
    expect(await spoilt('c6', { ...document('c6', 'process'), type: 'text/plain' })).to.match(
      /^bundle_invalid: .*text\/plain/,
    );
  });

  it('have files that can be downloaded under their names, once they are ready', async () => {
    const content = new TextEncoder().encode('reads');
    const put: DepositedFile = {
      name: 'a/rèads.txt',
      uuid: uuid('d1'),
      version,
      type: 'text/plain',
      indexed: false,
      content,
    };
    await deposit(dss, ann, { uuid: uuid('d0'), version }, [put]);
    const file: DataFile = { uuid: uuid('d1'), version: withColons, name: put.name, size: 5, drsUri: null };
    const repository = open();
    const locate = async (of = file) => repository.locateFile?.(of, nobody, patient);
    expect(await locate()).to.deep.equal({ kind: 'later', seconds: 0 });
    const place = await locate();
    const answer = await fetch(place?.kind === 'url' ? place.url : '');
    expect([await answer.text(), answer.headers.get('content-disposition')]).to.deep.equal([
      'reads',
      `attachment; filename="a_r_ads.txt"; filename*=UTF-8''a_r%C3%A8ads.txt`,
    ]);
    for (const none of [{ version: 'x' }, { uuid: uuid('dd') }, { uuid: '..' }])
      expect(await locate({ ...file, ...none })).to.equal(null);
    dss.faults.plan(/files/, fails(400, 'illegal_token'));
    expect(await told(locate())).to.equal('no error');
    dss.faults.plan(/files/, fails(503, 'x'), 9);
    expect(await told(locate())).to.match(/^repository_unavailable/);
  });
});

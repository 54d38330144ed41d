import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { baseUrl, type Indexed, openRig } from './rig.ts';
import { thing, things } from './things.ts';

const bundle = { uuid: 'b', version: '1' };
const named = (names: readonly string[]): Indexed[] =>
  names.map((name, i) => thing({ document_id: `f${i + 10}`, name }, { bundles: [bundle] }));

async function curlrc(documents: readonly Indexed[], base = baseUrl): Promise<string> {
  await using rig = await openRig(things, 'files', documents);
  const { file } = await rig.write('curl', await rig.select('true'), { baseUrl: base });
  return readFileSync(file, 'utf8');
}

/** Paths in the order of files, as curl reads them. */
function outputs(config: string): string[] {
  return config.split('\n').flatMap((line) => {
    const [, path] = /^output="(.*)"$/.exec(line) ?? [];
    return path === undefined ? [] : [path.replaceAll(/\\(.)/g, '$1').replace(/^b\//, '')];
  });
}

describe('A selection as a configuration of curl', function () {
  this.timeout(60_000);

  it('says for each file from where to where, files of one document together, and what is not available', async () => {
    const others = [{ document_id: 'o', name: 'a.zarr/.zgroup', uuid: 'u o', version: '2', drs_uri: 'drs://z/1?a=b' }];
    const bundles = [
      { uuid: 'x', version: '2' },
      { uuid: 'y', version: '2' },
      { uuid: 'z', version: '1' },
    ];
    const documents = [
      thing({ document_id: '1', uuid: 'u', version: '2018:1', name: 'a.zarr/.zattrs', others }, { bundles }),
      thing({ document_id: '2', drs_uri: null }),
    ];
    const config = await curlrc(documents);
    expect(config).to.equal(
      [
        '--create-dirs',
        '--compressed',
        '--location',
        '--globoff',
        '--fail',
        String.raw`--write-out "Downloading to: %{filename_effective}\n\n"`,
        `url="${baseUrl}/repository/files/u?catalog=hca&version=2018%3A1"\noutput="y/a.zarr/.zattrs"`,
        `url="${baseUrl}/repository/files/u%20o?catalog=hca&version=2&requestIndex=1&fileName=a.zarr%2F.zgroup&drsUri=drs%3A%2F%2Fz%2F1%3Fa%3Db"\noutput="y/a.zarr/.zgroup"`,
        "# File '2', version '1' is currently not available in catalog 'hca'.",
        '',
      ].join('\n\n'),
    );
  });

  it('has only options where nothing is selected', async () => {
    const config = await curlrc([]);
    expect(config.split('\n\n')).to.have.length(7);
    expect(outputs(config)).to.deep.equal([]);
  });

  it('takes names that lead elsewhere, or that some system can not have, for others', async () => {
    const long = `${'x'.repeat(300)}.fastq.gz`;
    const names = [
      'plain#1 (a).txt',
      '../../etc/passwd',
      '/root',
      'a\\b',
      'a//b/',
      '.',
      '..',
      'CON',
      'nul.txt',
      'a"b',
      'a.',
      ' b',
      'a\nb\u0000',
      long,
    ];
    expect(outputs(await curlrc(named(names)))).to.deep.equal([
      'plain#1 (a).txt',
      '__/__/etc/passwd',
      'root',
      'a_b',
      'a/b',
      '_',
      '__',
      '_CON',
      '_nul.txt',
      'a_b (1)',
      'a_',
      '_b',
      'a_b_',
      `${'x'.repeat(231)}.fastq.gz`,
    ]);
  });

  it('numbers files of one bundle that would have the same path, and no other', async () => {
    const names = [
      'a.fastq.gz',
      'A.fastq.gz',
      'a (1).fastq.gz',
      'a.fastq.gz',
      'b',
      'b',
      '.zgroup',
      '.zgroup',
      'd/a.fastq.gz',
    ];
    const config = await curlrc([
      ...named(names),
      thing({ document_id: 'z', name: 'b' }, { bundles: [{ uuid: 'c', version: '1' }] }),
    ]);
    expect(outputs(config)).to.deep.equal([
      'a.fastq.gz',
      'A (1) (1).fastq.gz',
      'a (1).fastq.gz',
      'a (2).fastq.gz',
      'b',
      'b (1)',
      '.zgroup',
      '.zgroup (1)',
      'd/a.fastq.gz',
      'c/b',
    ]);
  });

  it('is read by curl itself', async function () {
    const curl = promisify(execFile);
    const isThere = await curl('curl', ['--version']).then(
      () => true,
      () => false,
    );
    if (!isThere) {
      console.log('      curl is not there');
      this.skip();
    }
    const server = createServer(({ url = '' }, response) => response.end(url.split('?')[0]));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const folder = mkdtempSync(join(tmpdir(), 'lazuli-curl-'));
    try {
      const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const config = await curlrc(
        named(['a.txt', 'a.txt', 'x[1-3]{a,b}#1.txt', '%{url} $x `y`', '../up', 'q"\'']),
        base,
      );
      const options = curl('curl', ['--noproxy', '*', '--fail-early', '--config', '-'], { cwd: folder });
      options.child.stdin?.end(config);
      await options;
      const found = Object.fromEntries(
        outputs(config).map((path, i) => [
          path,
          readFileSync(join(folder, 'b', path), 'utf8') === `/repository/files/f${i + 10}`,
        ]),
      );
      expect(Object.values(found)).to.deep.equal(Array(6).fill(true), JSON.stringify(found));
      expect(readdirSync(folder)).to.deep.equal(['b']);
      expect(existsSync(join(folder, '..', 'up'))).to.equal(false);
    } finally {
      server.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { startOpenSearch } from '../../cli/engines/opensearch.ts';
import { freePair } from '../../cli/engines/ports.ts';
import type { LazuliError } from '../../core/config/errors.ts';
import { lazuli, temporaryFolder } from '../rigs/cli/lazuli.ts';

describe('engines that are missing', () => {
  async function upWith(env: Readonly<Record<string, string>>) {
    using folder = temporaryFolder();
    const args = ['up', '--data', folder.path, '--generate', '1', '--port', String(await freePair())];
    const ended = await lazuli(args, '', { OPENSEARCH_URL: '', AWS_ENDPOINT_URL_KINESIS: '', ...env });
    return { ...ended, locked: existsSync(join(folder.path, 'lock.json')) };
  }

  it('are named, with why they are needed and how to do without: Java', async () => {
    const { code, err, locked } = await upWith({ PATH: '/nonexistent' });
    expect({ code, locked }).to.deep.equal({ code: 1, locked: false });
    expect(err).to.match(/^error: Java is missing: Java 17 or later is needed, because OpenSearch runs on it\.\n/);
    expect(err).to.match(/\nremedy: Install Java 17 or later .* OPENSEARCH_URL, and do without\.\n$/);
  });

  it('are named: an OpenSearch that OPENSEARCH_URL names but that is not there', async () => {
    const { code, err } = await upWith({ OPENSEARCH_URL: 'http://127.0.0.1:9' });
    expect(code).to.equal(1);
    expect(err).to.match(
      /^error: OPENSEARCH_URL names http:\/\/127\.0\.0\.1:9, where no OpenSearch answers\.\nremedy: /,
    );
  });
});

describe('an OpenSearch that does not start', () => {
  it('is said with its last lines', async () => {
    using folder = temporaryFolder();
    const error = (await startOpenSearch({
      folder: folder.path,
      log: join(folder.path, 'opensearch.log'),
      cluster: 'too-small',
      heap: 1,
      say: () => {},
    }).catch((reason: unknown) => reason)) as LazuliError;
    expect(error.code).to.equal('index_unavailable');
    expect(error.message).to.match(/^OpenSearch did not start\. Its last lines \(.*opensearch\.log\):\n.*heap/s);
    expect(error.remedy).to.include('OPENSEARCH_URL');
  });
});

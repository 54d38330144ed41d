import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { BigQuery } from '@google-cloud/bigquery';
import { OAuth2Client } from 'google-auth-library';
import { freePort } from '../../../cli/engines/ports.ts';
import { startServed, useEmulated } from '../emulated.ts';
import { type Packages, pythonPackages } from '../python.ts';
import type { ExportedSnapshot } from './exports.ts';

/** An emulator of BigQuery on the loopback interface. */
export interface BigQueryEmulator extends AsyncDisposable {
  readonly endpoint: string;
  /** Views of the tables of a snapshot, where the Terra Data Repository has them. */
  load(snapshot: ExportedSnapshot): Promise<void>;
}

const requirements = join(import.meta.dirname, 'bigquery-emulator.txt');

const emulator = (): Packages =>
  pythonPackages('bigquery-emulator-1', ['--no-deps', '--no-compile', '--requirement', requirements]);

/** The emulator for the tests of a suite. @returns it, once they run */
export const useBigQuery = (): (() => BigQueryEmulator) => useEmulated({ packages: emulator, start, millis: 600_000 });

async function start(folder: string): Promise<BigQueryEmulator> {
  const [port, other] = [await freePort(), await freePort()];
  const endpoint = `http://127.0.0.1:${port}`;
  const env = { PYTHONPATH: folder, HOME: homeOf(folder) };
  const args = ['-m', 'bqemulator', 'start', '--rest-port', String(port), '--grpc-port', String(other)];
  const served = await startServed({ command: 'python3', args, env, endpoint, millis: 60_000 });
  return { ...served, endpoint, load: (snapshot) => load(endpoint, snapshot) };
}

/** DuckDB looks for the extension that the emulator needs in the home of who runs it. */
function homeOf(folder: string): string {
  const home = join(folder, 'home');
  if (existsSync(home)) return home;
  mkdirSync(home, { recursive: true });
  const env = { ...process.env, PYTHONPATH: folder, HOME: home };
  const program = 'import duckdb_extensions; duckdb_extensions.import_extension("spatial")';
  const { status, stderr } = spawnSync('python3', ['-c', program], { env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`The emulator can't be set up:\n${stderr}`);
  return home;
}

const types: Readonly<Record<string, string>> = {
  ...{ VARCHAR: 'STRING', BIGINT: 'INT64', DOUBLE: 'FLOAT64', BOOLEAN: 'BOOL', TIMESTAMP: 'TIMESTAMP' },
  'VARCHAR[]': 'ARRAY<STRING>',
};

async function load(endpoint: string, { project, name, tables }: ExportedSnapshot): Promise<void> {
  const authClient = new OAuth2Client();
  authClient.setCredentials({ access_token: 'a token', expiry_date: Date.now() + 3_600_000 });
  const client = new BigQuery({ projectId: project, apiEndpoint: endpoint, authClient });
  for (const dataset of [name, `${name}_rows`]) await client.createDataset(dataset);
  for (const [table, { columns, rows }] of Object.entries(tables)) {
    const own = `${project}.${name}_rows.${table}`;
    const declared = Object.entries(columns).map(([column, type]) => `\`${column}\` ${types[type]}`);
    await client.query(`CREATE TABLE \`${own}\` (${declared.join(', ')})`);
    if (rows.length > 0)
      await client
        .dataset(`${name}_rows`)
        .table(table)
        .insert([...rows]);
    await client.query(`CREATE VIEW \`${project}.${name}.${table}\` AS SELECT * FROM \`${own}\``);
  }
}

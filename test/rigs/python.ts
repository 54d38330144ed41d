import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { clone } from '../../cli/clone.ts';

const installMillis = 300_000;

/** A folder of Python packages, for `PYTHONPATH`; or why they can't be had here. */
export type Packages = { readonly folder: string } | { readonly missing: string; readonly hasPython: boolean };

/**
 * Python packages below `.engines`, installed at the first call.
 *
 * @param name of the folder; another one for other versions
 * @param packages with their versions
 * @param interpreter for programs that later ones can't run
 */
export function pythonPackages(name: string, packages: readonly string[], interpreter = 'python3'): Packages {
  if (spawnSync(interpreter, ['-m', 'pip', '--version']).status !== 0)
    return { missing: `${interpreter} with pip is not there`, hasPython: false };
  const folder = join(clone, '.engines', name);
  if (existsSync(join(folder, 'installed'))) return { folder };
  // Another half of the tests may be at it, too: whole folders only get the name, and the first one keeps it.
  const own = `${folder}.${process.pid}`;
  const args = ['-m', 'pip', 'install', '--quiet', '--target', own, ...packages];
  if (spawnSync(interpreter, args, { timeout: installMillis }).status !== 0) {
    rmSync(own, { recursive: true, force: true });
    return { missing: `${packages.join(', ')} can't be installed`, hasPython: true };
  }
  mkdirSync(join(own, 'installed'));
  rename(own, folder);
  return { folder };
}

/** Gives a folder its name, unless another one has it. */
function rename(own: string, folder: string): void {
  try {
    renameSync(own, folder);
  } catch (error) {
    if (!existsSync(join(folder, 'installed'))) throw error;
    rmSync(own, { recursive: true });
  }
}

/** Readers of Parquet that people use, with all that they need. */
export const parquetReaders = (): Packages =>
  pythonPackages('parquet-readers-1', [
    ...['pyarrow==26.0.1', 'pandas==3.1.1', 'polars==2.1.0', 'polars-runtime-32==2.1.0', 'duckdb==2.0.1'],
    ...['fastparquet==2026.9.0', 'numpy==2.4.6', 'cramjam==2.14.0', 'fsspec==2026.9.0', 'packaging==26.4'],
    ...['python-dateutil==4.0.0', 'tzdata==2026.6'],
  ]);

/** Python 3.9, by which alone the client of data stores starts: of the path, or of pyenv. */
export function python39(): string {
  const folder = join(homedir(), '.pyenv', 'versions');
  const versions = existsSync(folder) ? readdirSync(folder).filter((version) => version.startsWith('3.9.')) : [];
  const [own] = versions.map((version) => join(folder, version, 'bin', 'python3.9')).filter((file) => existsSync(file));
  return own ?? 'python3.9';
}

/** The client of data stores of the Human Cell Atlas. */
export const hcaClient = (): Packages => pythonPackages('hca-client-1', ['hca==7.0.1'], python39());

/** Readers of manifests that people use, with what of their dependencies they need to read. */
export const manifestReaders = (): Packages =>
  pythonPackages('manifest-readers-1', [
    ...['--no-deps', 'fastavro==1.13.1', 'pypfb==0.6.2', 'bagit==1.9.0', 'bagit-profile==1.3.1', 'bdbag==1.8.0'],
    ...['requests==2.34.2', 'urllib3==2.8.0', 'idna==3.20', 'charset-normalizer==3.5.3', 'certifi==2026.10.19.post1'],
    ...['pytz==2026.6', 'tzlocal==5.4.5', 'packaging==26.4', 'setuptools==65.5.0'],
  ]);

export interface PythonOptions {
  readonly args?: readonly string[];
  /** beside this process's own */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** What a program prints. @throws Error with what it says where it fails */
export function python(folder: string, program: string, options: PythonOptions = {}): string {
  const { args = [], env = {}, cwd } = options;
  const own = { PYTHONPATH: folder, PYTHONUTF8: '1', PYTHONWARNINGS: 'ignore' };
  const { status, stdout, stderr } = spawnSync('python3', ['-c', program, ...args], {
    encoding: 'utf8',
    ...(cwd === undefined ? {} : { cwd }),
    env: { ...process.env, ...own, ...env },
    maxBuffer: 2 ** 28,
  });
  if (status !== 0) throw new Error(`Python ended with ${status}:\n${stderr}`);
  return stdout;
}

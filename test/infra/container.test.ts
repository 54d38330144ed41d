import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect } from 'chai';
import { parse } from 'yaml';
import { clone } from '../../cli/clone.ts';
import { jarFolder } from '../../cli/engines/jars.ts';
import { kinesisClientLibrary } from '../../cli/engines/java-engines.ts';
import { program } from '../../cli/program.ts';
import { parseSettings } from '../../core/config/settings.ts';
import { printed } from '../rigs/cli/printed.ts';

const read = (path: string): string => readFileSync(join(clone, path), 'utf8');

/** Instructions of a Dockerfile, continued lines joined, by stage. */
function stages(): readonly (readonly (readonly [string, string])[])[] {
  const lines = read('Dockerfile').replaceAll(/\\\n/g, ' ').split('\n');
  const instructions = lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => [line.split(' ')[0] ?? '', line.slice(line.indexOf(' ') + 1).trim()] as const);
  const starts = instructions.flatMap(([name], at) => (name === 'FROM' ? [at] : []));
  return starts.map((start, i) => instructions.slice(start, starts[i + 1]));
}

interface Service {
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly healthcheck: { readonly test: readonly string[] };
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
}

/** Whether the command line takes these arguments, without running them. */
function takes(args: readonly string[]): boolean {
  const [name = '', ...rest] = args;
  const command = program(printed().output).commands.find((one) => one.name() === name);
  if (command === undefined) return false;
  const { unknown } = command.parseOptions([...rest]);
  return unknown.length === 0;
}

describe('The Dockerfile', () => {
  const [build = [], library = [], image = []] = stages();

  it('has three stages, of one base that can be pinned by digest', () => {
    expect(stages()).to.have.length(3);
    expect(read('Dockerfile')).to.match(/^ARG NODE_IMAGE=node:24/m);
    const bases = [build, library, image].map(([from]) => from?.[1]);
    expect(bases).to.deep.equal([`\${NODE_IMAGE} AS dependencies`, `\${NODE_IMAGE} AS library`, `\${NODE_IMAGE}`]);
  });

  it('installs exactly what the lock file says, without what only development needs', () => {
    expect(build.find(([name]) => name === 'RUN')?.[1]).to.match(/^npm ci --omit=dev --ignore-scripts/);
  });

  it('has the jars of the Kinesis Client Library where the application looks, and Java', () => {
    const pom = `cli/engines/${kinesisClientLibrary.folder}/pom.xml`;
    expect(library.map(([, what]) => what)).to.include(`${pom} ./`);
    const from = image.find(([name, what]) => name === 'COPY' && what.startsWith('--from=library'))?.[1];
    const folder = relative(clone, jarFolder(kinesisClientLibrary));
    expect(from).to.equal(`--from=library /library/jars ./${folder}`);
    expect(read(pom)).to.include(`<version>${kinesisClientLibrary.version}</version>`);
    expect(image.find(([name]) => name === 'RUN')?.[1]).to.include('openjdk-17-jre-headless');
  });

  it('runs the entry point as a user without privileges', () => {
    expect(image.findLast(([name]) => name === 'USER')?.[1]).to.equal('node');
    const entry = JSON.parse(image.find(([name]) => name === 'ENTRYPOINT')?.[1] ?? '[]') as string[];
    expect(entry).to.deep.equal(['node', 'cli/main.ts']);
    expect(takes(JSON.parse(image.find(([name]) => name === 'CMD')?.[1] ?? '[]'))).to.equal(true);
  });

  it('copies what exists, all rooms that run, and neither tests nor the program of the stack', () => {
    const copied = image
      .filter(([name, what]) => name === 'COPY' && !what.startsWith('--from'))
      .map(([, what]) => what.split(' ').slice(0, -1));
    const paths = copied.flat();
    expect(paths.filter((path) => !existsSync(join(clone, path)))).to.deep.equal([]);
    expect(paths).to.include.members(['bin', 'core', 'plugins', 'ingest', 'transform', 'exports', 'query', 'cli']);
    expect(paths).to.not.include.members(['test']).and.not.include.members(['infra']);
    const allowed = read('.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1));
    expect(allowed).to.include.members([...paths, '.npmrc']);
  });

  it('needs no package at run time that only development has', () => {
    const { dependencies } = JSON.parse(read('package.json')) as { dependencies: Record<string, string> };
    expect(Object.keys(dependencies).filter((name) => name.startsWith('@pulumi/'))).to.deep.equal([]);
  });
});

describe('The compose file', () => {
  const { services } = parse(read('compose.yaml'), { merge: true }) as { services: Readonly<Record<string, Service>> };
  const ours = Object.entries(services).filter(([, { command }]) => command !== undefined);

  it('runs every role with the commands of the image, on a read-only file system', () => {
    expect(ours.map(([name]) => name).sort()).to.deep.equal([
      'export',
      'indexer',
      'ingest',
      'kinesis',
      'query',
      'transform',
    ]);
    for (const [name, { command = [], read_only, cap_drop }] of ours) {
      expect(takes(command), name).to.equal(true);
      expect({ read_only, cap_drop }, name).to.deep.equal({ read_only: true, cap_drop: ['ALL'] });
    }
  });

  it('gives settings that the application takes, with the names of the services', () => {
    for (const [name, { environment = {} }] of ours) {
      const settings = parseSettings(JSON.parse(environment.LAZULI_SETTINGS ?? ''), name);
      const { peers } = settings.http;
      const urls = [
        settings.opensearch.url,
        settings.kinesis.endpoint,
        peers?.query,
        peers?.indexer,
        peers?.ingest,
        peers?.transform.hca,
      ];
      const hosts = urls.map((url) => new URL(url ?? '').hostname);
      expect(hosts).to.deep.equal(['opensearch', 'kinesis', 'query', 'indexer', 'ingest', 'transform']);
      expect(hosts.filter((host) => !Object.hasOwn(services, host))).to.deep.equal([]);
      for (const role of ['query', 'indexer', 'ingest', 'transform', 'export'] as const) {
        expect(services[role]?.healthcheck.test.at(-1)).to.equal(
          `http://127.0.0.1:${settings.http[role]}/health/basic`,
        );
      }
    }
  });

  it('shows nothing to the world', () => {
    const published = Object.values(services).flatMap(({ ports = [] }) => ports);
    expect(published).to.deep.equal(['127.0.0.1:8000:8000', '127.0.0.1:8001:8001']);
  });
});

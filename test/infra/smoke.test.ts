import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { clone } from '../../cli/clone.ts';
import { SmokeFailure } from '../../infra/smoke/failure.ts';
import { smoke } from '../../infra/smoke/smoke.ts';
import { type Exporting, exported, startExporting } from '../rigs/exports/exporting.ts';
import { herbarium } from '../rigs/models/herbarium.ts';
import { type Service, startService } from '../rigs/service/harness.ts';
import { temporaryFolder } from '../rigs/streams/recording.ts';
import { until } from '../rigs/until.ts';
import { executables } from './executables.ts';

const commit = 'c0ffee'.repeat(6).padEnd(40, '0');
const image = `111122223333.dkr.ecr.us-east-1.amazonaws.com/lazuli@sha256:${'a'.repeat(64)}`;
const names = ['lazuli-dev-query', 'lazuli-dev-transform-hca'] as const;
const taskDefinitions = Object.fromEntries(names.map((name) => [name, `arn:${name}:8`]));

/** A deployment of a service as ECS tells of it. */
const deployment = (taskDefinition: string, more = {}) => ({
  ...{ status: 'PRIMARY', taskDefinition, desiredCount: 1, runningCount: 1, ...more },
});
const steady = names.map((serviceName) => ({ serviceName, deployments: [deployment(`arn:${serviceName}:8`)] }));
const rolledBack = { rolloutStateReason: 'ECS deployment circuit breaker: rolling back' };

interface Stand {
  readonly queryUrl: string;
  readonly indexerUrl?: string;
  readonly services?: readonly object[];
  readonly tags?: readonly string[];
  readonly tasks?: Readonly<Record<string, string>>;
}

/** Runs work where `pulumi` and `aws` tell of a stack that answers at these URLs. */
async function where<T>(stand: Stand, work: (env: NodeJS.ProcessEnv) => Promise<T>): Promise<T> {
  const { queryUrl, indexerUrl = queryUrl, services = steady, tags = [commit, 'v1'] } = stand;
  const { tasks = taskDefinitions } = stand;
  await using folder = await temporaryFolder();
  const outputs = { image, queryUrl, indexerUrl, services: { cluster: 'lazuli-dev-workers', taskDefinitions: tasks } };
  const env = executables(folder.path, {
    pulumi: `[ "$*" = "stack output --json --stack dev" ] && echo '${JSON.stringify(outputs)}'`,
    aws: `case "$1 $2" in
      "ecs describe-services") echo '${JSON.stringify({ services, failures: [] })}';;
      "ecr describe-images") echo '${JSON.stringify({ imageDetails: [{ imageTags: tags }] })}';;
      *) exit 9;;
    esac`,
  });
  const before = process.env.PATH;
  process.env.PATH = env.PATH;
  try {
    return await work(env);
  } finally {
    process.env.PATH = before;
  }
}

const said = (stand: Stand, options: { commit?: string; waitMillis?: number } = {}): Promise<string> =>
  where(stand, async () => {
    const lines: string[] = [];
    const quick = { waitMillis: 0, pauseMillis: 5, ...options };
    try {
      await smoke({ stack: 'dev', tell: (line) => lines.push(line), ...quick });
    } catch (error) {
      if (!(error instanceof SmokeFailure)) throw error;
      lines.push(`failed: ${error.message}`);
    }
    return lines.join('\n');
  });

describe('The smoke test of a deployment', () => {
  let service: Service;
  let deployed: Service;
  let scene: Exporting;
  let exporting: Service;
  before(async () => {
    service = await startService({ plugin: herbarium, documents: { sheets: [], expeditions: [] } });
    const version = { git: { commit, dirty: false }, changes: [] };
    const { deployment } = service;
    deployed = await startService({ plugin: herbarium, deployment, deps: { version } });
    scene = await startExporting();
    const exports = async () => scene.exports;
    exporting = await startService({ plugin: exported, deployment, deps: { version, exports } });
  });
  after(async () => {
    await exporting?.[Symbol.asyncDispose]();
    await scene?.[Symbol.asyncDispose]();
    await deployed?.[Symbol.asyncDispose]();
    await service?.[Symbol.asyncDispose]();
  });

  it('passes where the tasks are those of the stack, are up, of its commit, and find', async () => {
    const lines = (await said({ queryUrl: deployed.url })).split('\n');
    expect(lines).to.deep.equal([
      '2 services run the task definitions of dev',
      `${deployed.url} is up, and of the commit ${commit}`,
      `${deployed.url} is up, and of the commit ${commit}`,
      '/index/sheets?catalog=plants&size=1 finds 0',
    ]);
  });

  it('has a manifest made and downloads it, where the stack has export workers', async () => {
    const name = 'lazuli-dev-export';
    const services = [...steady, { serviceName: name, deployments: [deployment(`arn:${name}:8`)] }];
    const stand = { queryUrl: exporting.url, services, tasks: { ...taskDefinitions, [name]: `arn:${name}:8` } };
    const { queue } = scene.exports.jobs;
    const alone = await said(stand);
    expect(alone).to.match(/failed: .*\/fetch\/manifest\/files\?catalog=plants&.*: it is not made in time$/);
    const worker = until(async () => (await queue.all()).length > 0, 30_000).then(async () =>
      scene.finish(await scene.claim()),
    );
    const [told] = await Promise.all([said(stand, { waitMillis: 30_000 }), worker]);
    expect(told).to.match(/\/fetch\/manifest\/files\?.* is made, and can be downloaded$/);
    expect(told).to.not.match(/token|signature|objects/);
  });

  it('fails where a deployment was rolled back, however steady it looks', async () => {
    const [query, transform] = steady;
    const former = { ...query, deployments: [deployment(`arn:${names[0]}:7`, rolledBack)] };
    const told = await said({ queryUrl: deployed.url, services: [former, transform as object] });
    expect(told).to.equal(
      `failed: ${names[0]}: 1 tasks run arn:${names[0]}:7, and the stack's is arn:${names[0]}:8: was it rolled back?` +
        ' (ECS deployment circuit breaker: rolling back)',
    );
  });

  it('fails where former tasks still run, where too few run, and where a service is missing', async () => {
    const [first] = names;
    const of = (...deployments: object[]) => ({ serviceName: first, deployments });
    const now = deployment(`arn:${first}:8`);
    const old = deployment(`arn:${first}:7`, { status: 'ACTIVE' });
    const told = async (...services: object[]) => said({ queryUrl: deployed.url, services });
    const [, transform] = steady as [object, object];
    expect(await told(of(now, old), transform))
      .to.include('1 tasks run')
      .and.include(':7');
    expect(await told(of(deployment(`arn:${first}:8`, { runningCount: 0 })), transform)).to.include('0 of 1 tasks run');
    expect(await told(of(deployment(`arn:${first}:8`, { desiredCount: 0, runningCount: 0 })), transform)).to.include(
      '0 of 1 tasks run',
    );
    expect(await told(of(now))).to.equal(`failed: ${names[1]}: ECS has no such service`);
  });

  it('fails where another version answers, or the image does not tell of which commit it is', async () => {
    expect(await said({ queryUrl: service.url })).to.include(
      `failed: ${service.url}/version: the commit c0ffee answers, and the image is of ${commit}`,
    );
    expect(await said({ queryUrl: service.url, tags: [] }, { commit: 'c0ffee' })).to.include('finds 0');
    expect(await said({ queryUrl: service.url, tags: ['v1'] })).to.include('No tag says of which commit');
  });

  it('fails where nothing answers, or something else does', async () => {
    const page = createServer((_request, response) => response.end('<html>Sign in\u001b[2J</html>'));
    await new Promise<void>((resolve) => page.listen(0, '127.0.0.1', resolve));
    const indexerUrl = `http://127.0.0.1:${(page.address() as AddressInfo).port}`;
    const stand = { queryUrl: deployed.url, indexerUrl };
    expect(await said(stand)).to.include(`failed: ${indexerUrl}/health/basic: the answer is none of Lazuli: <html>`);
    const { code, out, err } = await where(stand, (env) => run(env, 'dev', commit, '0'));
    expect({ code, out }).to.deep.equal({ code: 1, out: out.replaceAll('passed', '') });
    expect(err).to.include('the smoke test of dev failed').and.include('remedy: ').and.not.include('\u001b');
    page.closeAllConnections();
    await new Promise((resolve) => page.close(resolve));
    expect(await said(stand)).to.include(`failed: ${indexerUrl}/health/basic: no answer`);
  });

  it('waits for what only takes its time, and not for ever', async () => {
    let asked = 0;
    const late = createServer(async ({ url = '' }, response) => {
      if (++asked < 4) return response.writeHead(503).end('{}');
      const answer = await deployed.get(url);
      return response.writeHead(answer.status).end(JSON.stringify(answer.body));
    });
    await new Promise<void>((resolve) => late.listen(0, '127.0.0.1', resolve));
    const queryUrl = `http://127.0.0.1:${(late.address() as AddressInfo).port}`;
    expect(await said({ queryUrl }, { waitMillis: 60_000 })).to.include('finds 0');
    asked = 0;
    expect(await said({ queryUrl }))
      .to.include('failed: ')
      .and.include('status 503');
    late.closeAllConnections();
    await new Promise((resolve) => late.close(resolve));
  });

  it('is a command that ends with 0 where all is well', async () => {
    const { code, out, err } = await where({ queryUrl: deployed.url }, (env) => run(env, 'dev'));
    expect({ code, err }).to.deep.equal({ code: 0, err: '' });
    expect(out).to.include('the smoke test of dev passed');
    expect((await run(process.env)).code).to.equal(2);
  });
});

function run(env: NodeJS.ProcessEnv, ...args: readonly string[]) {
  const child = spawn(process.execPath, [join(clone, 'infra/smoke.js'), ...args], { env });
  let [out, err] = ['', ''];
  child.stdout.on('data', (text) => {
    out += text;
  });
  child.stderr.on('data', (text) => {
    err += text;
  });
  return new Promise<{ code: number | null; out: string; err: string }>((resolve) => {
    child.once('close', (code) => resolve({ code, out, err }));
  });
}

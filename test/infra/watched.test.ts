import { spawnSync } from 'node:child_process';
import { expect } from 'chai';
import { clone } from '../../cli/clone.ts';
import { alarmsOf, secretsOf } from '../../infra/costs.ts';
import { toldMetrics } from '../../infra/monitoring/told.ts';
import { parseStack } from '../../infra/parse.ts';
import { at } from './made.ts';
import { type Recording, record } from './recording.ts';
import { dev, stackFiles } from './stack-files.ts';

/** Lines that some code writes to the log of a process of its own. */
function written(code: string): readonly object[] {
  const imports = `
    const { processLogger } = await import('./core/runtime/logger.ts');
    const { systemClock } = await import('./core/runtime/clock.ts');`;
  const args = ['--input-type=module', '--eval', imports + code];
  const { status, stderr } = spawnSync(process.execPath, args, { cwd: clone, encoding: 'utf8' });
  expect(status, stderr).to.equal(0);
  const lines = stderr.split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as object);
}

/** Whether a metric filter takes a line: each of its terms, of the form `$.member = "text"` or `!=`, holds. */
function takes(pattern: string, line: object): boolean {
  const terms = /^\{ (.+) \}$/.exec(pattern)?.[1]?.split(' && ') ?? [];
  expect(terms).to.not.be.empty;
  return terms.every((term) => {
    const [, member = '', comparison, text] = /^\$\.(\w+) (!?=) "([^"]+)"$/.exec(term) ?? [];
    expect(text, term).to.be.a('string');
    return (at(line, member) === text) === (comparison === '=');
  });
}

describe('What the pipeline is watched with', () => {
  let recording: Recording;
  before(async () => {
    recording = await record(dev);
  });
  const alarm = (name: string) =>
    recording.of('aws:cloudwatch/metricAlarm:MetricAlarm').find((one) => one.name === `lazuli-dev-${name}`)?.inputs;

  /** Filters of the log that take a line, by their metric: what the member of the line is that becomes its value. */
  const takenOf = (line: object) =>
    recording.of('aws:cloudwatch/logMetricFilter:LogMetricFilter').flatMap(({ inputs }) => {
      if (!takes(String(inputs.pattern), line)) return [];
      const { name, value } = inputs.metricTransformation as Readonly<Record<'name' | 'value', string>>;
      return [[name, value === '1' ? 1 : at(line, value.replace('$.', ''))] as const];
    });

  it('is what tasks of query write to their log every minute, and silence counts as standing still', () => {
    const [line = {}] = written(`
      const { tellOfPipeline } = await import('./query/pipeline-metrics.ts');
      const stopped = new AbortController();
      const look = async () => { stopped.abort(); return { stages: [], now: 0, asOf: 0 }; };
      await tellOfPipeline({ look }, { clock: systemClock, logger: processLogger('query'), signal: stopped.signal });`);
    expect(takenOf(line)).to.deep.equal([
      ['OldestUnsearchableSeconds', 0],
      ['PausedStages', 0],
    ]);
    for (const [name, metricName] of [
      ['unsearchable', 'OldestUnsearchableSeconds'],
      ['paused', 'PausedStages'],
    ] as const)
      expect(alarm(name)).to.deep.include({ namespace: 'Lazuli/dev', metricName, treatMissingData: 'breaching' });
  });

  it('is what transform writes of the copies of its store, and of no other line', () => {
    const [line = {}, other = {}] = written(`
      const { Copies } = await import('./transform/copies/copies.ts');
      let now = 0;
      const clock = { now: () => now, sleep: async () => {} };
      const store = { number: () => Promise.reject(new Error('no copy for a test')) };
      const context = { store, clock, catalog: 'hca', logger: processLogger('transform'), copying: { millis: 1, kept: 2 } };
      const copies = new Copies(context, { current: 1 }, { number: 1 });
      now = 7_200_000;
      await copies.step(false, new AbortController().signal);`);
    expect(takenOf(line)).to.deep.equal([['StoreUncopiedSeconds', 7200]]);
    expect(takenOf(other)).to.deep.equal([]);
    expect(alarm('copies')).to.deep.include({
      namespace: 'Lazuli/dev',
      metricName: 'StoreUncopiedSeconds',
      threshold: 7200,
    });
  });

  it('is what tasks of query write of exports every minute, and no worker counts as silence does', () => {
    const [line = {}] = written(`
      const { tellOfExports } = await import('./query/manifests/watching.ts');
      const stopped = new AbortController();
      const logger = processLogger('query');
      const place = (hash, at) => ({ hash, number: 1, caller: 'ann', at });
      const queue = { all: async () => [place('new', 90_000), place('taken', 10_000), place('old', 40_000)] };
      const attempts = { get: async (hash) => (hash === 'taken' ? {} : null) };
      const workers = { heard: async () => new Map([['w', { running: 1 }]]) };
      const exports = { jobs: { queue, attempts }, workers, clock: { now: () => 100_000 } };
      const clock = { sleep: async () => stopped.abort() };
      await tellOfExports(async () => exports, { clock, logger, signal: stopped.signal });`);
    expect(takenOf(line)).to.deep.equal([
      ['UnfinishedExports', 3],
      ['ExportWorkers', 1],
      ['OldestWaitingExportSeconds', 60],
    ]);
    expect(alarm('exports-silent')).to.deep.include({ threshold: 1, treatMissingData: 'breaching' });
    expect(alarm('exports-waiting')).to.deep.include({ namespace: 'Lazuli/dev', threshold: 900 });
  });

  it('is what export workers write of failed jobs, but for those that are too large, and of their disk', () => {
    const lines = written(`
      const { doJob } = await import('./exports/job.ts');
      const { tellOfDisk } = await import('./exports/disk.ts');
      const { LazuliError } = await import('./core/config/errors.ts');
      const [logger, stopped] = [processLogger('export'), new AbortController()];
      const clock = { now: () => 0, sleep: async () => stopped.abort() };
      const folder = process.env.TMPDIR ?? '/tmp';
      for (const code of ['manifest_failed', 'export_too_large']) {
        const fault = () => { throw new LazuliError(code, 'no'); };
        const job = { hash: 'h', request: { catalog: 'hca', format: 'curl', version: -1 } };
        const attempt = { job, place: { number: 1 }, losses: 9, fail: async () => {} };
        const parts = { clock, logger, fault: () => {}, make: fault, folder };
        await doJob(code === 'manifest_failed' ? parts : { ...parts, fault }, attempt, new AbortController().signal);
      }
      await tellOfDisk(folder, { clock, logger, signal: stopped.signal });`);
    const taken = lines.flatMap(takenOf);
    expect(taken.map(([name]) => name)).to.deep.equal(['FailedExports', 'ExportDiskFreePercent']);
    expect(taken[0]?.[1]).to.equal(1);
    expect(taken[1]?.[1]).to.be.within(0, 100);
    expect(alarm('exports-failed')).to.deep.include({ statistic: 'Sum', threshold: 0 });
    expect(alarm('exports-disk')).to.deep.include({ comparisonOperator: 'LessThanThreshold', threshold: 10 });
  });

  it('is probed from outside where Route 53 has its metrics, in whatever region the stack is', async () => {
    const elsewhere = await record({ ...dev, input: { ...dev.input, region: 'eu-west-1' } });
    for (const one of [recording, elsewhere]) {
      const checks = one.of('aws:route53/healthCheck:HealthCheck').map(({ inputs }) => inputs);
      expect(checks.map(({ fqdn, resourcePath, type }) => `${type} ${fqdn}${resourcePath}`)).to.deep.equal([
        'HTTPS service.dev.lazuli.example.org/health/basic',
        'HTTPS indexer.dev.lazuli.example.org/health/basic',
      ]);
      const topics = one.of('aws:sns/topic:Topic');
      const topic = topics.find(({ inputs }) => inputs.region === 'us-east-1') ?? topics[0];
      for (const { inputs } of one.of('aws:cloudwatch/metricAlarm:MetricAlarm')) {
        if (inputs.namespace !== 'AWS/Route53') continue;
        expect(inputs).to.deep.include({ region: 'us-east-1', alarmActions: [topic?.state.arn] });
      }
      const told = one.of('aws:sns/topicSubscription:TopicSubscription').map(({ inputs }) => inputs.topic);
      expect(told).to.have.members(topics.map(({ state }) => state.arn));
    }
    expect(recording.of('aws:sns/topic:Topic')).to.have.length(1);
    expect(elsewhere.of('aws:sns/topic:Topic')).to.have.length(2);
  });

  it('costs as many alarms, metrics and secrets as there are', async () => {
    for (const stack of stackFiles) {
      const { of } = await record(stack);
      const parsed = parseStack(stack.name, stack.input);
      expect(alarmsOf(parsed), stack.name).to.equal(of('aws:cloudwatch/metricAlarm:MetricAlarm').length);
      const metrics = of('aws:cloudwatch/logMetricFilter:LogMetricFilter').length;
      expect(metrics, stack.name).to.equal(parsed.monitoring.alarms ? toldMetrics : 0);
      expect(secretsOf(parsed), stack.name).to.equal(of('aws:secretsmanager/secret:Secret').length);
    }
  });
});

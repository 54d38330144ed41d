import { spawnSync } from 'node:child_process';
import { expect } from 'chai';
import { clone } from '../../cli/clone.ts';
import { alarmsOf, secretsOf } from '../../infra/costs.ts';
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

/** Whether a metric filter takes a line: each of its terms, all of the form `$.member = "text"`, holds. */
function takes(pattern: string, line: object): boolean {
  const terms = /^\{ (.+) \}$/.exec(pattern)?.[1]?.split(' && ') ?? [];
  expect(terms).to.not.be.empty;
  return terms.every((term) => {
    const [, member = '', text] = /^\$\.(\w+) = "([^"]+)"$/.exec(term) ?? [];
    expect(text, term).to.be.a('string');
    return at(line, member) === text;
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
      return [[name, at(line, value.replace('$.', ''))] as const];
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

  it('costs as many alarms and secrets as there are', async () => {
    for (const stack of stackFiles) {
      const { of } = await record(stack);
      const parsed = parseStack(stack.name, stack.input);
      expect(alarmsOf(parsed), stack.name).to.equal(of('aws:cloudwatch/metricAlarm:MetricAlarm').length);
      expect(secretsOf(parsed), stack.name).to.equal(of('aws:secretsmanager/secret:Secret').length);
    }
  });
});

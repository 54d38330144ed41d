import { expect } from 'chai';
import { Registry } from 'prom-client';
import { Pipeline, unsearchableSeconds } from '../../../core/health/pipeline.ts';
import { pipelineChecks } from '../../../core/health/pipeline-health.ts';
import { type Report, Reports } from '../../../core/runs/reports.ts';
import { noLogger } from '../../../core/runtime/logger.ts';
import { tellOfPipeline, watchPipeline } from '../../../query/pipeline-metrics.ts';

const start = 1_700_000_000_000;
const second = 1000;

/** A pipeline of two catalogs, whose stages report what they are told to. */
class Watched {
  now = start;
  asked = 0;
  broken = false;
  readonly #objects = new Map<string, Uint8Array>();
  readonly reports = new Reports({
    get: async (key) => {
      this.asked++;
      if (this.broken) throw new Error('out of order');
      return this.#objects.get(key) ?? null;
    },
    put: async (key, value) => void this.#objects.set(key, value),
  });
  readonly pipeline = new Pipeline(this.reports, ['a', 'b'], { now: () => this.now });

  /** Each stage reports that all is done, but for what is said. */
  async report(more: Readonly<Record<string, Partial<Report>>> = {}): Promise<void> {
    for (const stage of ['ingest', 'transform-a', 'transform-b']) await this.say(stage, more[stage]);
  }

  async say(stage: string, more: Partial<Report> = {}): Promise<void> {
    const done = { at: this.now, completeUntil: this.now - 100, records: 0, complete: true, documents: 0 };
    await this.reports.put(stage, { ...done, unreadable: null, paused: null, ...more });
  }

  async seconds(catalog?: string): Promise<number> {
    this.now += second;
    return unsearchableSeconds(await this.pipeline.look(), catalog);
  }

  health(key: 'queues' | 'progress') {
    this.now += second;
    return pipelineChecks(this.pipeline, { notifications: 'n', batches: 'b' })[key]?.();
  }
}

const refused = { code: 'index_unavailable', reason: 'bulk requests are answered 401', since: start - 60 * second };
const unloaded = { records: 2, documents: 7, completeUntil: start - 90 * second, paused: refused };

/** Dead letters, as stages count them. */
const given: Readonly<Record<string, Partial<Report>>> = {
  ingest: {
    deadLetters: [
      { stage: 'ingest', catalog: 'a', count: 3 },
      { stage: 'ingest', catalog: 'b', count: 0 },
      { stage: 'ingest', catalog: null, count: 1 },
    ],
  },
  'transform-b': { deadLetters: [{ stage: 'transform', catalog: 'b', count: 2 }] },
};

describe('The age of the oldest notification that is not searchable', () => {
  it('is 0 while all stages have done everything', async () => {
    const watched = new Watched();
    await watched.report();
    expect(await watched.seconds()).to.equal(0);
  });

  it('is that of the stage that is furthest behind, for all and for a catalog', async () => {
    const watched = new Watched();
    await watched.report({ ingest: { records: 1, completeUntil: start - 3 * second }, 'transform-a': unloaded });
    expect(await watched.seconds()).to.equal(91);
    watched.now = start;
    expect([await watched.seconds('a'), await watched.seconds('b')]).to.deep.equal([91, 5]);
  });

  it('rises when a stage has stopped, whatever it said last, and while reports can not be read', async () => {
    for (const stop of ['ingest', 'transform-b']) {
      const watched = new Watched();
      await watched.report();
      watched.now += 100 * second;
      for (const stage of ['ingest', 'transform-a', 'transform-b']) if (stage !== stop) await watched.say(stage);
      expect(await watched.seconds()).to.equal(101.1);
      watched.broken = true;
      expect(await watched.seconds()).to.equal(102.1);
      watched.now += 100 * second;
      expect(await watched.seconds()).to.equal(203.1);
    }
  });

  it('rises from the start of whoever watches where a stage has never reported', async () => {
    const watched = new Watched();
    await watched.say('ingest');
    await watched.say('transform-a');
    expect(await watched.seconds()).to.equal(1);
    expect(await watched.seconds()).to.equal(2);
  });
});

describe('The health of the pipeline', () => {
  it('tells what waits, and why, as of the last reports', async () => {
    const watched = new Watched();
    await watched.report({ ingest: { records: 4 }, 'transform-a': unloaded });
    expect(await watched.health('queues')).to.deep.equal({
      up: true,
      n: { up: true, messages: { delayed: 0, invisible: 0, queued: 4 } },
      b: { up: true, messages: { delayed: 0, invisible: 0, queued: 2 } },
    });
    expect(await watched.health('progress')).to.deep.equal({
      ...{ up: true, unindexed_bundles: 4, unindexed_documents: 9, oldest_unsearchable_seconds: 92 },
      paused: [{ stage: 'transform', catalog: 'a', ...refused, since: new Date(refused.since).toISOString() }],
      troubles: [
        {
          ...{ code: refused.code, stage: 'transform', catalog: 'a', reason: refused.reason },
          remedy: 'Remove the cause that OpenSearch names; work goes on by itself.',
        },
      ],
      as_of: new Date(start).toISOString(),
    });
  });

  it('tells what is not as it should be of a catalog, as its owner reported it, with the remedy', async () => {
    const watched = new Watched();
    const facts = {
      generation: 2,
      isCurrent: true,
      isBuilding: false,
      absent: ['files'],
      unconfirmed: null,
      staged: null,
    };
    await watched.report({ 'transform-b': { facts } });
    const progress = await watched.health('progress');
    expect(progress).to.deep.include({
      up: true,
      troubles: [
        {
          ...{ code: 'index_missing', stage: 'transform', catalog: 'b' },
          reason: 'Of generation 2, which serves, there is no index of files',
          remedy: 'Build another one: `lazuli reindex --catalog b`.',
        },
      ],
    });
  });

  it('says so where more waits than is known, and where a stream can not be read', async () => {
    const watched = new Watched();
    await watched.report({ ingest: { complete: false, unreadable: 'throttled' }, 'transform-b': { complete: false } });
    expect(await watched.health('queues')).to.deep.equal({
      up: false,
      n: { up: false, error: 'throttled' },
      b: { up: true, messages: { delayed: 0, invisible: 0, queued: 0 }, at_least: true },
    });
    expect(await watched.health('progress')).to.include({ up: false, at_least: true });
  });

  it('says that a stage has stopped', async () => {
    const watched = new Watched();
    await watched.report();
    watched.now += 40 * second;
    await watched.say('ingest');
    const queues = await watched.health('queues');
    expect(queues).to.deep.include({ up: false, n: { up: true, messages: { delayed: 0, invisible: 0, queued: 0 } } });
    expect(JSON.stringify(queues)).to.contain(`not reported how far it is since ${new Date(start).toISOString()}`);
    const progress = await watched.health('progress');
    expect(progress).to.include({ up: true, at_least: true });
    for (const named of [progress?.paused, progress?.troubles])
      expect(JSON.stringify(named).match(/"code":"silent"/g)).to.have.length(2);
  });

  it('tells of dead letters, by stage and catalog, and is up all the same', async () => {
    const watched = new Watched();
    await watched.report(given);
    expect(await watched.health('progress')).to.deep.include({
      up: true,
      dead_letters: [
        { stage: 'ingest', catalog: 'a', count: 3 },
        { stage: 'ingest', catalog: null, count: 1 },
        { stage: 'transform', catalog: 'b', count: 2 },
      ],
    });
    await watched.report({ ingest: { deadLetters: [] } });
    expect(await watched.health('progress')).to.deep.include({ dead_letters: [] });
    await watched.report();
    expect(await watched.health('progress')).not.to.have.property('dead_letters');
  });

  it('is down where a stage has never told anything', async () => {
    const watched = new Watched();
    await watched.say('ingest');
    expect(await watched.health('progress')).to.deep.include({ up: false, at_least: true, as_of: null });
    expect(await watched.health('queues')).to.deep.include({ up: false });
  });

  it('is found out once a second, however many ask', async () => {
    const watched = new Watched();
    await watched.report();
    await Promise.all(Array.from({ length: 500 }, () => watched.pipeline.look()));
    expect(watched.asked).to.equal(3);
  });
});

describe('What the service tells monitoring of the pipeline', () => {
  it('is metrics: age, and each stage with the reason for which it stands still', async () => {
    const watched = new Watched();
    await watched.report({ 'transform-a': unloaded });
    const registry = new Registry();
    watchPipeline(watched.pipeline, registry);
    const told = async () => (await registry.metrics()).split('\n').filter((line) => /^lazuli/.test(line));
    const stage = (stage: string, catalog: string, reason: string, value: number) =>
      `lazuli_stage_paused{stage="${stage}",catalog="${catalog}",reason="${reason}"} ${value}`;
    expect(await told()).to.deep.equal([
      'lazuli_oldest_unsearchable_seconds 90',
      stage('ingest', '', '', 0),
      stage('transform', 'a', 'index_unavailable', 1),
      stage('transform', 'b', '', 0),
    ]);
    watched.now += 2 * second;
    await watched.report();
    expect(await told())
      .to.include(stage('transform', 'a', '', 0))
      .and.not.include(stage('transform', 'a', 'index_unavailable', 1));
  });

  it('is metrics: dead letters, those that are none any more as well', async () => {
    const watched = new Watched();
    const registry = new Registry();
    watchPipeline(watched.pipeline, registry);
    const told = async () => (await registry.metrics()).split('\n').filter((line) => /^lazuli_dead/.test(line));
    await watched.report();
    expect(await told()).to.deep.equal([]);
    watched.now += 2 * second;
    await watched.report(given);
    expect(await told()).to.deep.equal([
      'lazuli_dead_letters{stage="ingest",catalog="a"} 3',
      'lazuli_dead_letters{stage="ingest",catalog="b"} 0',
      'lazuli_dead_letters{stage="ingest",catalog=""} 1',
      'lazuli_dead_letters{stage="transform",catalog="b"} 2',
    ]);
  });

  it('is lines of the log, again and again until it stops', async () => {
    const watched = new Watched();
    await watched.report({ 'transform-a': unloaded });
    const lines: object[] = [];
    const note = (fields: object, msg: string) => void lines.push({ ...fields, msg });
    const end = new AbortController();
    const clock = {
      now: () => watched.now,
      async sleep(millis: number) {
        watched.now += millis;
        if (lines.length > 3) end.abort();
      },
    };
    const logger = { ...noLogger, info: note, warn: note };
    await tellOfPipeline(watched.pipeline, { clock, logger, signal: end.signal });
    expect(lines.slice(0, 2)).to.deep.equal([
      { oldest_unsearchable_seconds: 90, paused_stages: 1, msg: 'pipeline' },
      {
        stage: 'transform',
        catalog: 'a',
        code: refused.code,
        reason: refused.reason,
        seconds: 60,
        msg: 'stage paused',
      },
    ]);
    expect(lines.at(2)).to.deep.equal({ oldest_unsearchable_seconds: 150, paused_stages: 3, msg: 'pipeline' });
  });
});

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { freePort } from '../../../cli/engines/ports.ts';
import { checkDocuments, checkFiles } from '../../../cli/pipeline/deep.ts';
import { redrive } from '../../../cli/pipeline/redrive.ts';
import { PipelineObserver } from '../../../cli/pipeline/status.ts';
import { LazuliError } from '../../../core/config/errors.ts';
import { parseSettings, type Settings } from '../../../core/config/settings.ts';
import { ownerOf } from '../../../core/control/workers.ts';
import { noLogger } from '../../../core/runtime/logger.ts';
import { FolderStore } from '../../../core/storage/folder.ts';
import { type QueryWorker, startQuery } from '../../../query/worker.ts';
import { agrees } from '../../../transform/verification/verify.ts';
import { ask, differences, none } from '../../faults/indexed.ts';
import { Pipeline } from '../../faults/pipeline.ts';
import { catalog } from '../../faults/pipeline-settings.ts';
import type { WorkerProcess } from '../../faults/worker-process.ts';
import { generatedBundles, smallWorld, temporaryFolder, type World, worldOf } from '../../faults/world.ts';
import { type GeneratedNotification, notifications } from '../../rigs/hca/notifications.ts';
import { ofNobody } from '../../rigs/http/untrue.ts';
import { until } from '../../rigs/until.ts';
import { answerOf, Callers, type Reading } from './callers.ts';
import { DamagedFiles } from './damage.ts';
import { Manifests } from './manifests.ts';
import { type AnswerFault, asked, type Role, roles, type Step, type Steps } from './steps.ts';

/** Of a source that no step is about: what is asked about it never changes. */
const stillWorld = { ...smallWorld, seed: 'still', bundles: 4, sources: 1, versions: 0, deletions: 0 } as const;
const movingWorld = { ...smallWorld, seed: 'moving', bundles: 8 } as const;
const clients = 3;
const checks = ['elasticsearch', 'layouts', 'queues', 'progress', 'exports'] as const;
/** A request that stalls is given up after a minute; then everything goes on. */
const settleMillis = 300_000;

let worlds: Promise<World> | undefined;

function world(): Promise<World> {
  const bundles = [stillWorld, movingWorld].flatMap(generatedBundles);
  worlds ??= worldOf(bundles, [...notifications(stillWorld), ...notifications(movingWorld)]);
  return worlds;
}

/** Workers as processes, a service with callers, and what is done to them. */
export class Processes implements AsyncDisposable {
  readonly #pipeline: Pipeline;
  readonly #query: QueryWorker;
  readonly #callers: Callers;
  readonly #damaged: DamagedFiles;
  readonly #workers = new Map<Role, WorkerProcess>();
  readonly #untold: GeneratedNotification[];
  readonly #told: GeneratedNotification[];
  readonly #manifests: Manifests;
  readonly #complaints: string[] = [];

  private constructor(pipeline: Pipeline, query: QueryWorker, readings: readonly Reading[], source: string) {
    this.#pipeline = pipeline;
    this.#query = query;
    this.#manifests = new Manifests(query.url, source);
    this.#callers = new Callers(query.url, readings, clients);
    this.#damaged = new DamagedFiles(pipeline.settings.folders.staging, catalog);
    this.#told = [...notifications(stillWorld)];
    this.#untold = [...notifications(movingWorld)];
  }

  /** The still source is indexed, and asked about. */
  static async open(opensearch: string): Promise<Processes> {
    const limits = { batchBundles: 3, batchMillis: 300, bucketLinks: 64, keptGenerations: 1 };
    const pipeline = await Pipeline.open({
      world: await world(),
      opensearch,
      limits,
      folders: { exports: temporaryFolder('exports') },
    });
    try {
      const settings = await withPorts(pipeline);
      const query = await startQuery(settings, { logger: noLogger });
      const still = [...notifications(stillWorld)];
      await pipeline.notify(still);
      await pipeline.spawn('ingest');
      await pipeline.spawn('transform');
      await pipeline.settled(settleMillis);
      const source = still[0]?.fqid.source.id ?? '';
      const readings = await Promise.all(pathsAbout(source).map((path) => readingOf(query.url, path)));
      const processes = new Processes(pipeline, query, readings, source);
      await processes.#stopAll();
      return processes;
    } catch (error) {
      await pipeline[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Takes every step, and lets everything come to rest. @throws Error where it isn't as it must be then */
  async run(steps: Steps): Promise<void> {
    for (const step of steps) {
      await this.#revive();
      await this.#take(step);
    }
    await this.#calm();
    await this.#pipeline.notify(this.#untold.splice(0));
    await this.#expectDamageFound();
    this.#damaged.mend();
    await this.#redrive();
    await this.#pipeline.settled(settleMillis);
    await this.#manifests.end();
    await this.#callers.end();
    this.#complaints.push(...this.#callers.wrong, ...this.#manifests.wrong);
    if (this.#callers.answers === 0) this.#complaints.push('no caller got an answer');
    if (this.#complaints.length > 0) throw new Error(this.#complaints.join('\n'));
    await this.#pipeline.expectNoLetters();
    await this.#expectTrue();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#callers.end();
    await this.#manifests.end();
    await this.#query.stop();
    await this.#pipeline[Symbol.asyncDispose]();
  }

  async #take(step: Step): Promise<void> {
    const { search, kinesis } = this.#pipeline;
    switch (step.kind) {
      case 'notify':
        return this.#notify(step.count, step.again);
      case 'kill':
        return this.#workers.get(step.role)?.stop('SIGKILL');
      case 'die at':
        return this.#workers.get(step.role)?.arm({ point: step.point, hit: step.hit });
      case 'search fails':
        return void search.add({ path: asked[step.asked], times: step.times, fault: faultOf(step.fault) });
      case 'stream fails':
        return void kinesis.proxy.add({ operation: step.operation, times: 1, fault: { kind: 'cut', when: step.when } });
      case 'damage':
        return this.#damaged.damage(step.how, step.which);
      case 'export':
        return void this.#manifests.begin();
      case 'operate':
        return this.#operate(step.what);
      case 'wait':
        await setTimeout(step.millis);
    }
  }

  async #notify(count: number, again: number): Promise<void> {
    const news = this.#untold.splice(0, count);
    await this.#pipeline.notify([...news, ...this.#told.slice(-again || this.#told.length)]);
    this.#told.push(...news);
  }

  /** An operator's command; that it is refused, or that nobody answers, is no fault. */
  async #operate(what: 'reindex' | 'rollback'): Promise<void> {
    await ask(this.#pipeline.url('transform'), 'POST', `/${what}`, { catalog }).catch(() => undefined);
  }

  /** Workers that have died are started again, as whoever looks after them does it. */
  async #revive(): Promise<void> {
    for (const role of roles)
      while (!this.#workers.get(role)?.isAlive) this.#workers.set(role, await this.#pipeline.spawn(role));
  }

  async #stopAll(): Promise<void> {
    for (const role of ['ingest', 'transform'] as const) await this.#pipeline.stop(role);
  }

  /** Nothing fails any more, but for what is damaged; who is about to die does so now. */
  async #calm(): Promise<void> {
    this.#pipeline.search.clear();
    this.#pipeline.kinesis.proxy.clear();
    for (const role of roles) await this.#workers.get(role)?.stop('SIGKILL');
    await this.#revive();
  }

  /** Where anything is damaged, everything else comes to rest, and then whoever compares finds it. */
  async #expectDamageFound(): Promise<void> {
    if (!this.#damaged.some) return;
    await this.#pipeline.settled(settleMillis);
    await this.#damaged.expectFound();
    const letters = await this.#pipeline.letters();
    const [status] = await this.#look();
    if (letters.length > 0 && status?.finished !== false)
      throw new Error('`status` says finished, in spite of dead letters');
  }

  /** As an operator does it once what was wrong is corrected. */
  async #redrive(): Promise<void> {
    for (const letter of await this.#pipeline.letters()) {
      await redrive(this.#pipeline.reachable, letter);
      await this.#pipeline.deadLetters.delete(letter.key);
    }
  }

  #look() {
    return new PipelineObserver(this.#pipeline.reachable).look();
  }

  /** All that judge agree, and are right. */
  async #expectTrue(): Promise<void> {
    const found = differences(await this.#pipeline.documents(), await this.#pipeline.world.expected());
    if (JSON.stringify(found) !== JSON.stringify(none)) throw new Error(`The index is wrong: ${JSON.stringify(found)}`);
    const settings = this.#pipeline.reachable;
    const owner = ownerOf(settings, catalog);
    await this.#finished();
    const verification = await owner.verify({ catalog });
    if (!agrees(verification)) throw new Error(`verification: ${JSON.stringify(verification)}`);
    const files = await checkFiles(new FolderStore(settings.folders.staging), catalog, () => {});
    const documents = await checkDocuments(owner, catalog, undefined, () => {});
    const findings = [...files.findings, ...documents.findings];
    if (findings.length > 0) throw new Error(`verify --deep: ${JSON.stringify(findings)}`);
  }

  /** `status` says finished, and `/health` that all is up but the endpoint, which isn't there, within moments. */
  async #finished(): Promise<void> {
    let said: unknown = null;
    const looked = async (): Promise<boolean> => {
      const [status] = await this.#look();
      const health = (await (await fetch(`${this.#query.url}/health`)).json()) as Readonly<
        Record<string, { up?: boolean }>
      >;
      said = { status, health };
      return status?.finished === true && checks.every((check) => health[check]?.up === true);
    };
    await until(looked, 60_000).catch((error: Error) => {
      throw new Error(`${error.message}: ${JSON.stringify(said)}`);
    });
  }
}

/** Ports of the service and of the export worker: workers find the latter in their file of settings. */
async function withPorts(pipeline: Pipeline): Promise<Settings> {
  const file = join(pipeline.folder, 'lazuli.json');
  const input = JSON.parse(readFileSync(file, 'utf8')) as Settings;
  const settings = { ...input, http: { ...input.http, metrics: 0, export: await freePort() } };
  writeFileSync(file, JSON.stringify(settings));
  return parseSettings(settings, file);
}

function pathsAbout(source: string): readonly string[] {
  const filters = encodeURIComponent(JSON.stringify({ sourceId: { is: [source] } }));
  return ['files', 'samples', 'projects', 'bundles'].map(
    (type) => `/index/${type}?catalog=${catalog}&size=50&filters=${filters}`,
  );
}

async function readingOf(url: string, path: string): Promise<Reading> {
  const response = await fetch(url + path);
  if (response.status !== 200)
    throw new LazuliError('unavailable', `${path}: ${response.status} ${await response.text()}`);
  return { path, answer: await answerOf(response) };
}

const partial = JSON.stringify({
  ...{ took: 1, timed_out: false, items: [], docs: [], acknowledged: false },
  _shards: { total: 2, successful: 1, skipped: 0, failed: 1 },
  hits: { total: { value: 0, relation: 'eq' }, max_score: null, hits: [] },
});

function faultOf(fault: AnswerFault) {
  switch (fault.kind) {
    case 'partial':
      return { kind: 'body', when: 'after', status: 200, text: partial } as const;
    case 'untrue': {
      const { status, text } = ofNobody[fault.how]?.({ status: 200, text: '' }) ?? { status: 200, text: '' };
      return { kind: 'body', when: fault.when, status, text } as const;
    }
    case 'items':
      return {
        kind: 'fail-items',
        status: fault.status,
        type: 'injected',
        fails: (_: string, i: number) => i % 2 === 0,
      } as const;
    default:
      return fault;
  }
}

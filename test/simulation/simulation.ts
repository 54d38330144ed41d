import { LazuliError } from '../../core/config/errors.ts';
import { StoredDeadLetters } from '../../core/storage/dead-letters.ts';
import { putRecords } from '../../core/streams/producer.ts';
import { redrivenNotification } from '../../ingest/dead-letter.ts';
import { decodeNotification, encodeNotification } from '../../ingest/notification.ts';
import { Undeletions } from '../../ingest/undeletions.ts';
import { agrees } from '../../transform/verification/verify.ts';
import type { Happening } from '../rigs/transform/worlds.ts';
import { Readers } from './readers.ts';
import { servingGeneration } from './serving.ts';
import { Settling } from './settling.ts';
import { describe, type Site } from './site.ts';
import type { Operation, Schedules, Step, Told } from './steps.ts';
import { happeningOf, sourceOf, Truth } from './truth.ts';
import { catalog, streams } from './workers.ts';

/** Virtual milliseconds for what is to be done at once, and for what may have to wait for a start. */
const soon = 100;
const long = 120_000;

/** A catalog that schedules are run on, some at a time, each with bundles, sources and entities of its own. */
export class Simulation implements AsyncDisposable {
  readonly #site: Site;
  readonly #truth = new Truth();
  readonly #undeletions: Undeletions;
  readonly #letters: StoredDeadLetters;
  readonly #settling: Settling;
  readonly #readers: Readers;
  #world = '';
  #runs = 0;
  /** whether something did when it was looked at last */
  #served = false;

  constructor(site: Site) {
    const { around, operator } = site;
    this.#site = site;
    this.#undeletions = new Undeletions(site.staging);
    this.#letters = new StoredDeadLetters(around.letters.seenBy(operator, []), () => around.time.now());
    this.#readers = new Readers(site);
    this.#settling = new Settling(site, this.#truth, this.#letters, () => this.#redrive());
  }

  /** of schedules, some at a time */
  get runs(): number {
    return this.#runs;
  }

  /** Takes every step, and lets everything come to rest. @throws Error where it isn't as it must be then */
  async run(schedules: Schedules): Promise<void> {
    const { time } = this.#site.around;
    const run = ++this.#runs;
    for (const { world, step, after } of schedules) {
      this.#world = `${run}.${world} `;
      await this.#site.revive();
      await this.#take(step);
      await time.pass(after);
      await this.#expectOneServes();
    }
    await this.#settling.expectDamageTold();
    await this.#settling.settle();
    await this.#settling.expectTrue();
    await this.#readers.end();
  }

  async #expectOneServes(): Promise<void> {
    const serves = (await servingGeneration(this.#site)) !== null;
    if (this.#served && !serves) throw new Error('Nothing serves any more');
    this.#served = serves;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#site.dispose();
  }

  async #take(step: Step): Promise<void> {
    const { kinesis, objects, search, repository, time } = this.#site.around;
    switch (step.kind) {
      case 'notify':
        return this.#notify(step.told);
      case 'stream fails':
        return void kinesis.faults.push(step.fault);
      case 'objects fail':
        return void objects.faults.push(...repeated(step.fault, step.times));
      case 'search fails':
        return void search.faults.push(...repeated(step, step.times));
      case 'repository fails':
        return void repository.faults.push(step.code);
      case 'die at':
        return this.#site.dieAt(step.role, step.point, step.hits, step.store);
      case 'kill':
        return this.#site.kill(step.role, step.store);
      case 'kill starting':
        return this.#site.killStarting(step.role, step.asks, step.store);
      case 'disk full':
        this.#site.around.disk.full += step.statements;
        return;
      case 'damage':
        return objects.damage(catalog, step.of, step.how, step.which);
      case 'clock':
        return this.#site.setClock(step.role, step.ahead);
      case 'hold':
        return this.#site.transform?.life.hold(step.at);
      case 'release':
        return this.#site.release();
      case 'take over':
        return this.#site.takeOver(step.store);
      case 'pause':
        return this.#site.halts.halt(step.stage);
      case 'resume':
        return this.#site.halts.resume(step.stage);
      case 'export':
        return this.#readers.begin();
      case 'operate':
        return this.#operate(step.what);
      case 'remove source':
        return this.#removeSource(sourceOf(step.source, this.#world).id);
      case 'wait':
        return time.pass(step.millis);
    }
  }

  /** As the endpoint does: a number first, then the stream. */
  async #notify(all: readonly Told[]): Promise<void> {
    for (const told of all) {
      const { fqid } = happeningOf(told, 0, this.#world);
      const named = { catalog, source: fqid.source.id, uuid: fqid.uuid, version: fqid.version };
      const happening = happeningOf(told, await this.#undeletions.number(told.action, named), this.#world);
      this.#site.around.repository.put(fqid, happening.contents);
      this.#truth.add(happening);
      await this.#put(happening);
    }
  }

  async #put({ action, number, fqid }: Happening): Promise<void> {
    const notification = { bundle_fqid: { ...fqid } };
    await this.#send(fqid.uuid, encodeNotification({ action, catalog, number, notification }));
  }

  async #send(partitionKey: string, data: Uint8Array): Promise<void> {
    const { around, operator } = this.#site;
    const clock = around.time.clock(operator);
    const put = putRecords(around.kinesis.client(operator), streams.notifications, [{ partitionKey, data }], { clock });
    if (!(await around.time.until(put, long))) throw new Error('The endpoint gets no answer');
    await put;
  }

  /** An operator's command; that it is refused, or that nobody answers, is no fault. */
  async #operate(what: Operation): Promise<void> {
    if (what === 'redrive') return this.#redrive();
    const { transform, around, complaints } = this.#site;
    if (transform === null) return;
    const refused = (error: unknown): void => {
      if (transform.life.alive && !(error instanceof LazuliError)) complaints.push(`${what}: ${describe(error)}`);
    };
    await around.time.until(this.#command(what).catch(refused), soon);
  }

  async #command(what: Exclude<Operation, 'redrive'>): Promise<unknown> {
    const owner = this.#site.transform?.owner;
    if (owner === undefined) return;
    const [latest] = await owner.runs();
    switch (what) {
      case 'reindex':
        return owner.build();
      case 'start run':
        return owner.startRun();
      case 'cancel run':
        return owner.cancelRun(latest?.id ?? '');
      case 'resume run':
        return owner.resumeRun(latest?.id ?? '');
      case 'roll back':
        return owner.rollBack();
      case 'drop generation':
        return owner.drop(owner.progress.kept[0] ?? 0);
      case 'replay':
        return owner.replay(0);
      case 'verify': {
        const verification = await owner.verify();
        if (!agrees(verification)) this.#site.complaints.push(`verification: ${JSON.stringify(verification)}`);
      }
    }
  }

  /** What is on its way at that moment could be on either side of it, so the operator waits for it. */
  async #removeSource(source: string): Promise<void> {
    this.#readers.allowGone();
    await this.#settling.ingested();
    await this.#settling.persist(async () => {
      const removed = this.#site.transform?.owner.removeSource(source);
      return removed !== undefined && (await this.#settling.succeeds(removed)) ? null : `${source} is not removed`;
    });
    this.#truth.forget(source);
    this.#settling.removed.add(source);
  }

  /** All dead letters, as the command does it. */
  async #redrive(): Promise<void> {
    for (const { key, kind, payload } of (await this.#letters.list({ limit: 1000 })).letters) {
      if (kind === 'batch') {
        if (!(await this.#settling.isMended((payload as { batch: string }).batch))) continue;
      } else if (kind === 'notification') await this.#notifyAgain(payload);
      else if (!(await this.#touch(payload as { entityType: string; entityId: string }))) continue;
      await this.#letters.delete(key);
    }
  }

  async #notifyAgain(payload: unknown): Promise<void> {
    const { partitionKey, data } = redrivenNotification(payload);
    const { action, number, notification } = decodeNotification(data);
    const { source, uuid, version } = notification.bundle_fqid;
    const [world = '', bundle] = uuid.split('bundle ');
    const subject = { source: Number(source.id.at(-1)), bundle: Number(bundle), version: Number(version) };
    const spec = source.spec === sourceOf(subject.source, world).spec ? 0 : 1;
    this.#truth.add(happeningOf({ action, spec, ...subject }, number, world));
    await this.#send(partitionKey, data);
  }

  /** @returns whether it is certain to happen */
  async #touch({ entityType, entityId }: { entityType: string; entityId: string }): Promise<boolean> {
    const number = this.#settling.entityTypes.indexOf(entityType);
    const touched = this.#site.transform?.owner.touch({ entityType: number, entityId });
    return touched !== undefined && this.#settling.succeeds(touched);
  }
}

function repeated<T>(one: T, times: number): readonly T[] {
  return Array.from({ length: times }, () => one);
}
